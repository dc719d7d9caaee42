/* once.c: the key, what it was used for, and the answer that was given. */
#include "orchestrator/api/once.h"

#include "common/crypto.h"
#include "common/log.h"
#include "common/text.h"
#include "orchestrator/store/once_row.h"

#include <stdlib.h>
#include <string.h>

/* Answers that hold something that is shown once are not kept, nor what is longer. */
#define KEPT_MAX ((size_t)256 * 1024)

static bool hash_file(const struct spool *file, struct wg_sha256 *sha, struct wg_error *err)
{
    char block[16384];
    size_t got;
    do {
        if (!spool_read(file, block, sizeof block, &got, err) ||
            !wg_sha256_add(sha, block, got, err))
            return false;
    } while (got > 0);
    return spool_rewind(file, err);
}

static bool hash_request(const struct api_call *call, char hex[WG_SHA256_HEX], struct wg_error *err)
{
    const struct http_request *request = call->request;
    uint8_t hash[WG_SHA256_SIZE];
    struct wg_sha256 sha;
    struct wg_buf head;
    wg_buf_init(&head, sizeof request->target->text + 256);
    wg_buf_printf(&head, "%s %s\n", request->method, request->target->path);
    for (size_t i = 0; i < request->target->count; i++)
        wg_buf_printf(&head, "%s=%s\n", request->target->parameters[i].name,
                      request->target->parameters[i].value);
    bool ok = wg_buf_check(&head, err, "a request") && wg_sha256_init(&sha, err);
    if (!ok) {
        wg_buf_clear(&head);
        return false;
    }
    ok = wg_sha256_add(&sha, head.data, head.len, err) &&
         wg_sha256_add(&sha, request->body, request->body_len, err) &&
         (!request->file || hash_file(request->file, &sha, err)) && wg_sha256_end(&sha, hash, err);
    wg_sha256_clear(&sha);
    wg_buf_clear(&head);
    if (ok) wg_hex(hash, sizeof hash, hex);
    return ok;
}

static bool is_key(const char *key)
{
    size_t len = strlen(key);
    for (const char *c = key; *c; c++)
        if (*c <= ' ' || *c >= 0x7f) return false;
    return len > 0 && len <= ONCE_KEY_MAX;
}

static bool repeat(struct api_call *call, struct once_answer *answered)
{
    struct http_answer *answer = call->answer;
    answer->status = answered->status;
    (void)wg_copy(answer->type, sizeof answer->type, answered->type);
    wg_buf_text(&answer->body, answered->body);
    (void)http_answer_header(answer, "Idempotency-Replayed", "true");
    return true;
}

static void keep(struct api_call *call, const struct once_row *row)
{
    struct wg_error err = {0};
    const struct http_answer *answer = call->answer;
    bool kept = answer->status < 500 && answer->body.len <= KEPT_MAX && !answer->secret &&
                !answer->stream.read;
    bool ok = kept ? once_row_end(call->db, row, answer->status, answer->type,
                                  wg_buf_str(&answer->body), &err)
                   : once_row_drop(call->db, row, &err);
    if (!ok) wg_log_error("the key of a write", &err);
}

bool once_handle(struct api_call *call, bool (*handle)(struct api_call *, struct wg_error *),
                 struct wg_error *err)
{
    char hex[WG_SHA256_HEX];
    enum once_state state;
    struct once_answer answered;
    const char *key = http_request_header(call->request, "Idempotency-Key");
    if (!key || call->who->how == WHO_NOBODY) return handle(call, err);
    if (!is_key(key))
        return wg_fail(err, WG_E_USAGE, "Idempotency-Key: 1 to %d printable signs", ONCE_KEY_MAX);
    const struct once_row row = {.person = call->who->name, .key = key, .request = hex};
    if (!hash_request(call, hex, err) ||
        !once_row_begin(call->db, &row, call->now, &state, &answered, err))
        return false;
    if (state == ONCE_OTHER)
        return api_problem(call, 422, "key-reused", NULL, err,
                           "this Idempotency-Key was used for another request");
    if (state == ONCE_UNDERWAY)
        return api_problem(call, 409, "under-way", NULL, err,
                           "the same request is being done: ask again");
    if (state == ONCE_ANSWERED) {
        bool ok = repeat(call, &answered);
        free(answered.body);
        return ok;
    }
    bool ok = handle(call, err);
    db_rollback(call->db);
    if (!ok && call->answer->status < 400) {
        struct wg_error problem = {0};
        if (!once_row_drop(call->db, &row, &problem)) wg_log_error("the key of a write", &problem);
        return false;
    }
    keep(call, &row);
    return ok;
}
