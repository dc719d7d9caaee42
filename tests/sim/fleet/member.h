/* member.h: a device of the fleet around a real agent core: two slots with a boot-once mark, a
 * clock that may be wrong, a connection of its own, faults that are its own. Its work takes time
 * and does nothing; all that it says and hears is real. */
#ifndef WG_TESTS_SIM_FLEET_MEMBER_H
#define WG_TESTS_SIM_FLEET_MEMBER_H

#include "agent/core/core.h"
#include "common/backoff.h"
#include "tests/sim/agenda.h"
#include "tests/sim/chance.h"
#include "tests/sim/fleet/net.h"

#define MEMBER_ID 16       /* "dev-0000017" */
#define MEMBER_SOFTWARE 8  /* components of a slot */
#define MEMBER_REPORTS 16  /* numbered reports whose times are kept */
#define MEMBER_PUBLISHED 8 /* messages of which the broker's word is awaited */

struct crew;

struct member_software {
    const char *name, *version; /* borrowed from the crew's words, or tables that live on */
};

struct member_slot {
    size_t count;
    struct member_software software[MEMBER_SOFTWARE];
};

/* The order that came last, and what became of it. */
struct member_order {
    char id[WG_ORDER_ID_MAX];
    uint64_t came; /* microseconds; 0: there was none */
    bool told;     /* something was said about it */
    int64_t seq;   /* of the first numbered report about it; 0: none yet */
    struct member_slot brings;
};

struct member {
    uint64_t number; /* of device_make() */
    char id[MEMBER_ID];
    struct core *core;  /* NULL: it has no power */
    struct wg_buf disk; /* the core's memory, while it has none */
    char journal[WG_JOURNAL_MAX], boot[WG_BOOT_MAX];
    struct zone_files *zones; /* borrowed */
    const char *zone;         /* borrowed; "" not known */
    wg_duration zone_offset;  /* milliseconds east of UTC, at the start */
    wg_duration clock_off;
    unsigned faults; /* a bit each of enum fleet_fault */
    struct member_slot slots[2];
    int running, committed;
    bool marker, installed;
    bool sleeper, asleep, hung, ended;
    bool waits, connecting, before; /* for its turn to connect; does; was connected once */
    uint32_t life, work; /* of process, and of work under way: what was begun before is void */
    uint32_t draws;
    int64_t link;
    wg_time wake_at;
    uint64_t connect_began, hello_said; /* microseconds; hello_said 0: answered */
    bool told;                          /* this session's hello was answered, with these words: */
    char wanted[WG_ORDER_ID_MAX];
    struct wg_backoff backoff;
    struct member_order order;
    int64_t written, acknowledged; /* report numbers */
    enum wg_state state;           /* of its last numbered report */
    enum wg_cause cause;
    struct {
        int64_t seq;
        uint64_t at;
    } said[MEMBER_REPORTS]; /* by number */
    struct {
        int number;
        uint64_t at;
    } published[MEMBER_PUBLISHED];
    size_t publish_turn;
};

void member_init(struct member *member, struct crew *crew, uint64_t number);
void member_clear(struct member *member);
bool member_has(const struct member *member, enum fleet_fault fault);

/* Power comes; also in the morning. */
void member_start(struct member *member, struct crew *crew);
/* Its turn to connect has come. */
void member_connect(struct member *member, struct crew *crew);
void member_take(struct member *member, struct crew *crew, struct net_event *event);
/* The line breaks. */
void member_drop(struct member *member, struct crew *crew);
/* Takes leave of the broker and has no power any more. */
void member_leave(struct member *member, struct crew *crew);

#endif
