/* notices.h: what the broker tells the orchestrator about its clients, a little at a time: the
 * first of a kind at once, what follows as one number every ten seconds. Bounded; what finds no
 * room is counted. Pure. */
#ifndef WG_BROKER_NOTICES_H
#define WG_BROKER_NOTICES_H

#include "broker/bucket.h"
#include "common/text.h"
#include "common/time.h"

enum notice_kind {
    NOTICE_TAKEOVER,       /* a second session of one identity took the place of the first */
    NOTICE_TAKEOVER_STORM, /* again and again: two hold the same key */
    NOTICE_CONNECT_STORM,  /* connects too often */
    NOTICE_FLOOD,          /* messages or subscriptions over the limits */
    NOTICE_REVOKED,        /* came with a revoked certificate, or was cut off for it */
    NOTICE_ESCAPE,         /* tried what is not its own: topic, client id, retained message */
    NOTICE_KINDS
};

const char *notice_text(enum notice_kind kind);

#define NOTICES_WAITING 256
#define NOTICE_GAP (10 * NS_PER_SECOND) /* between two of one kind about one client */
#define NOTICE_JSON_MAX 256

struct notice {
    char device[WG_NAME_MAX + 1]; /* a client id, for services */
    enum notice_kind kind;
    uint32_t count; /* since the last notice of this kind */
    uint64_t lost;  /* of all kinds, that nobody was told of since the last notice */
};

struct notices {
    size_t used;
    uint64_t lost;
    struct bucket pace;
    struct notice_slot {
        char device[WG_NAME_MAX + 1];
        enum notice_kind kind;
        uint32_t count;
        nanoseconds quiet_until;
    } slots[NOTICES_WAITING];
};

/* All zero: empty. */
void notices_add(struct notices *notices, const char *device, enum notice_kind kind,
                 nanoseconds now);
/* The next one to be told; false: none yet. */
bool notices_next(struct notices *notices, nanoseconds now, struct notice *out);
/* {"v":1,"device":"dev-01","kind":"flood","count":12,"at":"..."}; out holds NOTICE_JSON_MAX. */
void notice_json(const struct notice *notice, wg_time at, char *out);

#endif
