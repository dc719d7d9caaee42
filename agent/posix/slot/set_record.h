/* set_record.h: what a release of several components is made of, and what was decided about it: the
 * one file that keeps its members together over a power cut.
 *
 * STATE/set.json, kept twice with a checksum (common/posix/kept.h). */
#ifndef WG_AGENT_POSIX_SLOT_SET_RECORD_H
#define WG_AGENT_POSIX_SLOT_SET_RECORD_H

#include "agent/posix/slot/backend.h"

enum set_decision {
    SET_UNDECIDED, /* the members are written, or wait; none of them is to be booted */
    SET_TRIAL,     /* each is activated */
    SET_COMMIT,    /* each is confirmed: from here there is no way back */
    SET_REVERT     /* none may run the new release */
};

struct set_record {
    enum set_decision decided;
    int64_t number; /* of sets that were committed on this device */
    int64_t boots;  /* asked for in a row, to carry out what was decided */
    size_t count;   /* 0: there is no set in hand */
    struct slot_release members[SLOT_MEMBERS_MAX]; /* in the order of their installation */
    bool whole[SLOT_MEMBERS_MAX];                  /* came, and its hash was right */
    bool in_place[SLOT_MEMBERS_MAX];               /* as its place said when it was planned */
};

/* None yet, or damaged in both copies: an empty record. False for want of memory. */
WG_MUST_CHECK bool set_record_load(const char *path, struct set_record *out, struct wg_error *err);
/* Atomic and durable. */
WG_MUST_CHECK bool set_record_save(const char *path, const struct set_record *record,
                                   struct wg_error *err);

#endif
