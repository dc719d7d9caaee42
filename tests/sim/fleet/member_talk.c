/* member_talk.c: connecting, saying, hearing: as the agent does it, through a network that may be
 * bad. */
#include "common/posix/file.h"
#include "common/text.h"
#include "tests/sim/fleet/member_part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_WITHIN (15 * WG_SECOND)
#define KEEP_ALIVE_LOOKS 4 /* in a keep-alive */
#define WILL_MAX 128

static size_t who_is(const struct member *member, const struct crew *crew)
{
    return (size_t)(member - crew->members);
}

bool member_will(const struct member *member, struct wg_buf *out, struct wg_error *err)
{
    struct wg_hello gone = {.online = false, .link = member->link};
    (void)wg_copy(gone.boot, sizeof gone.boot, member->boot);
    return wg_hello_encode(&gone, out, err);
}

static void connect_again(void *world, const struct event *event)
{
    struct crew *crew = world;
    struct member *member = &crew->members[event->who];
    if (event->token == member->life && member->core) crew_wants_connection(crew, member);
}

/* The connection is no more, or came never to be. */
void member_lost(struct member *member, struct crew *crew)
{
    size_t who = who_is(member, crew);
    bool was_up = member->link > 0 && !member->connecting;
    struct chance chance;
    if (member->connecting) gate_done(&crew->gate);
    member->connecting = false;
    member->hello_said = 0;
    member->told = false;
    net_cut(&crew->net, who);
    if (was_up && member->core)
        member_feed(member, crew, &(struct core_event){.kind = CORE_EV_LOST});
    if (!member->core) return;
    member_dice(member, crew, &chance);
    member_later(member, crew, wg_backoff_next(&member->backoff, (uint32_t)chance_next(&chance)),
                 &(struct event){.run = connect_again, .token = member->life});
}

void member_drop(struct member *member, struct crew *crew)
{
    if (!crew->net.links[who_is(member, crew)].up) return;
    crew_count(crew, TALLY_DROPPED, 1);
    member_lost(member, crew);
}

/* number: of the connection that the event is for. */
static bool is_present(const struct crew *crew, const struct event *event)
{
    const struct net_link *link = &crew->net.links[event->who];
    return link->mosq && (int64_t)link->turn == event->number;
}

static void give_up(void *world, const struct event *event)
{
    struct crew *crew = world;
    if (!is_present(crew, event) || crew->net.links[event->who].up) return;
    crew_count(crew, TALLY_ERROR_CONNECT, 1);
    member_lost(&crew->members[event->who], crew);
}

static void break_line(void *world, const struct event *event)
{
    struct crew *crew = world;
    if (is_present(crew, event)) member_drop(&crew->members[event->who], crew);
}

static void keep_alive(void *world, const struct event *event)
{
    struct crew *crew = world;
    if (!is_present(crew, event)) return;
    net_keep_alive(&crew->net, event->who);
    member_later(&crew->members[event->who], crew, crew->settings->keep_alive / KEEP_ALIVE_LOOKS,
                 event);
}

void member_connect(struct member *member, struct crew *crew)
{
    size_t who = who_is(member, crew);
    struct wg_buf will;
    wg_buf_init(&will, WILL_MAX);
    member->connecting = true;
    member->connect_began = crew_micros();
    member->link++;
    if (!member_will(member, &will, &crew->err))
        crew_fail(crew, "a Last Will");
    else
        net_connect(&crew->net, who, member->id, wg_buf_str(&will));
    wg_buf_clear(&will);
    member_later(member, crew, CONNECT_WITHIN,
                 &(struct event){.run = give_up, .number = crew->net.links[who].turn});
}

static void came_up(struct member *member, struct crew *crew)
{
    size_t who = who_is(member, crew);
    struct event event = {.number = crew->net.links[who].turn};
    struct chance chance;
    if (member->connecting) gate_done(&crew->gate);
    member->connecting = false;
    wg_backoff_reset(&member->backoff);
    crew_count(crew, TALLY_CONNECTS, 1);
    if (member->before) crew_count(crew, TALLY_RECONNECTS, 1);
    member->before = true;
    crew_time(crew, TALLY_CONNECT, member->connect_began);
    event.run = keep_alive;
    member_later(member, crew, crew->settings->keep_alive / KEEP_ALIVE_LOOKS, &event);
    member_dice(member, crew, &chance);
    wg_duration cut = profile_cut(&crew->settings->profile, &chance);
    if (member_has(member, FLEET_RECONNECT))
        cut = 1 + (wg_duration)(-log(1 - chance_unit(&chance)) *
                                (double)crew->settings->reconnect_every);
    event.run = break_line;
    if (cut > 0) member_later(member, crew, cut, &event);
    member_feed(member, crew,
                &(struct core_event){.kind = CORE_EV_CONNECTED, .link = member->link});
}

static void publish(struct member *member, struct crew *crew, enum wg_topic topic,
                    const char *payload, size_t len)
{
    size_t who = who_is(member, crew);
    if (!crew->net.links[who].up) return; /* the core sends again */
    int number = net_publish(&crew->net, who, topic, payload, len);
    if (number == 0) {
        crew_count(crew, TALLY_ERROR_PUBLISH, 1);
        return;
    }
    crew_count(crew, topic == WG_TOPIC_UP_HELLO ? TALLY_HELLOS : TALLY_REPORTS_SENT, 1);
    crew_count(crew, TALLY_MESSAGES_OUT, 1);
    crew_count(crew, TALLY_BYTES_OUT, len);
    if (topic == WG_TOPIC_UP_HELLO) {
        if (member->hello_said == 0) member->hello_said = crew_micros();
        return;
    }
    size_t place = member->publish_turn++ % MEMBER_PUBLISHED;
    member->published[place].number = number;
    member->published[place].at = crew_micros();
}

/* A report that the core has written, whether or not it is going to get through. */
static void note_report(struct member *member, struct crew *crew, const char *payload, size_t len)
{
    struct wg_report report;
    struct wg_error err;
    if (!wg_report_decode(payload, len, &report, &err)) return;
    if (!member->order.told && member->order.came != 0 &&
        strcmp(report.order, member->order.id) == 0) {
        member->order.told = true;
        crew_time(crew, TALLY_ORDER_REPORT, member->order.came);
    }
    if (report.seq == 0) crew_count(crew, TALLY_PROGRESS, 1);
    if (report.seq > 0 && report.seq <= member->written) crew_count(crew, TALLY_AGAIN, 1);
    if (report.seq <= member->written) return;
    if (member->order.seq == 0 && strcmp(report.order, member->order.id) == 0)
        member->order.seq = report.seq;
    member->written = report.seq;
    member->state = report.state;
    member->cause = report.cause;
    member->said[report.seq % MEMBER_REPORTS].seq = report.seq;
    member->said[report.seq % MEMBER_REPORTS].at = crew_micros();
    crew_count(crew, TALLY_REPORTS, 1);
}

static void say_late(void *world, const struct event *event)
{
    struct crew *crew = world;
    publish(&crew->members[event->who], crew, event->topic, event->bytes, event->len);
}

/* Keeps a copy of a message for later. */
static void put_off(struct member *member, struct crew *crew, wg_duration delay, event_fn run,
                    enum wg_topic topic, const char *payload, size_t len)
{
    char *bytes = malloc(len + 1);
    if (!bytes) {
        (void)wg_fail_memory(&crew->err, "a message");
        crew_fail(crew, "a message");
        return;
    }
    memcpy(bytes, payload, len);
    bytes[len] = '\0';
    member_later(member, crew, delay,
                 &(struct event){.run = run, .topic = topic, .bytes = bytes, .len = len});
}

void member_say(struct member *member, struct crew *crew, enum wg_topic topic, const char *payload,
                size_t len)
{
    struct chance chance;
    if (topic == WG_TOPIC_UP_REPORT) note_report(member, crew, payload, len);
    member_dice(member, crew, &chance);
    struct profile_fate fate = profile_fate(&crew->settings->profile, &chance);
    if (fate.lost) {
        crew_count(crew, TALLY_LOST_OUT, 1);
        return;
    }
    if (member_has(member, FLEET_DUPLICATE)) fate.copies = 2;
    for (int i = 0; i < fate.copies; i++)
        if (fate.delay > 0)
            put_off(member, crew, fate.delay, say_late, topic, payload, len);
        else
            publish(member, crew, topic, payload, len);
}

static void note_order(struct member *member, struct crew *crew, const char *payload, size_t len)
{
    struct wg_error err;
    struct wg_order order;
    json_t *envelope = wg_order_parse(payload, len, &err);
    bool ok = envelope && wg_order_read(envelope, &order, &err);
    json_decref(envelope);
    if (!ok) {
        crew_count(crew, TALLY_ERROR_MESSAGE, 1);
        return;
    }
    if (order.kind == WG_ORDER_WITHDRAW || strcmp(order.id, member->order.id) == 0) {
        crew_count(crew, TALLY_ORDERS_AGAIN, 1);
        return;
    }
    crew_count(crew, TALLY_ORDERS, 1);
    (void)wg_copy(member->order.id, sizeof member->order.id, order.id);
    member->order.came = crew_micros();
    member->order.told = false;
    member->order.seq = 0;
    wg_duration under_way = wg_now() - order.not_before;
    if (under_way >= 0)
        histogram_add(&crew->tally->times[TALLY_ISSUE_ORDER], (uint64_t)under_way * 1000);
}

static void note_ack(struct member *member, struct crew *crew, const char *payload, size_t len)
{
    struct wg_ack ack;
    struct wg_error err;
    if (!wg_ack_decode(payload, len, &ack, &err)) {
        crew_count(crew, TALLY_ERROR_MESSAGE, 1);
        return;
    }
    crew_count(crew, TALLY_ACKS, 1);
    if (member->hello_said != 0) crew_time(crew, TALLY_HELLO, member->hello_said);
    member->hello_said = 0;
    if (ack.link == member->link && strcmp(ack.boot, member->boot) == 0) {
        member->told = true;
        (void)wg_copy(member->wanted, sizeof member->wanted, ack.order);
    }
    if (strcmp(ack.journal, member->journal) != 0) return;
    while (member->acknowledged < ack.seq && member->acknowledged < member->written) {
        int64_t seq = ++member->acknowledged;
        crew_count(crew, TALLY_ACKNOWLEDGED, 1);
        if (member->said[seq % MEMBER_REPORTS].seq == seq)
            crew_time(crew, TALLY_REPORT_ACK, member->said[seq % MEMBER_REPORTS].at);
        if (seq == member->order.seq) crew_time(crew, TALLY_ORDER_ACK, member->order.came);
    }
}

static void hear(struct member *member, struct crew *crew, enum wg_topic topic, const char *payload,
                 size_t len)
{
    struct core_event event = {.bytes = payload, .len = len};
    if (!member->core) return;
    if (topic == WG_TOPIC_DOWN_ORDER) {
        note_order(member, crew, payload, len);
        event.kind = CORE_EV_ORDER;
    } else if (topic == WG_TOPIC_DOWN_ACK) {
        note_ack(member, crew, payload, len);
        event.kind = CORE_EV_ACK;
    } else {
        return;
    }
    member_feed(member, crew, &event);
}

static void hear_late(void *world, const struct event *event)
{
    struct crew *crew = world;
    hear(&crew->members[event->who], crew, event->topic, event->bytes, event->len);
}

static void message(struct member *member, struct crew *crew, const struct net_event *event)
{
    struct chance chance;
    crew_count(crew, TALLY_MESSAGES_IN, 1);
    crew_count(crew, TALLY_BYTES_IN, event->len);
    member_dice(member, crew, &chance);
    struct profile_fate fate = profile_fate(&crew->settings->profile, &chance);
    if (fate.lost) {
        crew_count(crew, TALLY_LOST_IN, 1);
        return;
    }
    for (int i = 0; i < fate.copies; i++)
        if (fate.delay > 0)
            put_off(member, crew, fate.delay, hear_late, event->topic, event->payload, event->len);
        else
            hear(member, crew, event->topic, event->payload, event->len);
}

static void acknowledged(struct member *member, struct crew *crew, const struct net_event *event)
{
    crew_count(crew, event->denied ? TALLY_ERROR_DENIED : TALLY_PUBACKS, 1);
    for (size_t i = 0; i < MEMBER_PUBLISHED; i++) {
        if (member->published[i].at == 0 || member->published[i].number != event->number) continue;
        if (!event->denied) crew_time(crew, TALLY_REPORT_PUBACK, member->published[i].at);
        member->published[i].at = 0;
    }
}

void member_take(struct member *member, struct crew *crew, struct net_event *event)
{
    static const enum tally_count troubles[] = {[NET_NO_CONNECTION] = TALLY_ERROR_CONNECT,
                                                [NET_REFUSED] = TALLY_ERROR_REFUSED,
                                                [NET_BROKEN] = TALLY_ERROR_BROKEN};
    switch (event->kind) {
    case NET_UP:
        came_up(member, crew);
        break;
    case NET_DOWN:
        crew_count(crew, troubles[event->trouble], 1);
        member_lost(member, crew);
        break;
    case NET_MESSAGE:
        message(member, crew, event);
        break;
    case NET_PUBACK:
        acknowledged(member, crew, event);
        break;
    }
}
