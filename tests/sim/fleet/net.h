/* net.h: the MQTT connections of one process, each a client of libmosquitto, all in one epoll loop.
 * What happens on them waits as events until the owner takes it: nothing is called back. */
#ifndef WG_TESTS_SIM_FLEET_NET_H
#define WG_TESTS_SIM_FLEET_NET_H

#include "common/message.h"
#include "tests/sim/fleet/settings.h"
#include "tests/sim/fleet/tls.h"

struct mosquitto;

struct net_link {
    struct net *net;
    size_t who;
    const char *device;     /* borrowed: its client id */
    struct mosquitto *mosq; /* NULL: there is no connection */
    int fd;
    uint32_t watched; /* what epoll is asked for; 0: it is not in it */
    uint32_t turn;    /* number of the connection */
    unsigned granted; /* subscriptions */
    bool up;          /* and all granted */
    bool told;        /* that it is down */
    bool refused;
};

enum net_event_kind { NET_UP, NET_DOWN, NET_MESSAGE, NET_PUBACK };
enum net_trouble { NET_NO_CONNECTION, NET_REFUSED, NET_BROKEN };

struct net_event {
    enum net_event_kind kind;
    size_t who;
    uint32_t turn;            /* of its link; another one's than the present is old news */
    enum net_trouble trouble; /* down: net_cut() next */
    enum wg_topic topic;      /* message */
    char *payload;            /* the same; owned by the event */
    size_t len;
    int number;  /* puback: what net_publish() gave out */
    bool denied; /* the broker did not take it */
};

struct net {
    const struct fleet_settings *settings;
    int epoll;
    struct tls_turn turn;
    SSL_CTX *tls[FLEET_BROKERS_MAX];
    struct net_link *links; /* owned */
    size_t count;
    struct net_event *events; /* a ring, owned */
    size_t first, waiting, room;
    bool failed; /* out of memory: an event is missing */
};

/* other: one more descriptor that net_wait() watches. */
WG_MUST_CHECK bool net_open(struct net *net, const struct fleet_settings *settings, size_t count,
                            int other, struct wg_error *err);
void net_close(struct net *net); /* cuts all */

/* Begins a connection of a link that has none; how it ends, an event tells. */
void net_connect(struct net *net, size_t who, const char *device, const char *will);
/* Its number; 0: it could not be handed over. */
int net_publish(struct net *net, size_t who, enum wg_topic topic, const char *payload, size_t len);
/* Ends the connection: with a word to the broker, or as if the line broke. No event follows. */
void net_leave(struct net *net, size_t who);
void net_cut(struct net *net, size_t who);
void net_keep_alive(struct net *net, size_t who); /* several times in each keep-alive */

/* Waits at most so many milliseconds and lets connections read and write; *other: the other
 * descriptor can be read. */
WG_MUST_CHECK bool net_wait(struct net *net, int most, bool *other, struct wg_error *err);
/* The next thing that happened; free its payload. False: nothing. */
bool net_next(struct net *net, struct net_event *out);

#endif
