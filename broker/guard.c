/* guard.c: the table of clients, the limits, and what happens when one is over them. */
#include "broker/guard.h"

#include "broker/clients.h"

#include <stdlib.h>
#include <string.h>

#define TOLD_MAX 4096 /* serials that are revoked by message alone */

struct guard {
    struct settings settings;
    struct bucket_rule connects, device_connects, messages, bytes, subscribes, drops;
    nanoseconds penalty;
    struct clients *clients;
    struct bucket all_connects;
    struct revoked lists[GUARD_AUTHORITIES_MAX];
    struct revoked told;
    bool sweeping; /* somebody was revoked since all sessions were looked at */
    size_t sweep_at;
    struct notices notices;
};

static const char *const logins[LOGINS] = {
    [LOGIN_OK] = "ok",
    [LOGIN_NAME] = "the certificate's name is no device's",
    [LOGIN_CLIENT_ID] = "the client id is not the certificate's name",
    [LOGIN_SERVICE] = "a service without a role here",
    [LOGIN_REVOKED] = "the certificate is revoked",
    [LOGIN_STORM] = "connects too often",
    [LOGIN_PENALTY] = "is refused for a while",
    [LOGIN_BUSY] = "too many connect at this moment",
    [LOGIN_FULL] = "too many clients",
};

const char *login_text(enum login login)
{
    return (unsigned)login < LOGINS ? logins[login] : "?";
}

static struct bucket_rule per(nanoseconds span, int64_t units, int64_t burst)
{
    return (struct bucket_rule){.unit = span / units, .burst = burst};
}

struct guard *guard_new(const struct settings *settings, struct wg_error *err)
{
    struct guard *guard = calloc(1, sizeof *guard);
    if (!guard) {
        (void)wg_fail_memory(err, "making the guard");
        return NULL;
    }
    guard->settings = *settings;
    guard->connects = per(NS_PER_SECOND, settings->connects, settings->connects);
    guard->device_connects =
        per(60 * NS_PER_SECOND, settings->device_connects, settings->connect_burst);
    guard->messages = per(NS_PER_SECOND, settings->messages, settings->message_burst);
    guard->bytes = per(NS_PER_SECOND, settings->bytes, settings->byte_burst);
    guard->subscribes = per(60 * NS_PER_SECOND, settings->subscribes, settings->subscribe_burst);
    guard->drops = per(NS_PER_SECOND, 1, settings->drops);
    guard->penalty = settings->penalty * NS_PER_MS;
    for (size_t i = 0; i < GUARD_AUTHORITIES_MAX; i++) revoked_init(&guard->lists[i]);
    revoked_init(&guard->told);
    guard->clients = clients_new((size_t)settings->clients, err);
    if (guard->clients) return guard;
    guard_free(guard);
    return NULL;
}

void guard_free(struct guard *guard)
{
    if (!guard) return;
    for (size_t i = 0; i < GUARD_AUTHORITIES_MAX; i++) revoked_clear(&guard->lists[i]);
    revoked_clear(&guard->told);
    clients_free(guard->clients);
    free(guard);
}

static bool is_revoked(struct guard *guard, size_t authority, const struct serial *serial)
{
    return revoked_has(&guard->told, serial) || authority >= GUARD_AUTHORITIES_MAX ||
           revoked_has(&guard->lists[authority], serial);
}

/* A service's client ids: its name, or its name and more behind '-' or '.'. */
static bool is_of_service(const char *name, const char *service)
{
    size_t len = strlen(service);
    return strncmp(name, service, len) == 0 &&
           (name[len] == '\0' || name[len] == '-' || name[len] == '.');
}

/* No device may hold a name that a service could use as its client id. */
static bool is_kept_for_services(const struct settings *settings, const char *name)
{
    const struct service_names *lists[] = {&settings->orchestrators, &settings->enrolment};
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < lists[i]->count; j++)
            if (is_of_service(name, lists[i]->items[j])) return true;
    return false;
}

static void punish(struct guard *guard, struct client *client, nanoseconds now)
{
    client->refused_until = now + guard->penalty;
    client->takeovers = 0;
    client->drops = (struct bucket){.full_at = 0};
}

/* One more connect of this device; another session of it may be alive. */
static enum login count_connect(struct guard *guard, struct client *client, nanoseconds now)
{
    if (client->refused_until > now) return LOGIN_PENALTY;
    /* before the device's own count: it has done nothing wrong */
    if (!bucket_take(&guard->all_connects, &guard->connects, 1, now)) return LOGIN_BUSY;
    if (bucket_is_full(&client->connects, now)) client->takeovers = 0;
    if (client->session) client->takeovers++;
    if (bucket_take(&client->connects, &guard->device_connects, 1, now)) return LOGIN_OK;
    bool clones = 2 * (int64_t)client->takeovers >= guard->device_connects.burst;
    notices_add(&guard->notices, client->id, clones ? NOTICE_TAKEOVER_STORM : NOTICE_CONNECT_STORM,
                now);
    punish(guard, client, now);
    return LOGIN_STORM;
}

static enum login judge_device(struct guard *guard, struct client *client,
                               const struct certificate *certificate, const char *client_id,
                               const void *session, nanoseconds now)
{
    enum login login = client->session == session ? LOGIN_OK : count_connect(guard, client, now);
    if (login != LOGIN_OK) return login;
    if (strcmp(client_id, certificate->name) != 0) {
        notices_add(&guard->notices, client->id, NOTICE_ESCAPE, now);
        return LOGIN_CLIENT_ID;
    }
    if (is_revoked(guard, certificate->authority, &certificate->serial)) {
        notices_add(&guard->notices, client->id, NOTICE_REVOKED, now);
        return LOGIN_REVOKED;
    }
    if (client->session && client->session != session)
        notices_add(&guard->notices, client->id, NOTICE_TAKEOVER, now);
    return LOGIN_OK;
}

static enum login judge_service(struct guard *guard, const struct certificate *certificate,
                                const char *client_id, enum role *role, nanoseconds now)
{
    if (service_names_have(&guard->settings.orchestrators, certificate->name))
        *role = ROLE_ORCHESTRATOR;
    else if (service_names_have(&guard->settings.enrolment, certificate->name))
        *role = ROLE_ENROLMENT;
    else
        return LOGIN_SERVICE;
    if (!wg_name_is_valid(client_id) || !is_of_service(client_id, certificate->name))
        return LOGIN_CLIENT_ID;
    if (!is_revoked(guard, certificate->authority, &certificate->serial)) return LOGIN_OK;
    notices_add(&guard->notices, client_id, NOTICE_REVOKED, now);
    return LOGIN_REVOKED;
}

enum login guard_login(struct guard *guard, const struct certificate *certificate,
                       const char *client_id, const void *session, nanoseconds now, char *user)
{
    struct user who = {.role = ROLE_DEVICE, .name = certificate->name};
    enum login login;
    if (!client_id) client_id = "";
    if (!wg_name_is_valid(certificate->name) ||
        (certificate->is_device && is_kept_for_services(&guard->settings, certificate->name)))
        return LOGIN_NAME;
    if (!certificate->is_device) {
        login = judge_service(guard, certificate, client_id, &who.role, now);
        if (login != LOGIN_OK) return login;
    }
    struct client *client =
        clients_get(guard->clients, certificate->is_device ? certificate->name : client_id);
    if (!client) return LOGIN_FULL;
    if (certificate->is_device) {
        login = judge_device(guard, client, certificate, client_id, session, now);
        if (login != LOGIN_OK) return login;
    }
    clients_set_session(guard->clients, client, session);
    client->authority = certificate->authority;
    client->serial = certificate->serial;
    user_text(&who, user);
    return LOGIN_OK;
}

void guard_logout(struct guard *guard, const char *client_id, const void *session)
{
    struct client *client = client_id ? clients_find(guard->clients, client_id) : NULL;
    /* the end of a session whose place another one took says nothing about that one */
    if (client && client->session && client->session == session)
        clients_set_session(guard->clients, client, NULL);
}

/* A refused message or more: a few are denied, then the session ends and none begins for a while.
 */
static enum verdict refuse(struct guard *guard, struct client *client, nanoseconds now)
{
    if (client && bucket_take(&client->drops, &guard->drops, 1, now)) return VERDICT_DENY;
    if (client) punish(guard, client, now);
    return VERDICT_CUT;
}

static enum verdict flood(struct guard *guard, struct client *client, const char *name,
                          nanoseconds now)
{
    notices_add(&guard->notices, name, NOTICE_FLOOD, now);
    return refuse(guard, client, now);
}

/* Asking for subscriptions, rightly or not, is work for the broker. */
static enum verdict count_subscribe(struct guard *guard, const char *name, nanoseconds now)
{
    struct client *client = clients_find(guard->clients, name);
    if (client && bucket_take(&client->subscribes, &guard->subscribes, 1, now))
        return VERDICT_ALLOW;
    notices_add(&guard->notices, name, NOTICE_FLOOD, now);
    if (client) punish(guard, client, now);
    return VERDICT_CUT;
}

enum verdict guard_access(struct guard *guard, const char *text,
                          const struct topic_question *question, nanoseconds now)
{
    struct user user;
    if (!user_parse(text, &user)) return VERDICT_DENY;
    enum topic_answer answer = topic_rule(&user, question);
    if (user.role != ROLE_DEVICE || question->access == ACCESS_READ)
        return answer == TOPIC_ALLOWED ? VERDICT_ALLOW : VERDICT_DENY;
    if (question->access != ACCESS_WRITE) {
        enum verdict verdict = count_subscribe(guard, user.name, now);
        if (verdict != VERDICT_ALLOW || answer == TOPIC_ALLOWED) return verdict;
    }
    if (answer == TOPIC_ALLOWED) return VERDICT_ALLOW;
    struct client *client = clients_find(guard->clients, user.name);
    if (answer == TOPIC_TOO_LONG) return flood(guard, client, user.name, now);
    notices_add(&guard->notices, user.name, NOTICE_ESCAPE, now);
    return refuse(guard, client, now);
}

enum verdict guard_message(struct guard *guard, const char *text, size_t len, bool can_refuse,
                           nanoseconds now)
{
    struct user user;
    if (!user_parse(text, &user)) return VERDICT_DENY;
    if (user.role != ROLE_DEVICE) return VERDICT_ALLOW;
    struct client *client = clients_find(guard->clients, user.name);
    if (client && bucket_take(&client->messages, &guard->messages, 1, now) &&
        bucket_take(&client->bytes, &guard->bytes, (int64_t)len, now))
        return VERDICT_ALLOW;
    enum verdict verdict = flood(guard, client, user.name, now);
    return can_refuse ? verdict : VERDICT_CUT;
}

void guard_set_revoked(struct guard *guard, size_t authority, struct revoked *revoked)
{
    if (authority >= GUARD_AUTHORITIES_MAX) return;
    revoked_clear(&guard->lists[authority]);
    guard->lists[authority] = *revoked;
    revoked_init(revoked);
    guard->sweeping = true;
    guard->sweep_at = 0;
}

bool guard_revoke(struct guard *guard, const struct serial *serial, struct wg_error *err)
{
    if (revoked_has(&guard->told, serial)) return true;
    if (guard->told.count == TOLD_MAX)
        return wg_fail(err, WG_E_LIMIT,
                       "more than %d certificates were revoked by message: only the revocation "
                       "list counts from now on",
                       TOLD_MAX);
    if (!revoked_add(&guard->told, serial, err)) return false;
    guard->sweeping = true;
    guard->sweep_at = 0;
    return true;
}

bool guard_next_kick(struct guard *guard, nanoseconds now, char *id)
{
    struct client *client;
    if (!guard->sweeping) return false;
    while ((client = clients_at(guard->clients, guard->sweep_at++)) != NULL) {
        if (!client->session || !is_revoked(guard, client->authority, &client->serial)) continue;
        notices_add(&guard->notices, client->id, NOTICE_REVOKED, now);
        memcpy(id, client->id, sizeof client->id);
        return true;
    }
    guard->sweeping = false;
    return false;
}

bool guard_next_notice(struct guard *guard, nanoseconds now, struct notice *out)
{
    return notices_next(&guard->notices, now, out);
}
