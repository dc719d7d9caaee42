/* renewal.h: when a device renews its certificate, and what it does next. Pure: it is told what is
 * there and what happened, and says what to do; agent/posix/renewal.h does it.
 *
 * There are two pairs of key and certificate: the present one, and the next one beside it, which
 * grows from nothing to a key to a pair. While a next pair is there it is tried, and the present
 * one when that fails, in turns: whichever of them holds, the device gets through. Only when the
 * next one has carried a session, and the authority has said that it knows, it takes the present
 * one's place. */
#ifndef WG_AGENT_CORE_RENEWAL_H
#define WG_AGENT_CORE_RENEWAL_H

#include "common/time.h"

enum renewal_next { RENEWAL_NEXT_NONE, RENEWAL_NEXT_KEY, RENEWAL_NEXT_PAIR };

enum renewal_action {
    RENEWAL_REST,
    RENEWAL_MAKE_KEY, /* a new key, kept beside the present one; then renewal_set_next() */
    RENEWAL_ASK,      /* send the request for that key */
    RENEWAL_SWITCH,   /* end the session, and connect with renewal_pick() */
    RENEWAL_TELL,     /* say, with the new key, that the next pair carries this session */
    RENEWAL_DROP      /* forget the next pair: it never worked; then renewal_set_next() */
};

struct renewal {
    wg_time not_before, not_after; /* of the present certificate */
    enum renewal_next next;
    uint32_t random;     /* of this device, for ever: spreads a fleet that was made in one day */
    bool up, on_next;    /* the session */
    bool prefer_present; /* the next pair has just failed */
    bool failed;         /* the next pair has failed since the present one last worked */
    int strikes;         /* how often it failed while the present one worked */
    wg_time ask_at, tell_at, try_at, make_at; /* monotonic: not before */
    int asked;                                /* in a row, without an answer */
};

void renewal_init(struct renewal *renewal, uint32_t random);
/* What is on disk. */
void renewal_set_present(struct renewal *renewal, wg_time not_before, wg_time not_after);
void renewal_set_next(struct renewal *renewal, enum renewal_next next);

/* When the present certificate is to be renewed: at two thirds of its life, give or take a
 * twenty-fourth. */
wg_time renewal_due(const struct renewal *renewal);
/* Which pair the next connection shall use: true for the next one. */
bool renewal_pick(const struct renewal *renewal, wg_time monotonic);
/* What to do now; the caller does it, and asks again. now: wall clock, 0 when it is not to be
 * trusted. A RENEWAL_ASK and a RENEWAL_TELL count as done. */
enum renewal_action renewal_act(struct renewal *renewal, wg_time now, wg_time monotonic);
/* When to ask again, if nothing happens before; monotonic; 0: no need. */
wg_time renewal_wake(const struct renewal *renewal, wg_time now, wg_time monotonic);

/* What happened. */
void renewal_up(struct renewal *renewal, bool on_next, wg_time monotonic);
void renewal_down(struct renewal *renewal); /* a session ended */
void renewal_failed(struct renewal *renewal, bool on_next, wg_time monotonic);
/* What was to be done could not be: nothing more before then. */
void renewal_pause(struct renewal *renewal, wg_time until);
/* No certificate: not before retry; 0: not with this certificate. */
void renewal_refused(struct renewal *renewal, wg_duration retry, wg_time monotonic);

#endif
