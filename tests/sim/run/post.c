/* post.c: carries messages as events of the agenda. */
#include "tests/sim/run/post.h"

#include "tests/sim/dice.h"
#include "tests/sim/run/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BROKER_LOOKS (3 * WG_HOUR) /* a broker may go away so often */

bool post_is_up(const struct sim *sim, size_t broker)
{
    return broker < sim->setup.broker_count && !sim->post.away[broker];
}

bool post_any_up(const struct sim *sim)
{
    for (size_t i = 0; i < sim->setup.broker_count; i++)
        if (!sim->post.away[i]) return true;
    return false;
}

static void broker_back(void *world, const struct event *event)
{
    struct sim *sim = world;
    if (!sim->post.away[event->who]) return;
    sim->post.away[event->who] = false;
    sim_tell(sim, "broker", "%zu is back", event->who);
}

static void broker_away(struct sim *sim, size_t broker, wg_duration length)
{
    sim->post.away[broker] = true;
    for (size_t i = 0; i < sim->setup.device_count; i++)
        if (sim->machines[i].connected && sim->machines[i].broker == broker)
            machine_disconnect(&sim->machines[i], sim, false);
    agenda_add(&sim->agenda,
               &(struct event){.at = sim->now + length, .run = broker_back, .who = broker});
}

static void broker_look(void *world, const struct event *event)
{
    struct sim *sim = world;
    struct chance chance;
    uint64_t turn = (uint64_t)event->number;
    dice_init(&chance, sim->setup.seed, "broker", event->who, turn);
    if (sim_strike(sim, FAULT_BROKER, event->who))
        broker_away(sim, event->who, dice_spread(&chance, 5, 3 * 3600) * WG_SECOND);
    agenda_add(&sim->agenda,
               &(struct event){.at = sim->now + dice_between(&chance, 1, 2 * BROKER_LOOKS),
                               .run = broker_look,
                               .who = event->who,
                               .number = (int64_t)turn + 1});
}

void post_plan(struct sim *sim)
{
    for (size_t i = 0; i < sim->setup.broker_count; i++)
        agenda_add(&sim->agenda, &(struct event){.at = sim->now + 1, .run = broker_look, .who = i});
}

void post_mend(struct sim *sim)
{
    for (size_t i = 0; i < SETUP_BROKERS_MAX; i++) sim->post.away[i] = false;
}

static void arrive_up(void *world, const struct event *event)
{
    struct sim *sim = world;
    char topic[WG_TOPIC_MAX];
    const char *device = sim->machines[event->who].setup->id;
    uint64_t turn = sim->post.shared[event->who]++;
    sim->post.carried++;
    if (wg_topic_make(event->topic, device, topic) && post_any_up(sim))
        server_hear(sim, event->who, turn, topic, event->bytes, event->len);
}

static wg_duration travel(struct sim *sim, size_t who, const char *way, uint64_t *turns)
{
    struct chance chance;
    dice_init(&chance, sim->setup.seed, way, who, turns[who]++);
    wg_duration time = dice_between(&chance, 20, 400);
    if (sim_strike(sim, FAULT_DELAY, who)) time += dice_spread(&chance, 1, 7200) * WG_SECOND;
    return time;
}

/* Takes a copy of the bytes. */
static void send(struct sim *sim, const struct event *like, const void *bytes, size_t len,
                 wg_duration after)
{
    struct event event = *like;
    event.at = sim->now + after;
    event.bytes = malloc(len + 1);
    event.len = len;
    if (!event.bytes) {
        sim_fail(sim, "carrying a message");
        return;
    }
    if (len > 0) memcpy(event.bytes, bytes, len);
    event.bytes[len] = '\0';
    agenda_add(&sim->agenda, &event);
}

/* Its topic is the device's own, the rest is noise. */
static void send_nonsense(struct sim *sim, size_t who, const struct event *like, const char *bytes,
                          size_t len)
{
    char noise[512];
    struct chance chance;
    dice_init(&chance, sim->setup.seed, "nonsense", who, sim->post.noise[who]);
    size_t size = len < sizeof noise ? len : sizeof noise;
    memcpy(noise, bytes, size);
    if (chance_of(&chance, 0.3)) size = chance_below(&chance, size + 1);
    for (size_t i = 0; i < size; i++)
        if (chance_of(&chance, 0.05)) noise[i] = (char)chance_below(&chance, 256);
    send(sim, like, noise, size, travel(sim, who, "noise", sim->post.noise));
}

void post_up(struct sim *sim, struct machine *machine, enum wg_topic topic, const char *bytes,
             size_t len)
{
    size_t who = machine->index;
    struct event like = {.run = arrive_up, .who = who, .topic = topic};
    if (!machine->connected) return;
    if (sim_strike(sim, FAULT_BREAK, who)) {
        machine_disconnect(machine, sim, true);
        return;
    }
    if (sim_strike(sim, FAULT_NONSENSE, who)) send_nonsense(sim, who, &like, bytes, len);
    if (!sim_strike(sim, FAULT_LOSE_UP, who))
        send(sim, &like, bytes, len, travel(sim, who, "up", sim->post.up));
    if (sim_strike(sim, FAULT_DOUBLE, who))
        send(sim, &like, bytes, len, travel(sim, who, "up", sim->post.up));
}

/* The broker notices late that a session is gone. */
static void publish_will(void *world, const struct event *event)
{
    struct sim *sim = world;
    const struct machine *machine = &sim->machines[event->who];
    bool back = machine->connected && event->token == machine->life;
    if (!back || event->number) arrive_up(sim, event);
}

void post_will(struct sim *sim, struct machine *machine)
{
    struct wg_hello will = {.online = false, .link = machine->link};
    struct wg_buf bytes;
    struct chance chance;
    size_t who = machine->index;
    struct event like = {
        .run = publish_will, .who = who, .topic = WG_TOPIC_UP_HELLO, .token = machine->life};
    dice_init(&chance, sim->setup.seed, "will", who, sim->post.wills[who]++);
    like.number = sim_strike(sim, FAULT_LATE_WILL, who);
    wg_duration after = dice_spread(&chance, 10, 90 * WG_SECOND);
    if (like.number) after = dice_spread(&chance, 10 * WG_SECOND, 10 * WG_MINUTE);
    (void)wg_copy(will.boot, sizeof will.boot, machine->boot);
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    if (wg_hello_encode(&will, &bytes, &sim->err))
        send(sim, &like, bytes.data, bytes.len, after);
    else
        sim_fail(sim, "leaving a will");
    wg_buf_clear(&bytes);
}

static bool find(const struct sim *sim, const char *device, size_t *who)
{
    for (size_t i = 0; i < sim->setup.device_count; i++)
        if (strcmp(sim->setup.devices[i].id, device) == 0) {
            *who = i;
            return true;
        }
    return false;
}

bool post_down(struct sim *sim, const char *topic, const void *payload, size_t len)
{
    char device[WG_NAME_MAX + 1];
    struct event like = {.run = machine_mail};
    if (!post_any_up(sim)) return false;
    if (!wg_topic_parse(topic, &like.topic, device) || !find(sim, device, &like.who)) return true;
    if (!sim_strike(sim, FAULT_LOSE_DOWN, like.who))
        send(sim, &like, payload, len, travel(sim, like.who, "down", sim->post.down));
    if (sim_strike(sim, FAULT_DOUBLE, like.who))
        send(sim, &like, payload, len, travel(sim, like.who, "down", sim->post.down));
    return true;
}
