/* member_life.c: power, boots, nights. */
#include "common/posix/file.h"
#include "common/text.h"
#include "tests/sim/fleet/member_part.h"

#include <stdio.h>

#define FALL_BACK 2 /* a slot that does not come up costs as much time again */

static const struct wg_tz *tz(void *ctx, const char *zone)
{
    const struct member *member = ctx;
    struct wg_error err;
    const char *wanted = zone[0] ? zone : member->zone;
    return wanted[0] ? zone_files_get(member->zones, wanted, &err) : NULL;
}

static void configure(struct member *member, struct crew *crew, struct core_config *out)
{
    const struct fleet_settings *settings = crew->settings;
    struct wg_hello *said = &out->identity;
    struct device device;
    device_make(crew->fleet, member->number, &device);
    *out = (struct core_config){.director_count = 1,
                                .soak = settings->soak,
                                .health_every = settings->health_every,
                                .resend = CORE_RESEND,
                                .tz = tz,
                                .tz_ctx = member};
    out->directors[0] = settings->director;
    (void)wg_copy(out->device, sizeof out->device, member->id);
    (void)wg_copy(said->agent, sizeof said->agent, device.agent);
    (void)wg_copy(said->hardware_model, sizeof said->hardware_model, device.model->name);
    (void)wg_copy(said->hardware_revision, sizeof said->hardware_revision, device.revision);
    (void)wg_copy(said->zone, sizeof said->zone, device.zone);
    (void)wg_copy(said->region, sizeof said->region, device.region);
    said->has_position = device.has_position;
    said->lat = device.lat;
    said->lon = device.lon;
    (void)snprintf(said->attributes, sizeof said->attributes,
                   "{\"site\":\"%s\",\"customer\":\"%s\",\"ram_mb\":%d,\"channel\":\"%s\"}",
                   device.site, device.customer, device.ram_mb, device.channel);
}

static void start_core(struct member *member, struct crew *crew)
{
    struct core_start start = {
        .trial = member->running != member->committed, .keyed = true, .marked = member->marker};
    const struct member_slot *slot = &member->slots[member->running];
    struct chance chance;
    chance_init(&chance, crew->nonce + member->life, member->number);
    uint64_t boot[2] = {chance_next(&chance), chance_next(&chance)};
    wg_hex(boot, sizeof boot, member->boot);
    (void)wg_copy(start.boot, sizeof start.boot, member->boot);
    (void)wg_copy(start.journal, sizeof start.journal, member->journal);
    (void)snprintf(start.slot, sizeof start.slot, "%c", "ab"[member->running]);
    for (size_t i = 0; i < slot->count; i++) {
        struct wg_component *component = &start.components[start.component_count++];
        (void)wg_copy(component->name, sizeof component->name, slot->software[i].name);
        (void)wg_copy(component->version, sizeof component->version, slot->software[i].version);
    }
    member_feed(member, crew, &(struct core_event){.kind = CORE_EV_START, .start = &start});
}

/* The agent, in the slot that runs. */
static void start_process(struct member *member, struct crew *crew)
{
    struct core_config config;
    configure(member, crew, &config);
    member->core = core_new(&config, &crew->err);
    if (!member->core || (member->disk.len > 0 && !core_load(member->core, member->disk.data,
                                                             member->disk.len, &crew->err))) {
        crew_fail(crew, "a core");
        return;
    }
    wg_buf_clear(&member->disk);
    member->link = 0;
    start_core(member, crew);
    if (!member->core) return;
    if (member->zone[0])
        member_feed(member, crew, &(struct core_event){.kind = CORE_EV_ZONE, .text = member->zone});
    if (member->core) crew_wants_connection(crew, member);
}

/* The boot loader: the other slot once if it is marked, else the committed one. */
static void boot(struct member *member, struct crew *crew)
{
    member->running = member->marker ? !member->committed : member->committed;
    member->marker = false;
    bool trial = member->running != member->committed;
    if (trial && member_has(member, FLEET_SILENT)) {
        member->hung = true;
        return;
    }
    if (trial && member_has(member, FLEET_BOOT)) member->running = member->committed;
    start_process(member, crew);
}

static void power(void *world, const struct event *event)
{
    struct crew *crew = world;
    struct member *member = &crew->members[event->who];
    if (event->token == member->life && !member->asleep) boot(member, crew);
}

void member_down(struct member *member, struct crew *crew)
{
    size_t who = (size_t)(member - crew->members);
    if (member->connecting) gate_done(&crew->gate);
    member->connecting = false;
    net_cut(&crew->net, who);
    member->life++;
    member->work++;
    member->wake_at = 0;
    member->hello_said = 0;
    member->told = false;
    if (!member->core) return;
    wg_buf_clear(&member->disk);
    wg_buf_init(&member->disk, CORE_MEMORY_MAX);
    if (!core_dump(member->core, &member->disk, &crew->err)) crew_fail(crew, "saving a memory");
    core_free(member->core);
    member->core = NULL;
}

/* As the agent does it: the Last Will's words, then a polite end. */
void member_leave(struct member *member, struct crew *crew)
{
    size_t who = (size_t)(member - crew->members);
    struct wg_buf will;
    wg_buf_init(&will, WG_MESSAGE_MAX);
    if (crew->net.links[who].up && member_will(member, &will, &crew->err) &&
        net_publish(&crew->net, who, WG_TOPIC_UP_HELLO, wg_buf_str(&will), will.len) != 0) {
        crew_count(crew, TALLY_HELLOS, 1);
        crew_count(crew, TALLY_MESSAGES_OUT, 1);
        crew_count(crew, TALLY_BYTES_OUT, will.len);
    }
    wg_buf_clear(&will);
    net_leave(&crew->net, who);
    member_down(member, crew);
}

void member_reboot(struct member *member, struct crew *crew)
{
    struct chance chance;
    bool fails = member->marker && member_has(member, FLEET_BOOT);
    member_dice(member, crew, &chance);
    double speed = crew->settings->speed / (member_has(member, FLEET_SLOW) ? 10 : 1);
    wg_duration time = spread_draw(&crew->settings->reboot, speed, &chance);
    crew_count(crew, TALLY_REBOOTS, 1);
    member_leave(member, crew);
    member_later(member, crew, fails ? FALL_BACK * time : time,
                 &(struct event){.run = power, .token = member->life});
}

static void turn(void *world, const struct event *event);

/* Night falls or ends: not a matter of one life. */
static void plan_turn(struct member *member, struct crew *crew)
{
    wg_duration elapsed = wg_monotonic() - crew->began;
    member_later(member, crew, profile_turn(&crew->settings->profile, elapsed, member->zone_offset),
                 &(struct event){.run = turn});
}

static bool is_night(const struct member *member, const struct crew *crew)
{
    return profile_is_night(&crew->settings->profile, wg_monotonic() - crew->began,
                            member->zone_offset);
}

static void turn(void *world, const struct event *event)
{
    struct crew *crew = world;
    struct member *member = &crew->members[event->who];
    bool asleep = is_night(member, crew);
    plan_turn(member, crew);
    if (asleep == member->asleep || member->hung || member->ended) return;
    member->asleep = asleep;
    if (asleep)
        member_down(member, crew); /* without a word: its Last Will tells */
    else
        boot(member, crew);
}

void member_start(struct member *member, struct crew *crew)
{
    if (member->sleeper) {
        member->asleep = is_night(member, crew);
        plan_turn(member, crew);
    }
    if (!member->asleep) boot(member, crew);
}
