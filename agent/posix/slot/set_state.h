/* set_state.h: what the parts of a set share. For agent/posix/slot/set*.c only. */
#ifndef WG_AGENT_POSIX_SLOT_SET_STATE_H
#define WG_AGENT_POSIX_SLOT_SET_STATE_H

#include "agent/posix/slot/set.h"
#include "agent/posix/slot/set_record.h"

struct set_place {
    char component[WG_NAME_MAX + 1]; /* "": for all that have no place of their own */
    struct slot_backend *backend;
    struct slot_status status; /* as probe() said */
    bool there;                /* it has answered */
    bool active;               /* on trial or marked, by probe() or since */
    char why[200];             /* not there */
};

struct set {
    struct slot_backend backend;
    char path[PATH_MAX]; /* of the record */
    size_t count;
    struct set_place places[SET_PLACES_MAX];
    struct set_record record;
    struct set_place *open; /* that is being written; NULL: none */
    bool again;             /* what was decided needs a boot */
};

/* The place of a component; a set has one for each. */
struct set_place *set_find(struct set *set, const char *component);
struct set_place *set_member(struct set *set, size_t member);
/* Durable, and then known. */
WG_MUST_CHECK bool set_decide(struct set *set, enum set_decision decision, struct wg_error *err);
/* Members in the order of their confirmation: first those that fall back for good. */
void set_confirm_order(struct set *set, size_t out[SLOT_MEMBERS_MAX]);

/* set_settle.c: all places are probed, and what was decided is carried on with. */
WG_MUST_CHECK bool set_settle(struct set *set, struct wg_error *err);

#endif
