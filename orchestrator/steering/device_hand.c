/* device_hand.c: revoke, reinstate and erase. */
#include "orchestrator/steering/device_hand.h"

#include "common/age/key.h"
#include "common/text.h"
#include "orchestrator/store/campaign_row.h"
#include "orchestrator/store/device_row.h"
#include "orchestrator/store/erasure_row.h"

bool device_hand_revoke(struct db *db, struct revoking *revoking, wg_time now, struct wg_error *err)
{
    return device_row_revoke(db, revoking->device, revoking->on, revoking->why, now,
                             &revoking->changed, err) &&
           (revoking->on || erasure_row_drop(db, revoking->device, now, &revoking->dropped, err)) &&
           store_notify(db, err);
}

void device_hand_words(const struct revoking *revoking, char out[REVOKING_WORDS])
{
    const char *device = revoking->device;
    if (!revoking->changed)
        (void)wg_format(out, REVOKING_WORDS, "%s is %s already.", device,
                        revoking->on ? "revoked" : "not revoked");
    else if (revoking->on)
        (void)wg_format(out, REVOKING_WORDS,
                        "%s is revoked: it is offered nothing, and no artifact is opened to it. "
                        "Its certificate: wavegate-pki revoke %s",
                        device, device);
    else
        (void)wg_format(out, REVOKING_WORDS, "%s is revoked no more%s.", device,
                        revoking->dropped ? ", and not told any more to erase its keys" : "");
}

void device_hand_erase_statement(const char *device, struct statement *out)
{
    *out = (struct statement){.kind = STATEMENT_ERASE};
    (void)wg_copy(out->device, sizeof out->device, device);
}

bool device_hand_erase(struct db *db, struct erasing *erasing, wg_time now, struct wg_error *err)
{
    struct statement say;
    struct wg_buf text;
    bool revoked = false;
    const struct signing *signing = erasing->signing;
    wg_buf_init(&text, STATEMENT_MAX);
    device_hand_erase_statement(erasing->device, &say);
    bool ok = signing->sign(signing->ctx, &say, &text, err);
    const struct erasure_asking asking = {.device = erasing->device,
                                          .by = ok ? signing->who->name : "",
                                          .reason = erasing->why,
                                          .statement = wg_buf_str(&text)};
    ok = ok && device_row_revoke(db, erasing->device, true, erasing->why, now, &revoked, err) &&
         erasure_row_ask(db, &asking, now, &erasing->asked, err) && store_notify(db, err);
    wg_buf_clear(&text);
    return ok;
}

bool device_hand_age_key(struct db *db, const char *device, const char *recipient,
                         struct wg_error *err)
{
    struct age_recipient known;
    if (!age_recipient_read(recipient, &known, err)) return wg_context(err, "recipient");
    return device_row_age_key(db, device, recipient, err);
}
