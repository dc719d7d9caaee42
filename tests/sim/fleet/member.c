/* member.c: what the world around a core does with its actions. */
#include "tests/sim/fleet/member.h"

#include "common/posix/file.h"
#include "common/text.h"
#include "tests/sim/dice.h"
#include "tests/sim/fleet/member_part.h"

#include <stdlib.h>
#include <string.h>

#define RECONNECT_MOST (5 * WG_MINUTE) /* as the agent's own settings have it */

bool member_has(const struct member *member, enum fleet_fault fault)
{
    return member->faults >> fault & 1;
}

void member_dice(struct member *member, struct crew *crew, struct chance *out)
{
    dice_init(out, crew->fleet->seed, "member", (size_t)member->number, member->draws++);
}

void member_later(struct member *member, struct crew *crew, wg_duration after,
                  const struct event *like)
{
    struct event event = *like;
    event.at = wg_monotonic() + after;
    event.who = (size_t)(member - crew->members);
    agenda_add(&crew->agenda, &event);
}

static void set_software(struct member *member, struct crew *crew, const struct device *device)
{
    struct member_slot *slot = &member->slots[0];
    const struct fleet_settings *settings = crew->settings;
    for (size_t i = 0; i < device->software_count; i++)
        slot->software[slot->count++] = (struct member_software){device->software[i].component,
                                                                 device->software[i].version->text};
    if (settings->component)
        slot->software[slot->count++] =
            (struct member_software){settings->component, settings->version};
    member->slots[1] = *slot;
}

static void draw_clock(struct member *member, struct crew *crew)
{
    struct chance chance;
    struct wg_error err;
    const struct wg_tz *tz =
        member->zone[0] ? zone_files_get(crew->zones, member->zone, &err) : NULL;
    member->zone_offset = tz ? wg_tz_offset(tz, wg_now()) : 0;
    if (!member_has(member, FLEET_CLOCK)) return;
    dice_init(&chance, crew->fleet->seed, "clock off", (size_t)member->number, 0);
    member->clock_off = dice_spread(&chance, WG_HOUR, 30 * WG_DAY);
    if (chance_of(&chance, 0.5)) member->clock_off = -member->clock_off;
}

void member_init(struct member *member, struct crew *crew, uint64_t number)
{
    const struct fleet_settings *settings = crew->settings;
    struct chance chance;
    struct device device;
    device_make(crew->fleet, number, &device);
    *member = (struct member){.number = number, .zones = crew->zones, .zone = device.zone};
    (void)wg_copy(member->id, sizeof member->id, device.id);
    wg_buf_init(&member->disk, CORE_MEMORY_MAX);
    chance_init(&chance, crew->nonce, number);
    uint64_t journal[2] = {chance_next(&chance), chance_next(&chance)};
    wg_hex(journal, sizeof journal, member->journal);
    for (size_t i = 0; i < FLEET_FAULTS; i++)
        if (faults_strike(&settings->faults, crew->fleet->seed, number, (enum fleet_fault)i))
            member->faults |= 1U << i;
    member->sleeper =
        settings->profile.kind == PROFILE_DAY_AND_NIGHT &&
        dice_unit(crew->fleet->seed, "sleeper", (size_t)number, 0) < settings->profile.sleepers;
    wg_backoff_init(&member->backoff, WG_SECOND, RECONNECT_MOST);
    set_software(member, crew, &device);
    draw_clock(member, crew);
}

void member_clear(struct member *member)
{
    core_free(member->core);
    wg_buf_clear(&member->disk);
    member->core = NULL;
}

static void wake(void *world, const struct event *event)
{
    struct crew *crew = world;
    struct member *member = &crew->members[event->who];
    if (event->token != member->life || !member->core || event->at != member->wake_at) return;
    member->wake_at = 0;
    member_feed(member, crew, &(struct core_event){.kind = CORE_EV_TICK});
}

/* A wake that comes too early looks again: so what is put off needs no new event. */
static void plan_wake(struct member *member, struct crew *crew)
{
    wg_time due = core_wake(member->core), now = wg_monotonic();
    if (due == 0) return;
    if (due <= now) due = now + 1;
    if (member->wake_at != 0 && member->wake_at <= due) return;
    member->wake_at = due;
    agenda_add(&crew->agenda, &(struct event){.at = due,
                                              .run = wake,
                                              .who = (size_t)(member - crew->members),
                                              .token = member->life});
}

static void bring(struct member *member, struct crew *crew, const char *name, const char *version)
{
    struct member_slot *slot = &member->order.brings;
    if (slot->count == MEMBER_SOFTWARE) return;
    slot->software[slot->count++] =
        (struct member_software){crew_word(crew, name), crew_word(crew, version)};
}

static void remember(struct member *member, struct crew *crew, const struct wg_order *order)
{
    member->order.brings.count = 0;
    bring(member, crew, order->component, order->version);
    for (size_t i = 0; i < order->companion_count; i++)
        bring(member, crew, order->companions[i].component, order->companions[i].version);
}

static void discard(struct member *member)
{
    if (member->running == member->committed) member->installed = member->marker = false;
}

/* False when the process that asked for it is no more. */
static bool act(struct member *member, struct crew *crew, const struct core_action *action)
{
    if (action->order) remember(member, crew, action->order);
    switch (action->kind) {
    case CORE_DO_SAVE: /* nothing is lost here: it is written when the core goes */
    case CORE_DO_VOUCH:
    case CORE_DO_HOOKS:
    case CORE_DO_LOG:
        break;
    case CORE_DO_PUBLISH:
        member_say(member, crew, action->topic, action->payload, action->len);
        break;
    case CORE_DO_FETCH:
        member_fetch(member, crew);
        break;
    case CORE_DO_CANCEL:
        member->work++;
        break;
    case CORE_DO_INSTALL:
        member_install(member, crew);
        break;
    case CORE_DO_ACTIVATE:
        member->marker = true;
        member_answer(member, crew, 0, CORE_EV_ACTIVATED);
        break;
    case CORE_DO_REBOOT:
        member_reboot(member, crew);
        break;
    case CORE_DO_BOOT_CHECK:
        member_check(member, crew, true);
        break;
    case CORE_DO_HEALTH_CHECK:
        member_check(member, crew, false);
        break;
    case CORE_DO_COMMIT:
        member_commit(member, crew);
        break;
    case CORE_DO_DISCARD:
        discard(member);
        break;
    case CORE_DO_ERASE:
        member_answer(member, crew, 0, CORE_EV_ERASED);
        break;
    case CORE_DO_END:
        member->ended = true;
        member_leave(member, crew);
        break;
    }
    return member->core != NULL;
}

void member_feed(struct member *member, struct crew *crew, const struct core_event *event)
{
    struct core_actions *actions = crew->actions;
    if (!core_handle(member->core, event, wg_monotonic(), wg_now() + member->clock_off, actions,
                     &crew->err)) {
        crew_fail(crew, "a core");
        return;
    }
    for (size_t i = 0; i < actions->count; i++)
        if (!act(member, crew, &actions->items[i])) break;
    core_actions_clear(actions);
    if (member->core) plan_wake(member, crew);
}
