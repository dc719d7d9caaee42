/* answer.c: reads a request, has it judged, signs. */
#include "orchestrator/signer/answer.h"

#include "common/log.h"
#include "common/posix/signed_by.h"

#include <string.h>

static const char *code_word(enum wg_error_code code)
{
    switch (code) {
    case WG_E_DENIED:
        return "denied";
    case WG_E_NOT_FOUND:
        return "not-found";
    case WG_E_BAD_INPUT:
        return "bad-input";
    default:
        return "failed";
    }
}

/* "wave" is told beside the order: the device need not know it. The order is read as the device
 * will read it. */
static bool read_request(const json_t *request, struct wg_order *order, char wave[WG_NAME_MAX + 1],
                         struct wg_error *err)
{
    json_t *body = NULL;
    if (!wg_json_object(request, "order", &body, err) ||
        !wg_json_text(request, "wave", wave, WG_NAME_MAX + 1, err))
        return false;
    json_t *envelope = json_pack("{s:O}", "signed", body);
    if (!envelope) return wg_fail_memory(err, "reading a request");
    bool ok = wg_order_read(envelope, order, err);
    json_decref(envelope);
    return ok;
}

static json_t *refusal(const struct wg_order *order, const struct wg_error *why)
{
    wg_log(WG_LOG_WARN, "order refused", "device", order->device, "campaign", order->campaign,
           "order", order->id, "reason", why->text, NULL);
    return json_pack("{s:{s:s,s:s}}", "error", "code", code_word(why->code), "text", why->text);
}

json_t *answer_to(struct judge *judge, struct wg_signing_key *director, const json_t *request,
                  wg_time now, struct wg_error *err)
{
    struct wg_order order = {.kind = WG_ORDER_INSTALL};
    struct wg_error why = {0};
    char wave[WG_NAME_MAX + 1] = "";
    enum judge_answer answer = JUDGE_REFUSE;
    json_t *out = NULL, *body = json_object_get(request, "order");
    if (read_request(request, &order, wave, &why)) {
        const struct judge_request asked = {
            .order = &order,
            .warrant = json_object_get(body, "warrant"),
            .gates = json_object_get(request, "gates"),
            .wave = wave,
            .enrolment = json_object_get(request, "enrolment"),
            .campaign = json_string_value(json_object_get(request, "campaign"))};
        answer = judge_order(judge, &asked, now, &why);
    }
    if (answer == JUDGE_NEEDS_CAMPAIGN) out = json_pack("{s:s}", "need", "campaign");
    if (answer == JUDGE_REFUSE) out = refusal(&order, &why);
    if (answer == JUDGE_SIGN) {
        json_t *envelope = wg_signed_by(body, director, &why);
        out = envelope ? json_pack("{s:o}", "envelope", envelope) : refusal(&order, &why);
    }
    if (!out) (void)wg_fail_memory(err, "answering");
    return out;
}
