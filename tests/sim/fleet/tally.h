/* tally.h: what a process of the fleet counts and times. Plain numbers, so that a process may hand
 * it to its parent as it is; two of them add up to one. Pure. */
#ifndef WG_TESTS_SIM_FLEET_TALLY_H
#define WG_TESTS_SIM_FLEET_TALLY_H

#include "common/buf.h"
#include "common/state.h"
#include "tests/sim/fleet/histogram.h"

#include <jansson.h>

enum tally_count {
    TALLY_CONNECTS,     /* sessions that came up */
    TALLY_RECONNECTS,   /* of them all but the first of each device */
    TALLY_DROPPED,      /* connections cut on purpose: by command, profile or fault */
    TALLY_HELLOS,       /* messages published, each copy */
    TALLY_REPORTS_SENT, /* the same: every report, also sent again, also progress */
    TALLY_PROGRESS,     /* of them without a number */
    TALLY_AGAIN,        /* of them sent before */
    TALLY_REPORTS,      /* numbered reports, each once */
    TALLY_ACKNOWLEDGED, /* of them covered by an acknowledgement of the orchestrator */
    TALLY_PUBACKS,      /* acknowledged by the broker */
    TALLY_ORDERS,       /* different orders that came */
    TALLY_ORDERS_AGAIN, /* orders that came before */
    TALLY_ACKS,         /* acknowledgements that came */
    TALLY_MESSAGES_IN,
    TALLY_MESSAGES_OUT,
    TALLY_BYTES_IN, /* of payloads */
    TALLY_BYTES_OUT,
    TALLY_LOST_IN, /* messages that the simulated network lost */
    TALLY_LOST_OUT,
    TALLY_REBOOTS,
    TALLY_ERROR_CONNECT, /* no connection: TCP or TLS */
    TALLY_ERROR_REFUSED, /* the broker said no */
    TALLY_ERROR_BROKEN,  /* a session ended that nobody here has cut */
    TALLY_ERROR_DENIED,  /* the broker did not take a message */
    TALLY_ERROR_PUBLISH, /* a message could not be handed over */
    TALLY_ERROR_MESSAGE, /* an acknowledgement or order that cannot be read */
    TALLY_COUNTS
};

/* In microseconds. */
enum tally_time {
    TALLY_CONNECT,       /* from the first packet to all subscriptions */
    TALLY_HELLO,         /* from the hello of a session to the first acknowledgement in it */
    TALLY_ISSUE_ORDER,   /* from the order's not_before to its arrival; whole seconds */
    TALLY_ORDER_REPORT,  /* from the order's arrival to the first report about it */
    TALLY_ORDER_ACK,     /* from there to that report's acknowledgement */
    TALLY_REPORT_PUBACK, /* from the publication of a report to the broker's word */
    TALLY_REPORT_ACK,    /* from its first publication to the orchestrator's acknowledgement */
    TALLY_TIMES
};

struct tally {
    uint32_t request; /* the question that it answers; 0: none */
    /* now */
    uint64_t devices, connected, hung, asleep, pending; /* pending: reports not acknowledged */
    /* devices that were answered in this session, and of them those that hold the order which the
     * answer names */
    uint64_t told, ordered;
    uint64_t states[WG_STATES];    /* of each device's last report; waiting: it has had no order */
    uint64_t causes[WG_CAUSES];    /* the same, with its cause */
    uint64_t memory_empty, memory; /* resident bytes: before there were devices, and now */
    uint64_t cpu;                  /* microseconds */
    /* since the start */
    uint64_t counts[TALLY_COUNTS];
    struct histogram times[TALLY_TIMES];
};

void tally_merge(struct tally *into, const struct tally *from);
uint64_t tally_errors(const struct tally *tally);

const char *tally_count_text(enum tally_count count); /* "reports_sent" */
const char *tally_time_text(enum tally_time time);    /* "order_to_report" */

/* The summary for people, and for programs (a new reference; NULL: out of memory). elapsed in
 * microseconds. */
void tally_text(const struct tally *tally, uint64_t elapsed, struct wg_buf *out);
json_t *tally_json(const struct tally *tally, uint64_t elapsed);

#endif
