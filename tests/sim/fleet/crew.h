/* crew.h: one process of the fleet: its members, their timers, their connections. It does what its
 * parent says on a socket: "tally N", "drop SHARE", "stop". */
#ifndef WG_TESTS_SIM_FLEET_CREW_H
#define WG_TESTS_SIM_FLEET_CREW_H

#include "common/posix/zone_file.h"
#include "tests/sim/device.h"
#include "tests/sim/fleet/gate.h"
#include "tests/sim/fleet/member.h"
#include "tests/sim/fleet/tally.h"

#define CREW_WORDS 256

struct crew {
    const struct fleet_settings *settings;
    struct fleet *fleet;    /* owned */
    struct member *members; /* owned */
    size_t count;
    struct agenda agenda;
    struct net net;
    struct gate gate;
    struct zone_files *zones;
    struct core_actions *actions; /* of the event in hand; large */
    struct tally *tally;
    size_t word_count;
    char *words[CREW_WORDS]; /* names and versions that orders brought */
    wg_time began;           /* monotonic */
    uint64_t nonce;          /* of this run: journals and boots are new each time */
    int parent;
    bool stop, failed;
    struct wg_error err; /* of failed */
};

/* The devices first .. first + count - 1, until the parent says stop or is gone. */
WG_MUST_CHECK bool crew_run(const struct fleet_settings *settings, uint64_t first, size_t count,
                            int parent, struct wg_error *err);

void crew_fail(struct crew *crew, const char *what); /* crew->err says the rest */
/* The same text, for as long as the crew lives. */
const char *crew_word(struct crew *crew, const char *text);
void crew_wants_connection(struct crew *crew, struct member *member);
uint64_t crew_micros(void); /* monotonic */
void crew_count(struct crew *crew, enum tally_count what, uint64_t more);
void crew_time(struct crew *crew, enum tally_time what, uint64_t since); /* since: microseconds */

#endif
