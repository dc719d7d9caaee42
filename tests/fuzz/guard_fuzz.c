/* guard_fuzz.c: what a client makes the guard read: topics, filters, client ids, the control
 * message. Whatever the bytes, nobody gets out of his branch. */
#include "broker/control.h"
#include "broker/guard.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

#define OWN "wg/v1/d/dev-1/"

static void check_topics(const char *text)
{
    static const struct user device = {.role = ROLE_DEVICE, .name = "dev-1"};
    struct topic_question question = {.access = ACCESS_WRITE, .topic = text, .len = 1};
    if (topic_rule(&device, &question) == TOPIC_ALLOWED)
        MUST(strncmp(text, OWN "up/", strlen(OWN "up/")) == 0 && !strpbrk(text, "+#$"),
             "writes to \"%s\"", text);
    question.access = ACCESS_READ;
    if (topic_rule(&device, &question) == TOPIC_ALLOWED)
        MUST(strncmp(text, OWN "down/", strlen(OWN "down/")) == 0, "is given \"%s\"", text);
    question.access = ACCESS_SUBSCRIBE;
    if (topic_rule(&device, &question) == TOPIC_ALLOWED)
        MUST(strncmp(text, OWN "down/", strlen(OWN "down/")) == 0, "subscribes to \"%s\"", text);
    const struct user enrolment = {.role = ROLE_ENROLMENT, .name = "enrol"};
    question.access = ACCESS_WRITE;
    if (topic_rule(&enrolment, &question) == TOPIC_ALLOWED)
        MUST(strstr(text, "/down/cert") || strcmp(text, TOPIC_REVOKE) == 0, "enrolment: \"%s\"",
             text);
    const struct user orchestrator = {.role = ROLE_ORCHESTRATOR, .name = "wavegated"};
    question.access = ACCESS_SUBSCRIBE;
    if (topic_rule(&orchestrator, &question) == TOPIC_ALLOWED)
        MUST(strstr(text, "wg/v1/"), "an orchestrator subscribes to \"%s\"", text);
}

static void check_user(const char *text)
{
    struct user user;
    char again[USER_MAX];
    if (!user_parse(text, &user)) return;
    user_text(&user, again);
    SAME_TEXT(text, again);
}

static void check_login(const char *client_id)
{
    static const int session;
    struct settings settings;
    struct wg_error err = {0};
    struct certificate certificate = {.name = "dev-1", .is_device = true};
    char user[USER_MAX];
    settings_init(&settings);
    settings.clients = 2;
    struct guard *guard = guard_new(&settings, &err);
    MUST(guard && serial_set(&certificate.serial, (const uint8_t *)"1", 1), "no guard");
    enum login login = guard_login(guard, &certificate, client_id, &session, 0, user);
    MUST((login == LOGIN_OK) == (strcmp(client_id, "dev-1") == 0), "\"%s\" got in", client_id);
    (void)wg_copy(certificate.name, sizeof certificate.name, "wavegated");
    certificate.is_device = false;
    if (guard_login(guard, &certificate, client_id, &session, 0, user) == LOGIN_OK)
        MUST(strncmp(client_id, "wavegated", 9) == 0 && wg_name_is_valid(client_id),
             "a service as \"%s\"", client_id);
    guard_free(guard);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct control control;
    struct wg_error err = {0};
    char *text = target_text(data, size);
    if (control_decode(text, size, &control, &err)) {
        MUST(control.count <= CONTROL_SERIALS_MAX, "%zu serials", control.count);
        for (size_t i = 0; i < control.count; i++)
            MUST(control.serials[i].len >= 1 && control.serials[i].len <= SERIAL_MAX, "a serial");
    } else {
        target_refused(&err);
    }
    check_topics(text);
    check_user(text);
    check_login(text);
    free(text);
    return 0;
}
