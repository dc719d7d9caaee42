/* topic_rule.h: what each role may publish, subscribe to and be given. Pure, and without memory:
 * the broker asks for every message to every subscriber. */
#ifndef WG_BROKER_TOPIC_RULE_H
#define WG_BROKER_TOPIC_RULE_H

#include "broker/user.h"

#include <stddef.h>

#define TOPIC_NOTICES "wg/v1/guard"
#define TOPIC_REVOKE "$CONTROL/wavegate/v1/revoke"

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_SUBSCRIBE, ACCESS_UNSUBSCRIBE };

struct topic_question {
    enum access access;
    const char *topic; /* a filter for (un)subscribing */
    bool retain;
    size_t len; /* of the payload */
};

enum topic_answer {
    TOPIC_ALLOWED,
    TOPIC_FOREIGN, /* not this one's to use */
    TOPIC_RETAINED,
    TOPIC_TOO_LONG
};

enum topic_answer topic_rule(const struct user *user, const struct topic_question *question);

#endif
