/* body_fuzz.c: the JSON that routes of wavegate-api read: the first line is "METHOD /path", the
 * rest a body; it goes to the route's own handler, as an owner, over a database that is away
 * (no_db.c). Whatever is refused is said in words that can be shown, and no word of a password or a
 * token is among them. */
#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/routes.h"
#include "tests/fuzz/target.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define BODY_MAX ((size_t)64 * 1024)
#define SECRET_MIN 10 /* shorter ones may be in any text by chance */
#define NOW (1700000000LL * WG_SECOND)

static struct settings settings;
static struct api api;
static struct who who;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void set_up(void)
{
    struct wg_error err = {0};
    (void)snprintf(settings.operators_root, sizeof settings.operators_root, "%s",
                   WG_FUZZ_PKI "/root.pem");
    (void)snprintf(settings.api.url, sizeof settings.api.url, "https://h");
    settings.api.body_max = (int64_t)BODY_MAX;
    api.settings = &settings;
    api.authority = authority_new(&settings, &err);
    MUST(api.authority, "%s", err.text);
    who = (struct who){.name = "olga", .how = WHO_SESSION, .known = true, .id = 1};
    grants_of_role(ROLE_OWNER, &who.grants);
    who.permissions = grants_permissions(&who.grants);
}

static void must_not_tell(const json_t *body, const char *text)
{
    static const char *const keys[] = {"password", "old", "new", "token"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *secret = json_string_value(json_object_get(body, keys[i]));
        MUST(!secret || strlen(secret) < SECRET_MIN || !strstr(text, secret),
             "%s is in the words: %s", keys[i], text);
    }
}

static void check_answer(const struct api_call *call, bool ok, const struct wg_error *err)
{
    const struct http_answer *answer = call->answer;
    MUST(answer->status >= 200 && answer->status < 600, "status %u", answer->status);
    if (answer->status >= 400 || ok) {
        if (answer->body.len == 0) return;
        json_t *document =
            wg_json_parse(answer->body.data, answer->body.len, HTTP_ANSWER_MAX, NULL);
        MUST(document, "no JSON: %s", wg_buf_str(&answer->body));
        must_not_tell(call->body, wg_buf_str(&answer->body));
        json_decref(document);
    } else {
        target_refused(err);
        must_not_tell(call->body, err->text);
    }
}

static void handle(const struct api_route *route, struct api_call *call)
{
    struct wg_error err = {0};
    bool ok = route->handle(call, &err);
    api_tame(&err);
    check_answer(call, ok, &err);
}

static void ask(const char *method, const char *path, json_t *body)
{
    char allowed[API_ALLOWED_TEXT];
    struct http_target *target = malloc(sizeof *target);
    struct http_answer *answer = malloc(sizeof *answer);
    struct who *asks = malloc(sizeof *asks);
    MUST(target && answer && asks, "out of memory");
    http_answer_init(answer);
    *asks = who;
    const struct http_request request = {
        .method = method, .target = target, .body = "", .address = "192.0.2.1", .chain = ""};
    struct api_call call = {.api = &api,
                            .settings = &settings,
                            .request = &request,
                            .answer = answer,
                            .who = asks,
                            .db = (struct db *)&api, /* nobody looks into it */
                            .body = body,
                            .now = NOW};
    if (http_target_parse(path, target, NULL)) {
        call.route = api_route_find(method, target->path, call.values, allowed);
        if (call.route && (call.route->flags & API_BODY) && !(call.route->flags & API_STREAMS))
            handle(call.route, &call);
    }
    json_decref(call.body);
    http_answer_clear(answer);
    free(asks);
    free(answer);
    free(target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)pthread_once(&once, set_up);
    struct wg_error err = {0};
    char *line = target_line(&data, &size);
    char *path = line ? strchr(line, ' ') : NULL;
    json_t *body = path ? wg_json_parse((const char *)data, size, BODY_MAX, &err) : NULL;
    if (json_is_object(body)) {
        *path++ = '\0';
        ask(line, path, body);
    } else {
        json_decref(body);
    }
    free(line);
    return 0;
}
