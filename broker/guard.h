/* guard.h: judges every connect, subscription and message at the broker. Sans-I/O: the caller hands
 * in what the certificate says and the time, and does what the verdict says. Memory is taken once,
 * at the start. Not shared between threads: Mosquitto has one. */
#ifndef WG_BROKER_GUARD_H
#define WG_BROKER_GUARD_H

#include "broker/notices.h"
#include "broker/revoked.h"
#include "broker/settings.h"
#include "broker/topic_rule.h"

#define GUARD_AUTHORITIES_MAX 16

struct guard;

struct guard *guard_new(const struct settings *settings, struct wg_error *err); /* copies */
void guard_free(struct guard *guard);

/* What the handshake has proven. */
struct certificate {
    char name[WG_NAME_MAX + 1]; /* the common name; "" when it has not the form of a name */
    bool is_device;             /* issued by an authority for devices; else one for services */
    size_t authority;           /* its number, below GUARD_AUTHORITIES_MAX */
    struct serial serial;
};

enum login {
    LOGIN_OK,
    LOGIN_NAME,      /* the certificate's name is no name, or one that services use */
    LOGIN_CLIENT_ID, /* the client id is not the certificate's */
    LOGIN_SERVICE,   /* a service that the configuration does not name */
    LOGIN_REVOKED,
    LOGIN_STORM,   /* connects too often: refused for a while from now on */
    LOGIN_PENALTY, /* still refused */
    LOGIN_BUSY,    /* too many connect at this moment */
    LOGIN_FULL,    /* too many are connected */
    LOGINS
};
const char *login_text(enum login login); /* for a log */

/* client_id may be NULL. session: any pointer that tells sessions apart, not NULL; never looked
 * into. One that is alive may be judged again: that counts as no connect. user holds USER_MAX and
 * is what the other functions want to see; filled when LOGIN_OK. */
enum login guard_login(struct guard *guard, const struct certificate *certificate,
                       const char *client_id, const void *session, nanoseconds now, char *user);
void guard_logout(struct guard *guard, const char *client_id, const void *session);

enum verdict {
    VERDICT_ALLOW,
    VERDICT_DENY, /* only this */
    VERDICT_CUT   /* end the session */
};

/* Topic, retained flag and length. user: as guard_login() wrote it; anything else is denied. */
enum verdict guard_access(struct guard *guard, const char *user,
                          const struct topic_question *question, nanoseconds now);
/* Rate and volume of a message whose topic is allowed. can_refuse: its sender can be told that it
 * was not taken, or does not expect to be told. */
enum verdict guard_message(struct guard *guard, const char *user, size_t len, bool can_refuse,
                           nanoseconds now);

/* The list of an authority, anew; moves it out of revoked. Live sessions: guard_next_kick(). */
void guard_set_revoked(struct guard *guard, size_t authority, struct revoked *revoked);
/* Of whatever authority, until the process ends. */
WG_MUST_CHECK bool guard_revoke(struct guard *guard, const struct serial *serial,
                                struct wg_error *err);
/* The next session that a revocation ends: its client id in id (WG_NAME_MAX + 1); false: none. */
bool guard_next_kick(struct guard *guard, nanoseconds now, char *id);

bool guard_next_notice(struct guard *guard, nanoseconds now, struct notice *out);

#endif
