/* session.h: the agent's session with its broker: connected with back-off for ever, subscribed to
 * the device's own topics, with a Last Will that says it is gone. */
#ifndef WG_AGENT_POSIX_SESSION_H
#define WG_AGENT_POSIX_SESSION_H

#include "agent/posix/identity.h"
#include "agent/posix/settings.h"

struct session;
struct tls_pins;

enum session_event_kind { SESSION_UP, SESSION_DOWN, SESSION_MESSAGE };

struct session_event {
    enum session_event_kind kind;
    enum wg_topic topic; /* message */
    char *payload;       /* message; owned by the event */
    size_t len;
    int64_t link; /* up: number of the connection since the start */
};

/* boot: of this start of the agent; goes into the Last Will. settings, identity and pins are
 * borrowed: each connection shows the pair that identity picks, and asks the pins (NULL: none). */
struct session *session_new(const struct settings *settings, const char *boot,
                            struct identity *identity, struct tls_pins *pins, struct wg_error *err);
void session_free(struct session *session);

int session_fd(const struct session *session);
/* Connects when it is time to; monotonic. Returns when to come again (0: no need). */
wg_time session_keep(struct session *session, wg_time now);
/* The next thing that happened; false: nothing. session_event_clear() afterwards. */
bool session_next(struct session *session, wg_time now, struct session_event *out);
void session_event_clear(struct session_event *event);

/* Why there is no connection; "": there is one, or none was tried. */
const char *session_trouble(const struct session *session);
/* Hex SHA-256 of the key that signed the broker's certificate; "": not known. */
const char *session_issuer(const struct session *session);

/* Lost without a word while there is no session (false), or when it ends: the core sends again. */
bool session_publish(struct session *session, enum wg_topic topic, const char *payload, size_t len);
/* Says that the device goes, in the Last Will's words, and leaves politely. */
void session_leave(struct session *session);
/* Leaves like that, and connects again at once; no event tells of the end. */
void session_again(struct session *session, wg_time now);

#endif
