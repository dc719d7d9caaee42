/* world_once.c: the factory's line: the loop ends when the device is through. */
#include "agent/posix/world_part.h"
#include "common/posix/file.h"
#include "common/posix/identity_file.h"

#include <string.h>

static const char ok[] = "ok";

static void put(struct world_once *once, enum once_check check, const char *text)
{
    (void)wg_copy(once->line.checks[check], sizeof once->line.checks[check], text);
}

static void check_slots(const struct world *world, struct world_once *once)
{
    put(once, ONCE_CHECK_SLOTS,
        world->slot.component_count > 0 ? ok : "it is not known what the running slot holds");
}

static void check_identity(const struct world *world, struct world_once *once)
{
    const struct wg_x509 *certificate = &world->identity.store.present_x509;
    struct age_identity age;
    struct wg_error err = {0};
    once->line.certificate_until = certificate->not_after;
    put(once, ONCE_CHECK_IDENTITY, ok);
    if (certificate->not_after <= wall_least(&world->wall))
        put(once, ONCE_CHECK_IDENTITY, "the certificate has ended");
    if (!world->settings->age_key[0]) return;
    if (!identity_file_load(world->settings->age_key, &age, &err))
        put(once, ONCE_CHECK_IDENTITY, err.text);
    age_identity_clear(&age);
}

static void check_pins(const struct world *world, struct world_once *once)
{
    /* the session was made under them */
    once->line.pins = world->pins.list.number;
    put(once, ONCE_CHECK_PINS, world->pins.tls ? ok : "none");
}

static void check_clock(const struct world *world, struct world_once *once)
{
    put(once, ONCE_CHECK_CLOCK,
        wall_now(&world->wall) > 0 ? ok : "it stands before what the repository has signed");
}

static bool is_well(const struct world_once *once)
{
    for (size_t i = 0; i < ONCE_CHECKS; i++)
        if (strcmp(once->line.checks[i], ok) != 0 &&
            !(i == ONCE_CHECK_PINS && strcmp(once->line.checks[i], "none") == 0))
            return false;
    return true;
}

static void finish(struct world *world, enum once_result result, const char *text)
{
    struct world_once *once = world->once;
    once->line.result = result;
    (void)wg_copy(once->line.text, sizeof once->line.text, text);
    once->checking = false;
    world->stop = true;
}

void world_once_checked(struct world *world, bool well, const char *text)
{
    struct world_once *once = world->once;
    put(once, ONCE_CHECK_HEALTH, well ? ok : text && text[0] ? text : "the health check said no");
    check_slots(world, once);
    check_identity(world, once);
    check_pins(world, once);
    check_clock(world, once);
    once->line.is_checked = true;
    once->checking = false;
    if (once->settled != ONCE_FAILED && !is_well(once)) once->settled = ONCE_UNWELL;
    struct once_story story;
    once_story_of(world->core, &story);
    finish(world, once->settled,
           once->settled == ONCE_LATER    ? story.later
           : once->settled == ONCE_FAILED ? story.detail
                                          : "");
}

static void check(struct world *world, enum once_result result)
{
    const struct core_action action = {
        .kind = CORE_DO_HEALTH_CHECK,
        .hook = {.phase = CORE_HOOK_HEALTH, .moment = CORE_HOOK_ENTER}};
    world->once->settled = result;
    world->once->checking = true;
    world_check(world, &action);
}

/* Words for whom the time ran out. */
static const char *standing(const struct world *world, const struct once_facts *facts)
{
    if (!facts->online)
        return session_trouble(world->session)[0] ? session_trouble(world->session)
                                                  : "there is no connection";
    if (facts->phase != CORE_IDLE) return core_phase_text(facts->phase);
    return facts->next == WG_NEXT_SOON ? "an order is to come, and has not"
                                       : "the orchestrator does not say what there is";
}

/* Programs that are told of a failure, or that show its logs; what is done with the slots. */
static bool has_to_end(const struct world *world)
{
    return world->errors.asking || world->logs.program.pid > 0 || !worker_is_idle(world->worker);
}

void world_once_look(struct world *world)
{
    struct world_once *once = world->once;
    struct once_facts facts;
    enum once_result result;
    if (!once || world->stop || world->failed || world->reboot) return;
    once_facts_of(world->core, &facts);
    facts.is_over = wg_monotonic() >= once->until;
    if (facts.phase != CORE_IDLE && !facts.put_off) once->checking = false;
    if ((once->checking || has_to_end(world)) && !facts.is_over) return;
    if (!once_judge(&facts, &result)) return;
    if (once->checking)
        finish(world, ONCE_TIMEOUT, "the health check does not answer");
    else if (result == ONCE_DONE || result == ONCE_LATER || result == ONCE_FAILED)
        check(world, result);
    else
        finish(world, result, standing(world, &facts));
}

void world_once_close(struct world *world)
{
    struct world_once *once = world->once;
    struct once_line *line = &once->line;
    struct once_story story;
    once_story_of(world->core, &story);
    if (world->reboot) line->result = ONCE_REBOOT;
    (void)wg_copy(line->slot, sizeof line->slot, world->slot.running);
    line->component_count = world->slot.component_count;
    memcpy(line->components, world->slot.components, sizeof line->components);
    if (story.state == WG_WAITING) return;
    (void)wg_copy(line->order, sizeof line->order, story.order);
    (void)wg_copy(line->campaign, sizeof line->campaign, story.campaign);
    (void)wg_copy(line->detail, sizeof line->detail, story.detail);
    line->state = story.state;
    line->cause = story.cause;
}
