/* topic_rule.c: one function a role. What is not named here is not allowed. */
#include "broker/topic_rule.h"

#include "common/message.h"

#include <string.h>

#define ALL "wg/v1/"
#define SHARE "$share/"
#define CSR_MAX 16384
#define REVOKE_MAX 16384

static const size_t length_max[WG_TOPICS] = {
    [WG_TOPIC_UP_HELLO] = WG_MESSAGE_MAX,   [WG_TOPIC_UP_REPORT] = WG_MESSAGE_MAX,
    [WG_TOPIC_UP_LOG] = WG_MESSAGE_MAX,     [WG_TOPIC_UP_CSR] = CSR_MAX,
    [WG_TOPIC_DOWN_ORDER] = WG_MESSAGE_MAX, [WG_TOPIC_DOWN_ACK] = WG_MESSAGE_MAX,
    [WG_TOPIC_DOWN_CERT] = WG_MESSAGE_MAX,
};

static bool is_up(enum wg_topic topic)
{
    return topic <= WG_TOPIC_UP_CSR;
}

/* The filter behind "$share/GROUP/"; NULL when the group is none. */
static const char *unshared(const char *filter)
{
    if (strncmp(filter, SHARE, strlen(SHARE)) != 0) return filter;
    filter += strlen(SHARE);
    const char *end = strchr(filter, '/');
    if (!end || end == filter || strcspn(filter, "+#") < (size_t)(end - filter)) return NULL;
    return end + 1;
}

/* Its own topics one by one, or all of them at once: nothing else has to be thought about. */
static bool device_may_subscribe(const char *name, const char *filter)
{
    static const char *const leaves[] = {"#", "+", "order", "ack", "cert"};
    char own[WG_TOPIC_MAX];
    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++)
        if (wg_format(own, sizeof own, "wg/v1/d/%s/down/%s", name, leaves[i]) &&
            strcmp(filter, own) == 0)
            return true;
    return false;
}

static enum topic_answer written(enum wg_topic topic, const struct topic_question *question)
{
    if (question->retain) return TOPIC_RETAINED;
    return question->len > length_max[topic] ? TOPIC_TOO_LONG : TOPIC_ALLOWED;
}

static enum topic_answer device(const char *name, const struct topic_question *question)
{
    char owner[WG_NAME_MAX + 1];
    enum wg_topic topic;
    if (question->access == ACCESS_UNSUBSCRIBE) return TOPIC_ALLOWED;
    if (question->access == ACCESS_SUBSCRIBE)
        return device_may_subscribe(name, question->topic) ? TOPIC_ALLOWED : TOPIC_FOREIGN;
    if (!wg_topic_parse(question->topic, &topic, owner) || strcmp(owner, name) != 0)
        return TOPIC_FOREIGN;
    if (question->access == ACCESS_READ) return is_up(topic) ? TOPIC_FOREIGN : TOPIC_ALLOWED;
    return is_up(topic) ? written(topic, question) : TOPIC_FOREIGN;
}

static enum topic_answer revoke(const struct topic_question *question)
{
    if (question->retain) return TOPIC_RETAINED;
    return question->len > REVOKE_MAX ? TOPIC_TOO_LONG : TOPIC_ALLOWED;
}

static enum topic_answer orchestrator(const struct topic_question *question)
{
    char owner[WG_NAME_MAX + 1];
    enum wg_topic topic;
    const char *filter = unshared(question->topic);
    switch (question->access) {
    case ACCESS_UNSUBSCRIBE:
        return TOPIC_ALLOWED;
    case ACCESS_READ:
    case ACCESS_SUBSCRIBE:
        return filter && strncmp(filter, ALL, strlen(ALL)) == 0 ? TOPIC_ALLOWED : TOPIC_FOREIGN;
    case ACCESS_WRITE:
        if (strcmp(question->topic, TOPIC_REVOKE) == 0) return revoke(question);
        if (!wg_topic_parse(question->topic, &topic, owner) || is_up(topic)) return TOPIC_FOREIGN;
        return written(topic, question);
    }
    return TOPIC_FOREIGN;
}

static enum topic_answer enrolment(const struct topic_question *question)
{
    char owner[WG_NAME_MAX + 1];
    enum wg_topic topic;
    const char *filter = unshared(question->topic);
    bool known = wg_topic_parse(question->topic, &topic, owner);
    switch (question->access) {
    case ACCESS_UNSUBSCRIBE:
        return TOPIC_ALLOWED;
    case ACCESS_READ:
        return known && topic == WG_TOPIC_UP_CSR ? TOPIC_ALLOWED : TOPIC_FOREIGN;
    case ACCESS_SUBSCRIBE:
        return filter && strcmp(filter, "wg/v1/d/+/up/csr") == 0 ? TOPIC_ALLOWED : TOPIC_FOREIGN;
    case ACCESS_WRITE:
        if (strcmp(question->topic, TOPIC_REVOKE) == 0) return revoke(question);
        return known && topic == WG_TOPIC_DOWN_CERT ? written(topic, question) : TOPIC_FOREIGN;
    }
    return TOPIC_FOREIGN;
}

enum topic_answer topic_rule(const struct user *user, const struct topic_question *question)
{
    switch (user->role) {
    case ROLE_DEVICE:
        return device(user->name, question);
    case ROLE_ORCHESTRATOR:
        return orchestrator(question);
    case ROLE_ENROLMENT:
        return enrolment(question);
    case ROLES:
        break;
    }
    return TOPIC_FOREIGN;
}
