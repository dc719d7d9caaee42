/* member_work.c: fetching, installing, checking: each takes its time and may fail. */
#include "tests/sim/fleet/member_part.h"

#include <string.h>

#define SLOWER 10
#define CHECK_TIME 20
#define ARTIFACT 1000000 /* bytes, as progress is told */

enum outcome { DONE, HALF, FAILED };

static wg_duration effort(struct member *member, struct crew *crew, const struct spread *spread)
{
    struct chance chance;
    member_dice(member, crew, &chance);
    double speed = crew->settings->speed;
    return spread_draw(spread, member_has(member, FLEET_SLOW) ? speed / SLOWER : speed, &chance);
}

static void answered(void *world, const struct event *event)
{
    struct crew *crew = world;
    struct member *member = &crew->members[event->who];
    if (event->token != member->work || !member->core) return;
    member_feed(member, crew, &(struct core_event){.kind = (enum core_event_kind)event->number});
}

void member_answer(struct member *member, struct crew *crew, wg_duration after,
                   enum core_event_kind kind)
{
    member_later(member, crew, after,
                 &(struct event){.run = answered, .token = member->work, .number = (int64_t)kind});
}

static void fetched(void *world, const struct event *event)
{
    struct crew *crew = world;
    struct member *member = &crew->members[event->who];
    struct core_event said = {.kind = CORE_EV_FETCHED};
    if (event->token != member->work || !member->core) return;
    if (event->number == HALF)
        said =
            (struct core_event){.kind = CORE_EV_PROGRESS, .done = ARTIFACT / 2, .total = ARTIFACT};
    else if (event->number == FAILED)
        said = (struct core_event){.kind = CORE_EV_FETCH_FAILED,
                                   .cause = member_has(member, FLEET_DOWNLOAD) ? WG_CAUSE_DOWNLOAD
                                                                               : WG_CAUSE_VERIFY,
                                   .fatal = true,
                                   .text = "simulated"};
    member_feed(member, crew, &said);
}

void member_fetch(struct member *member, struct crew *crew)
{
    bool fails = member_has(member, FLEET_DOWNLOAD) || member_has(member, FLEET_VERIFY);
    wg_duration time = effort(member, crew, &crew->settings->download);
    struct event event = {.run = fetched, .token = ++member->work, .number = HALF};
    member->marker = member->installed = false;
    if (time > 1) member_later(member, crew, time / 2, &event);
    event.number = fails ? FAILED : DONE;
    member_later(member, crew, time, &event);
}

/* What runs, with what the order brings in its place. */
static void fill_slot(struct member *member)
{
    struct member_slot *slot = &member->slots[!member->running];
    const struct member_slot *brings = &member->order.brings;
    *slot = member->slots[member->running];
    for (size_t i = 0; i < brings->count; i++) {
        size_t at = 0;
        while (at < slot->count && strcmp(slot->software[at].name, brings->software[i].name) != 0)
            at++;
        if (at == MEMBER_SOFTWARE) continue;
        if (at == slot->count) slot->count++;
        slot->software[at] = brings->software[i];
    }
}

static void installed(void *world, const struct event *event)
{
    struct crew *crew = world;
    struct member *member = &crew->members[event->who];
    struct core_event said = {.kind = CORE_EV_INSTALL_FAILED, .text = "simulated"};
    if (event->token != member->work || !member->core) return;
    if (event->number == DONE) {
        fill_slot(member);
        member->installed = true;
        said = (struct core_event){.kind = CORE_EV_INSTALLED};
    }
    member_feed(member, crew, &said);
}

void member_install(struct member *member, struct crew *crew)
{
    member->installed = false;
    member_later(member, crew, effort(member, crew, &crew->settings->install),
                 &(struct event){.run = installed,
                                 .token = ++member->work,
                                 .number = member_has(member, FLEET_INSTALL) ? FAILED : DONE});
}

void member_check(struct member *member, struct crew *crew, bool boot)
{
    bool fails = !boot && member_has(member, FLEET_HEALTH);
    member->work++;
    if (boot)
        member_answer(member, crew, CHECK_TIME, CORE_EV_BOOTED);
    else
        member_answer(member, crew, CHECK_TIME, fails ? CORE_EV_UNHEALTHY : CORE_EV_HEALTHY);
}

void member_commit(struct member *member, struct crew *crew)
{
    member->committed = member->running;
    member_answer(member, crew, 0, CORE_EV_COMMITTED);
}
