/* desk.c: gate, token, authority, record, in this order.
 *
 * The order of writing is what a power cut leaves right: the token's file knows the answer before
 * the ledger, the ledger before the record, the record before the device. */
#include "pki/enrol/desk.h"

#include "common/posix/file.h"
#include "common/posix/secrets.h"
#include "pki/enrol/records.h"
#include "pki/token.h"

#include <string.h>

#define RETRY_SOON (30 * WG_SECOND)

bool desk_init(struct desk *desk, const struct enrol_settings *settings, struct wg_error *err)
{
    char key[PATH_MAX];
    desk->settings = settings;
    gate_init(&desk->gate, &settings->claim);
    return (wg_path_join(key, sizeof key, settings->pki, "device/enrolment.key", err) &&
            wg_secret_path_check(key, err)) ||
           wg_context(err, "the key that signs enrolment records");
}

/* Under the folder's lock. */
static bool give(struct desk *desk, struct authority *authority,
                 const struct wg_claim_request *request, wg_time now, struct reply *reply,
                 struct wg_error *err)
{
    struct claimed claimed;
    struct wg_claim_answer answer;
    const struct enrol_settings *settings = desk->settings;
    if (!token_claim(settings->pki, authority, request, now, &claimed, err)) return false;
    if (!claimed.noted && (!records_append(settings->claim.records, claimed.record, err) ||
                           !token_note(settings->pki, request->device, err)))
        return false;
    (void)wg_copy(answer.chain, sizeof answer.chain, claimed.chain);
    (void)wg_copy(answer.record, sizeof answer.record, claimed.record);
    reply->status = 200;
    return wg_claim_answer_encode(&answer, &reply->body, err);
}

static bool open_and_give(struct desk *desk, const struct wg_claim_request *request, wg_time now,
                          struct reply *reply, struct wg_error *err)
{
    struct authority authority;
    int lock = -1;
    const char *pki = desk->settings->pki;
    if (!authority_lock_now(pki, &lock, err)) return false;
    bool ok = authority_open(pki, DOMAIN_DEVICE, &authority, err);
    if (!ok && err->code != WG_E_MEMORY) err->code = WG_E_FAILED; /* ours: 503, whatever it is */
    ok = ok && give(desk, &authority, request, now, reply, err);
    authority_clear(&authority);
    authority_unlock(lock);
    return ok;
}

/* What is the device's fault is told; what is ours is not told in detail. */
static void refuse(struct reply *reply, const struct wg_error *err)
{
    switch (err->code) {
    case WG_E_DENIED:
        reply_problem(reply, 403, err->text);
        break;
    case WG_E_CONFLICT:
        reply_problem(reply, 409, err->text);
        break;
    case WG_E_VERIFY:
    case WG_E_BAD_INPUT:
    case WG_E_LIMIT:
        reply_problem(reply, 400, err->text);
        break;
    default:
        reply->retry = RETRY_SOON;
        reply_problem(reply, 503, "the authority cannot answer now: ask again");
    }
}

static void log_outcome(const char *address, const char *device, const struct reply *reply,
                        const struct wg_error *err)
{
    if (reply->status == 200)
        wg_log(WG_LOG_INFO, "claimed", "device", device, "from", address, NULL);
    else
        wg_log(reply->status == 503 ? WG_LOG_ERROR : WG_LOG_WARN, "claim refused", "device", device,
               "from", address, "error", err->text, NULL);
}

static void judge(struct desk *desk, const char *address, const struct wg_claim_request *request,
                  wg_time now, wg_time monotonic, struct reply *reply)
{
    struct wg_error err = {0};
    bool ok = false;
    reply->retry = gate_look(&desk->gate, address, request->device, monotonic);
    if (reply->retry > 0) {
        (void)wg_fail(&err, WG_E_DENIED, "too many wrong tokens: not looked at");
        reply_problem(reply, 429, "too many wrong tokens");
    } else {
        ok = token_check(desk->settings->pki, request, now, &err);
        if (!ok && err.code == WG_E_DENIED)
            gate_wrong(&desk->gate, address, request->device, monotonic);
        ok = ok && open_and_give(desk, request, now, reply, &err);
        if (!ok) refuse(reply, &err);
    }
    log_outcome(address, request->device, reply, &err);
}

void desk_take(struct desk *desk, const char *address, const char *body, size_t len, wg_time now,
               wg_time monotonic, struct reply *reply)
{
    struct wg_claim_request request;
    struct wg_error err = {0};
    reply->retry = gate_request(&desk->gate, address, monotonic);
    if (reply->retry > 0) {
        reply_problem(reply, 429, "too many requests");
        return;
    }
    if (!wg_claim_request_decode(body, len, &request, &err)) {
        wg_log(WG_LOG_WARN, "claim refused", "from", address, "error", err.text, NULL);
        reply_problem(reply, 400, err.text);
        return;
    }
    judge(desk, address, &request, now, monotonic, reply);
    explicit_bzero(request.token, sizeof request.token);
}
