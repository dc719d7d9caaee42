/* net.c: libmosquitto by its calls for other people's loops. */
#include "tests/sim/fleet/net.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define OTHER UINT64_MAX
#define READY_MAX 512
#define LAST_READS 32 /* packets that a connection which has ended may still hold */

static const enum wg_topic topics[] = {WG_TOPIC_DOWN_ORDER, WG_TOPIC_DOWN_ACK, WG_TOPIC_DOWN_CERT};
#define TOPICS (sizeof topics / sizeof topics[0])

static bool grow(struct net *net)
{
    size_t room = net->room ? net->room * 2 : 256;
    if (net->waiting < net->room) return true;
    struct net_event *events = calloc(room, sizeof *events);
    if (!events) return false;
    for (size_t i = 0; net->room > 0 && i < net->waiting; i++)
        events[i] = net->events[(net->first + i) % net->room];
    free(net->events);
    net->events = events;
    net->first = 0;
    net->room = room;
    return true;
}

/* Takes the payload over. */
static void tell(struct net_link *link, struct net_event *event)
{
    struct net *net = link->net;
    event->who = link->who;
    event->turn = link->turn;
    if (!grow(net)) {
        net->failed = true;
        free(event->payload);
        return;
    }
    net->events[(net->first + net->waiting++) % net->room] = *event;
}

static void tell_down(struct net_link *link, enum net_trouble trouble)
{
    if (link->told) return;
    link->told = true;
    link->up = false;
    tell(link, &(struct net_event){.kind = NET_DOWN, .trouble = trouble});
}

bool net_next(struct net *net, struct net_event *out)
{
    if (net->waiting == 0) return false;
    *out = net->events[net->first];
    net->first = (net->first + 1) % net->room;
    net->waiting--;
    return true;
}

static void on_connect(struct mosquitto *mosq, void *obj, int reason)
{
    struct net_link *link = obj;
    char topic[WG_TOPIC_MAX];
    tls_forget(mosquitto_ssl_get(mosq));
    link->refused = reason != 0;
    for (size_t i = 0; reason == 0 && i < TOPICS; i++)
        if (!wg_topic_make(topics[i], link->device, topic) ||
            mosquitto_subscribe(mosq, NULL, topic, 1) != MOSQ_ERR_SUCCESS)
            link->refused = true;
}

static void on_subscribe(struct mosquitto *mosq, void *obj, int number, int count,
                         const int *granted)
{
    struct net_link *link = obj;
    (void)mosq;
    (void)number;
    if (count != 1 || granted[0] > 2) link->refused = true;
    if (++link->granted < TOPICS || link->refused) return;
    link->up = true;
    tell(link, &(struct net_event){.kind = NET_UP});
}

static void on_disconnect(struct mosquitto *mosq, void *obj, int reason)
{
    struct net_link *link = obj;
    (void)mosq;
    (void)reason;
    enum net_trouble trouble = link->up ? NET_BROKEN : NET_NO_CONNECTION;
    tell_down(link, link->refused ? NET_REFUSED : trouble);
}

static void on_message(struct mosquitto *mosq, void *obj, const struct mosquitto_message *message)
{
    struct net_link *link = obj;
    struct net_event event = {.kind = NET_MESSAGE, .len = (size_t)message->payloadlen};
    char device[WG_NAME_MAX + 1];
    (void)mosq;
    if (!wg_topic_parse(message->topic, &event.topic, device) || strcmp(device, link->device) != 0)
        return;
    event.payload = malloc(event.len + 1);
    if (!event.payload) {
        link->net->failed = true;
        return;
    }
    if (event.len > 0) memcpy(event.payload, message->payload, event.len);
    event.payload[event.len] = '\0';
    tell(link, &event);
}

static void on_publish(struct mosquitto *mosq, void *obj, int number, int reason,
                       const mosquitto_property *properties)
{
    (void)mosq;
    (void)properties;
    tell(obj, &(struct net_event){.kind = NET_PUBACK, .number = number, .denied = reason >= 0x80});
}

static bool watch(struct net *net, int fd, uint64_t data, uint32_t events, int how)
{
    struct epoll_event event = {.events = events, .data.u64 = data};
    return epoll_ctl(net->epoll, how, fd, &event) == 0;
}

bool net_open(struct net *net, const struct fleet_settings *settings, size_t count, int other,
              struct wg_error *err)
{
    *net = (struct net){.settings = settings, .epoll = -1};
    net->turn.folder = settings->certificates;
    (void)mosquitto_lib_init();
    for (size_t i = 0; i < settings->broker_count; i++)
        if (settings->brokers[i].tls &&
            !(net->tls[i] = tls_open(settings->ca, settings->brokers[i].host, &net->turn, err)))
            return false;
    net->links = calloc(count, sizeof *net->links);
    if (!net->links) return wg_fail_memory(err, "connections");
    net->count = count;
    for (size_t i = 0; i < count; i++)
        net->links[i] = (struct net_link){.net = net, .who = i, .fd = -1};
    net->epoll = epoll_create1(EPOLL_CLOEXEC);
    return (net->epoll >= 0 && watch(net, other, OTHER, EPOLLIN, EPOLL_CTL_ADD)) ||
           wg_fail_errno(err, "epoll");
}

void net_close(struct net *net)
{
    struct net_event event;
    for (size_t i = 0; i < net->count; i++) net_cut(net, i);
    while (net_next(net, &event)) free(event.payload);
    free(net->events);
    free(net->links);
    for (size_t i = 0; i < FLEET_BROKERS_MAX; i++) tls_close(net->tls[i]);
    if (net->epoll >= 0) (void)close(net->epoll);
    (void)mosquitto_lib_cleanup();
}

/* After each call that may have read, written, opened or closed. */
static void settle(struct net_link *link, int rc)
{
    int fd = link->mosq ? mosquitto_socket(link->mosq) : -1;
    if (fd != link->fd) link->watched = 0; /* the kernel forgot it as it was closed */
    link->fd = fd;
    if (fd < 0 || (rc != MOSQ_ERR_SUCCESS && rc != MOSQ_ERR_CONN_PENDING)) {
        on_disconnect(link->mosq, link, rc);
        return;
    }
    uint32_t wanted = EPOLLIN | EPOLLRDHUP;
    if (mosquitto_want_write(link->mosq)) wanted |= EPOLLOUT;
    if (wanted == link->watched) return;
    if (watch(link->net, fd, (uint64_t)link->turn << 32 | link->who, wanted,
              link->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD))
        link->watched = wanted;
    else
        on_disconnect(link->mosq, link, MOSQ_ERR_ERRNO);
}

static bool set_up(struct net_link *link, const struct fleet_settings *settings, SSL_CTX *tls,
                   const char *will)
{
    char topic[WG_TOPIC_MAX];
    struct mosquitto *mosq = link->mosq;
    mosquitto_connect_callback_set(mosq, on_connect);
    mosquitto_subscribe_callback_set(mosq, on_subscribe);
    mosquitto_disconnect_callback_set(mosq, on_disconnect);
    mosquitto_message_callback_set(mosq, on_message);
    mosquitto_publish_v5_callback_set(mosq, on_publish);
    return mosquitto_int_option(mosq, MOSQ_OPT_PROTOCOL_VERSION,
                                settings->mqtt == 5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311) == 0 &&
           mosquitto_int_option(mosq, MOSQ_OPT_TCP_NODELAY, 1) == 0 &&
           mosquitto_int_option(mosq, MOSQ_OPT_SEND_MAXIMUM, 65535) == 0 &&
           (!tls || (mosquitto_int_option(mosq, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0) == 0 &&
                     mosquitto_void_option(mosq, MOSQ_OPT_SSL_CTX, tls) == 0)) &&
           /* without a certificate the broker knows the device by its user name */
           (tls || mosquitto_username_pw_set(mosq, link->device, NULL) == 0) &&
           wg_topic_make(WG_TOPIC_UP_HELLO, link->device, topic) &&
           mosquitto_will_set(mosq, topic, (int)strlen(will), will, 1, false) == 0;
}

void net_connect(struct net *net, size_t who, const char *device, const char *will)
{
    const struct fleet_settings *settings = net->settings;
    struct net_link *link = &net->links[who];
    size_t number = fleet_broker_of(settings, device);
    const struct fleet_broker *broker = &settings->brokers[number];
    *link = (struct net_link){
        .net = net, .who = who, .device = device, .fd = -1, .turn = link->turn + 1};
    link->mosq = mosquitto_new(device, true, link);
    if (!link->mosq || !set_up(link, settings, net->tls[number], will)) {
        tell_down(link, NET_NO_CONNECTION);
        return;
    }
    net->turn.device = device;
    settle(link, mosquitto_connect_async(link->mosq, broker->host, broker->port,
                                         (int)(settings->keep_alive / WG_SECOND)));
}

int net_publish(struct net *net, size_t who, enum wg_topic topic, const char *payload, size_t len)
{
    struct net_link *link = &net->links[who];
    char text[WG_TOPIC_MAX];
    int number = 0;
    if (!link->up || !wg_topic_make(topic, link->device, text)) return 0;
    int rc = mosquitto_publish(link->mosq, &number, text, (int)len, payload, 1, false);
    if (rc != MOSQ_ERR_SUCCESS) number = 0;
    settle(link, rc == MOSQ_ERR_NO_CONN ? rc : MOSQ_ERR_SUCCESS);
    return number;
}

void net_leave(struct net *net, size_t who)
{
    struct net_link *link = &net->links[who];
    if (link->mosq && link->up) (void)mosquitto_disconnect(link->mosq);
    net_cut(net, who);
}

void net_cut(struct net *net, size_t who)
{
    struct net_link *link = &net->links[who];
    link->told = true; /* of an end that its owner wants nothing is told */
    link->up = false;
    if (link->mosq) mosquitto_destroy(link->mosq);
    link->mosq = NULL;
    link->fd = -1;
    link->watched = 0;
    link->turn++;
}

void net_keep_alive(struct net *net, size_t who)
{
    struct net_link *link = &net->links[who];
    if (!link->mosq || link->told) return;
    net->turn.device = link->device;
    settle(link, mosquitto_loop_misc(link->mosq));
}

static void ready(struct net_link *link, uint32_t events)
{
    bool ended = events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP);
    int rc = MOSQ_ERR_SUCCESS, reads = ended ? LAST_READS : 1;
    link->net->turn.device = link->device;
    if (events & EPOLLOUT) rc = mosquitto_loop_write(link->mosq, 1);
    for (int i = 0;
         i < reads && rc == MOSQ_ERR_SUCCESS && !link->told && (ended || (events & EPOLLIN)); i++)
        rc = mosquitto_loop_read(link->mosq, 1);
    /* answers to what was read */
    if (rc == MOSQ_ERR_SUCCESS && !link->told && mosquitto_want_write(link->mosq))
        rc = mosquitto_loop_write(link->mosq, 1);
    /* a handshake that the other side has ended is not noticed by the library */
    settle(link, ended && rc == MOSQ_ERR_SUCCESS ? MOSQ_ERR_CONN_LOST : rc);
}

bool net_wait(struct net *net, int most, bool *other, struct wg_error *err)
{
    struct epoll_event found[READY_MAX];
    int count = epoll_wait(net->epoll, found, READY_MAX, most);
    *other = false;
    if (count < 0 && errno != EINTR) return wg_fail_errno(err, "epoll");
    for (int i = 0; i < count; i++) {
        if (found[i].data.u64 == OTHER) {
            *other = true;
            continue;
        }
        struct net_link *link = &net->links[found[i].data.u64 & UINT32_MAX];
        if (link->mosq && !link->told && link->turn == found[i].data.u64 >> 32)
            ready(link, found[i].events);
    }
    return !net->failed || wg_fail_memory(err, "an event of a connection");
}
