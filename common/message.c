/* message.c: the topics that messages travel on: wg/v1/d/{device}/{direction}/{what}. */
#include "common/message.h"

#include <stdio.h>
#include <string.h>

#define PREFIX "wg/v1/d/"

static const char *const SUFFIXES[WG_TOPICS] = {
    [WG_TOPIC_UP_HELLO] = "/up/hello",     [WG_TOPIC_UP_REPORT] = "/up/report",
    [WG_TOPIC_UP_LOG] = "/up/log",         [WG_TOPIC_UP_CSR] = "/up/csr",
    [WG_TOPIC_DOWN_ORDER] = "/down/order", [WG_TOPIC_DOWN_ACK] = "/down/ack",
    [WG_TOPIC_DOWN_CERT] = "/down/cert",
};

bool wg_topic_make(enum wg_topic topic, const char *device, char *out)
{
    out[0] = '\0';
    if ((unsigned)topic >= WG_TOPICS || !wg_name_is_valid(device)) return false;
    int len = snprintf(out, WG_TOPIC_MAX, PREFIX "%s%s", device, SUFFIXES[topic]);
    return len > 0 && len < WG_TOPIC_MAX;
}

bool wg_topic_parse(const char *text, enum wg_topic *topic, char *device)
{
    char name[WG_NAME_MAX + 1];
    if (strncmp(text, PREFIX, strlen(PREFIX)) != 0) return false;
    text += strlen(PREFIX);
    const char *suffix = strchr(text, '/');
    if (!suffix || !wg_copy_n(name, sizeof name, text, (size_t)(suffix - text)) ||
        !wg_name_is_valid(name))
        return false;
    for (unsigned i = 0; i < WG_TOPICS; i++) {
        if (strcmp(suffix, SUFFIXES[i]) != 0) continue;
        *topic = (enum wg_topic)i;
        memcpy(device, name, strlen(name) + 1);
        return true;
    }
    return false;
}
