/* renewal.c: the rules of renewal. */
#include "agent/core/renewal.h"

#include <string.h>

#define ASK_FIRST WG_MINUTE
#define ASK_MOST WG_HOUR
#define TELL_EVERY (5 * WG_MINUTE)
#define TRY_FIRST (10 * WG_MINUTE)
#define STRIKES_MOST 5
#define MAKE_AGAIN WG_HOUR      /* after a pair that never worked */
#define REFUSED_FOR_GOOD WG_DAY /* a person may have mended it */
#define SPREAD 12               /* of the life: the width of the time in which it is due */

void renewal_init(struct renewal *renewal, uint32_t random)
{
    memset(renewal, 0, sizeof *renewal);
    renewal->random = random;
}

void renewal_set_present(struct renewal *renewal, wg_time not_before, wg_time not_after)
{
    renewal->not_before = not_before;
    renewal->not_after = not_after;
}

void renewal_set_next(struct renewal *renewal, enum renewal_next next)
{
    renewal->next = next;
    renewal->prefer_present = renewal->failed = false;
    renewal->strikes = renewal->asked = 0;
    renewal->ask_at = renewal->tell_at = renewal->try_at = 0;
}

wg_time renewal_due(const struct renewal *renewal)
{
    wg_duration life = renewal->not_after - renewal->not_before, width = life / SPREAD;
    wg_duration jitter = width > 0 ? (wg_duration)(renewal->random) % width : 0;
    return renewal->not_before + life / 3 * 2 - width / 2 + jitter;
}

bool renewal_pick(const struct renewal *renewal, wg_time monotonic)
{
    if (renewal->next != RENEWAL_NEXT_PAIR || renewal->prefer_present) return false;
    return renewal->try_at <= monotonic;
}

static wg_duration doubled(wg_duration first, int times, wg_duration most)
{
    for (int i = 0; i < times && first < most; i++) first *= 2;
    return first < most ? first : most;
}

static enum renewal_action act_on_present(struct renewal *renewal, wg_time now, wg_time monotonic)
{
    switch (renewal->next) {
    case RENEWAL_NEXT_NONE:
        if (now < renewal_due(renewal) || now == 0 || monotonic < renewal->make_at)
            return RENEWAL_REST;
        return RENEWAL_MAKE_KEY;
    case RENEWAL_NEXT_KEY:
        if (monotonic < renewal->ask_at) return RENEWAL_REST;
        renewal->ask_at = monotonic + doubled(ASK_FIRST, renewal->asked++, ASK_MOST);
        return RENEWAL_ASK;
    case RENEWAL_NEXT_PAIR:
        if (monotonic < renewal->try_at) return RENEWAL_REST;
        if (renewal->strikes >= STRIKES_MOST) {
            renewal->make_at = monotonic + MAKE_AGAIN;
            return RENEWAL_DROP;
        }
        return RENEWAL_SWITCH;
    }
    return RENEWAL_REST;
}

enum renewal_action renewal_act(struct renewal *renewal, wg_time now, wg_time monotonic)
{
    if (!renewal->up) return RENEWAL_REST;
    if (!renewal->on_next) return act_on_present(renewal, now, monotonic);
    if (monotonic < renewal->tell_at) return RENEWAL_REST;
    renewal->tell_at = monotonic + TELL_EVERY;
    return RENEWAL_TELL;
}

wg_time renewal_wake(const struct renewal *renewal, wg_time now, wg_time monotonic)
{
    wg_time due = renewal_due(renewal);
    if (!renewal->up) return 0;
    if (renewal->on_next) return renewal->tell_at;
    if (renewal->next == RENEWAL_NEXT_KEY) return renewal->ask_at;
    if (renewal->next == RENEWAL_NEXT_PAIR) return renewal->try_at;
    if (now == 0) return 0;
    wg_time at = due > now ? monotonic + (due - now) : monotonic;
    return at > renewal->make_at ? at : renewal->make_at;
}

void renewal_up(struct renewal *renewal, bool on_next, wg_time monotonic)
{
    renewal->up = true;
    renewal->on_next = on_next;
    renewal->prefer_present = false;
    if (on_next) {
        renewal->strikes = 0;
        renewal->failed = false;
        renewal->tell_at = 0;
        return;
    }
    /* the network is there, so it was the pair that failed */
    if (renewal->failed) {
        renewal->failed = false;
        renewal->try_at = monotonic + doubled(TRY_FIRST, renewal->strikes++, WG_DAY);
    }
}

void renewal_down(struct renewal *renewal)
{
    renewal->up = false;
}

void renewal_failed(struct renewal *renewal, bool on_next, wg_time monotonic)
{
    renewal->up = false;
    renewal->prefer_present = on_next;
    if (on_next) renewal->failed = true;
    /* the present one does not hold either: no reason to spare the next one */
    if (!on_next && renewal->try_at > monotonic) renewal->try_at = monotonic;
}

void renewal_refused(struct renewal *renewal, wg_duration retry, wg_time monotonic)
{
    wg_duration least = doubled(ASK_FIRST, renewal->asked, ASK_MOST);
    if (retry == 0) retry = REFUSED_FOR_GOOD;
    renewal->ask_at = monotonic + (retry > least ? retry : least);
}

void renewal_pause(struct renewal *renewal, wg_time until)
{
    renewal->ask_at = renewal->tell_at = renewal->try_at = renewal->make_at = until;
}
