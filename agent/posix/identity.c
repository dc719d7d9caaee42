/* identity.c: does what the rules of renewal say. */
#include "agent/posix/identity.h"

#include "common/log.h"

#include <string.h>

/* What fails here is the disk: no reason to hurry. */
#define AFTER_FAILURE (10 * WG_MINUTE)

/* Anything that differs between devices and stays with the certificate will do. */
static uint32_t spread_of(const struct wg_x509 *certificate)
{
    char hash[WG_SHA256_HEX], text[WG_NAME_MAX + WG_SERIAL_MAX + 2];
    uint32_t random = 0;
    if (!wg_format(text, sizeof text, "%s %s", certificate->name, certificate->serial) ||
        !wg_sha256_of(text, strlen(text), hash, NULL))
        return 0;
    hash[2 * sizeof random] = '\0';
    return wg_unhex(hash, &random, sizeof random) ? random : 0;
}

static void start(struct identity *identity)
{
    const struct wg_x509 *present = &identity->store.present_x509;
    renewal_init(&identity->renewal, spread_of(present));
    renewal_set_present(&identity->renewal, present->not_before, present->not_after);
    renewal_set_next(&identity->renewal, identity->store.has_next);
}

bool identity_open(struct identity *identity, const char *state, const struct renewal_pair *factory,
                   struct wg_error *err)
{
    memset(identity, 0, sizeof *identity);
    if (!renewal_store_open(&identity->store, state, factory, err))
        return wg_context(err, "the device's identity");
    start(identity);
    return true;
}

const struct renewal_pair *identity_pick(struct identity *identity, wg_time monotonic)
{
    identity->on_next = renewal_pick(&identity->renewal, monotonic);
    return identity->on_next ? &identity->store.next : &identity->store.present;
}

void identity_up(struct identity *identity, wg_time monotonic)
{
    renewal_up(&identity->renewal, identity->on_next, monotonic);
}

void identity_failed(struct identity *identity, wg_time monotonic)
{
    renewal_failed(&identity->renewal, identity->on_next, monotonic);
}

void identity_down(struct identity *identity)
{
    renewal_down(&identity->renewal);
}

static bool make_key(struct identity *identity, struct wg_error *err)
{
    if (!renewal_store_make_key(&identity->store, err)) return false;
    renewal_set_next(&identity->renewal, identity->store.has_next);
    wg_log(WG_LOG_INFO, "certificate is due: a new key is made", NULL);
    return true;
}

static bool drop(struct identity *identity, struct wg_error *err)
{
    if (!renewal_store_drop(&identity->store, err)) return false;
    renewal_set_next(&identity->renewal, identity->store.has_next);
    wg_log(WG_LOG_WARN, "the renewed certificate never worked: it is dropped", NULL);
    return true;
}

/* One action; false: it failed. */
static bool carry_out(struct identity *identity, enum renewal_action action, struct wg_buf *out,
                      enum identity_wish *wish, struct wg_error *err)
{
    switch (action) {
    case RENEWAL_REST:
        *wish = IDENTITY_REST;
        return true;
    case RENEWAL_MAKE_KEY:
        return make_key(identity, err);
    case RENEWAL_DROP:
        return drop(identity, err);
    case RENEWAL_ASK:
        *wish = IDENTITY_PUBLISH;
        return renewal_store_ask(&identity->store, out, err);
    case RENEWAL_TELL:
        *wish = IDENTITY_PUBLISH;
        return renewal_store_tell(&identity->store, out, err);
    case RENEWAL_SWITCH:
        *wish = IDENTITY_RECONNECT;
        renewal_down(&identity->renewal);
        return true;
    }
    return true;
}

enum identity_wish identity_step(struct identity *identity, wg_time now, wg_time monotonic,
                                 struct wg_buf *out)
{
    for (;;) {
        struct wg_error err = {0};
        enum identity_wish wish = IDENTITY_REST;
        enum renewal_action action = renewal_act(&identity->renewal, now, monotonic);
        bool ok = carry_out(identity, action, out, &wish, &err);
        if (!ok) {
            wg_log_error("renewing the certificate", &err);
            renewal_pause(&identity->renewal, monotonic + AFTER_FAILURE);
            return IDENTITY_REST;
        }
        if (action != RENEWAL_MAKE_KEY && action != RENEWAL_DROP) return wish;
    }
}

wg_time identity_wake(const struct identity *identity, wg_time now, wg_time monotonic)
{
    return renewal_wake(&identity->renewal, now, monotonic);
}

static void refused(struct identity *identity, const struct wg_cert_message *answer,
                    wg_time monotonic)
{
    wg_log(WG_LOG_WARN, "certificate not renewed", "cause", wg_cert_cause_text(answer->cause),
           "detail", answer->detail, NULL);
    renewal_refused(&identity->renewal, answer->retry, monotonic);
}

static bool issued(struct identity *identity, const struct wg_cert_message *answer,
                   struct wg_error *err)
{
    /* sent twice, it changes nothing: what is tried already is not tried anew */
    if (identity->store.has_next != RENEWAL_NEXT_KEY) return true;
    if (!renewal_store_take(&identity->store, answer, err)) return false;
    renewal_set_next(&identity->renewal, identity->store.has_next);
    wg_log(WG_LOG_INFO, "certificate renewed: it is tried", NULL);
    return true;
}

/* The session that runs shows the pair that is the present one from now on. */
static bool settled(struct identity *identity, const struct wg_cert_message *answer,
                    wg_time monotonic, struct wg_error *err)
{
    if (!renewal_store_promote(&identity->store, answer->serial, err)) return false;
    start(identity);
    identity->on_next = false;
    renewal_up(&identity->renewal, false, monotonic);
    wg_log(WG_LOG_INFO, "the renewed certificate is in force", "serial", answer->serial, NULL);
    return true;
}

bool identity_take(struct identity *identity, const struct wg_cert_message *answer,
                   wg_time monotonic)
{
    struct wg_error err = {0};
    bool ok = true, changed = false;
    if (answer->kind == WG_CERT_REFUSED) refused(identity, answer, monotonic);
    if (answer->kind == WG_CERT_ISSUED) ok = issued(identity, answer, &err);
    if (answer->kind == WG_CERT_SETTLED)
        ok = changed =
            identity->renewal.up && identity->on_next && settled(identity, answer, monotonic, &err);
    if (!ok && err.text[0]) wg_log_error("an answer about the certificate is not taken", &err);
    return changed;
}
