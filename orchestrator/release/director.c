/* director.c: signs orders with the key of one file, or has the signer sign them. */
#include "orchestrator/release/director.h"

#include "common/posix/file.h"
#include "common/signed.h"
#include "orchestrator/release/signer_wire.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct director {
    struct wg_identity_key key;
    char socket[PATH_MAX]; /* "": the key is here */
    int fd;                /* -1: not connected */
};

static struct director *make(struct wg_error *err)
{
    struct director *director = calloc(1, sizeof *director);
    if (director)
        director->fd = -1;
    else
        (void)wg_fail_memory(err, "preparing the director");
    return director;
}

struct director *director_new(const char *key_file, struct wg_error *err)
{
    struct director *director = make(err);
    if (!director || wg_identity_load(key_file, &director->key, err)) return director;
    (void)wg_context(err, "director's key");
    director_free(director);
    return NULL;
}

struct director *director_remote(const char *socket, struct wg_error *err)
{
    struct director *director = make(err);
    if (!director || wg_copy(director->socket, sizeof director->socket, socket)) return director;
    (void)wg_fail(err, WG_E_LIMIT, "signer: the path is too long");
    director_free(director);
    return NULL;
}

static void hang_up(struct director *director)
{
    if (director->fd >= 0) (void)close(director->fd);
    director->fd = -1;
}

void director_free(struct director *director)
{
    if (!director) return;
    hang_up(director);
    wg_identity_clear(&director->key);
    free(director);
}

static bool write_order(const json_t *envelope, struct wg_buf *out, struct wg_error *err)
{
    char *text = json_dumps(envelope, JSON_COMPACT);
    if (!text) return wg_fail_memory(err, "writing an order");
    wg_buf_text(out, text);
    free(text);
    return wg_buf_check(out, err, "an order");
}

/* A signer that was started anew has closed the old connection: it is asked once more. */
static json_t *ask(struct director *director, const json_t *question, struct wg_error *err)
{
    for (int tries = 0; tries < 2; tries++) {
        struct wg_error problem = {0};
        bool fresh = director->fd < 0;
        if (fresh) director->fd = signer_wire_connect(director->socket, &problem);
        json_t *answer = NULL;
        if (director->fd >= 0 && signer_wire_send(director->fd, question, &problem))
            answer = signer_wire_receive(director->fd, NULL, &problem);
        if (answer) return answer;
        hang_up(director);
        *err = problem;
        if (fresh) break;
    }
    return NULL;
}

static bool add_campaign(json_t *question, const struct director_request *request,
                         struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, SIGNER_FRAME_MAX);
    bool ok = request->campaign ? request->campaign(request->ctx, &text, err)
                                : wg_fail(err, WG_E_NOT_FOUND, "signer: no campaign to show");
    if (ok &&
        json_object_set_new(question, "campaign", json_stringn(wg_buf_str(&text), text.len)) != 0)
        ok = wg_fail_memory(err, "asking the signer");
    wg_buf_clear(&text);
    return ok;
}

static bool read_answer(const json_t *answer, struct wg_buf *out, struct wg_error *err)
{
    const json_t *envelope = json_object_get(answer, "envelope");
    const char *text = json_string_value(json_object_get(json_object_get(answer, "error"), "text"));
    if (envelope) return write_order(envelope, out, err);
    return wg_fail(err, WG_E_DENIED, "the signer refuses: %s", text ? text : "it does not say why");
}

/* What is no JSON the signer does not get to see, and misses. */
static bool add_enrolment(json_t *question, const char *record, struct wg_error *err)
{
    struct wg_error ignored = {0};
    json_t *enrolment = wg_json_parse(record, strlen(record), WG_MESSAGE_MAX, &ignored);
    return !enrolment || json_object_set_new(question, "enrolment", enrolment) == 0 ||
           wg_fail_memory(err, "asking the signer");
}

static bool sign_remote(struct director *director, json_t *body,
                        const struct director_request *request, struct wg_buf *out,
                        struct wg_error *err)
{
    json_t *question =
        json_pack("{s:O,s:s,s:O*}", "order", body, "wave", request->wave, "gates", request->gates);
    if (!question) return wg_fail_memory(err, "asking the signer");
    json_t *answer =
        add_enrolment(question, request->enrolment, err) ? ask(director, question, err) : NULL;
    bool ok = answer != NULL;
    if (ok && json_object_get(answer, "need")) {
        json_decref(answer);
        answer = add_campaign(question, request, err) ? ask(director, question, err) : NULL;
        ok = answer != NULL;
    }
    ok = ok && read_answer(answer, out, err);
    json_decref(answer);
    json_decref(question);
    return ok;
}

bool director_sign(struct director *director, const struct director_request *request,
                   struct wg_buf *out, struct wg_error *err)
{
    json_t *body = wg_order_make(request->order, request->warrant, err);
    if (!body) return false;
    bool ok = director->socket[0] ? sign_remote(director, body, request, out, err)
                                  : wg_signed_write(body, &director->key, out, err);
    json_decref(body);
    return ok;
}
