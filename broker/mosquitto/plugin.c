/* plugin.c: between Mosquitto's events and the guard. Judges nothing itself. */
#include "broker/control.h"
#include "broker/guard.h"
#include "broker/mosquitto/certificate.h"
#include "broker/mosquitto/crl_file.h"

#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CRL_LOOK_EVERY (250 * NS_PER_MS)
#define CRL_WARN_EVERY (3600 * NS_PER_SECOND)
#define NOTICES_EVERY (100 * NS_PER_MS)

struct plugin {
    struct settings settings;
    struct authorities authorities;
    struct crl_file crl;
    struct guard *guard;
    bool reloading; /* Mosquitto asks about all sessions again, until the next tick */
    nanoseconds crl_look_at, crl_warn_at, notices_at;
    struct bucket log;
};

static const struct bucket_rule log_pace = {.unit = NS_PER_SECOND / 20, .burst = 200};

static nanoseconds now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (nanoseconds)time.tv_sec * NS_PER_SECOND + time.tv_nsec;
}

static wg_time wall_clock(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_REALTIME, &time);
    return (wg_time)time.tv_sec * WG_SECOND + time.tv_nsec / NS_PER_MS;
}

/* Whoever is refused again and again must not fill the disk. */
static void log_refusal(struct plugin *plugin, const char *name, const char *why, nanoseconds at)
{
    if (bucket_take(&plugin->log, &log_pace, 1, at))
        mosquitto_log_printf(MOSQ_LOG_NOTICE, "guard: connect of \"%s\" refused: %s", name, why);
}

static int login(struct plugin *plugin, struct mosquitto *client, X509 *x509)
{
    struct certificate certificate;
    struct wg_error err = {0};
    char user[USER_MAX];
    nanoseconds at = now();
    if (!certificate_read(x509, &plugin->authorities, &certificate, &err)) {
        log_refusal(plugin, certificate.name, err.text, at);
        return MOSQ_ERR_AUTH;
    }
    enum login answer =
        guard_login(plugin->guard, &certificate, mosquitto_client_id(client), client, at, user);
    if (answer != LOGIN_OK) {
        log_refusal(plugin, certificate.name, login_text(answer), at);
        return MOSQ_ERR_AUTH;
    }
    if (mosquitto_set_username(client, user) == MOSQ_ERR_SUCCESS) return MOSQ_ERR_SUCCESS;
    guard_logout(plugin->guard, mosquitto_client_id(client), client);
    return MOSQ_ERR_AUTH;
}

static int on_login(int event, void *data, void *context)
{
    struct plugin *plugin = context;
    struct mosquitto_evt_basic_auth *auth = data;
    struct user user;
    (void)event;
    X509 *x509 = mosquitto_client_certificate(auth->client);
    if (!x509) {
        /* a session that waits for its client to come back; its name is ours */
        if (plugin->reloading && user_parse(mosquitto_client_username(auth->client), &user))
            return MOSQ_ERR_SUCCESS;
        log_refusal(plugin, "", "there is no certificate", now());
        return MOSQ_ERR_AUTH;
    }
    int code = login(plugin, auth->client, x509);
    X509_free(x509);
    return code;
}

static int on_logout(int event, void *data, void *context)
{
    struct plugin *plugin = context;
    struct mosquitto_evt_disconnect *gone = data;
    (void)event;
    guard_logout(plugin->guard, mosquitto_client_id(gone->client), gone->client);
    return MOSQ_ERR_SUCCESS;
}

/* Mosquitto ends the session for any code but these two. */
static int code_of(enum verdict verdict)
{
    if (verdict == VERDICT_ALLOW) return MOSQ_ERR_SUCCESS;
    return verdict == VERDICT_DENY ? MOSQ_ERR_ACL_DENIED : MOSQ_ERR_ADMINISTRATIVE_ACTION;
}

static bool access_of(int mosquitto, enum access *out)
{
    static const struct {
        int mosquitto;
        enum access access;
    } all[] = {{MOSQ_ACL_READ, ACCESS_READ},
               {MOSQ_ACL_WRITE, ACCESS_WRITE},
               {MOSQ_ACL_SUBSCRIBE, ACCESS_SUBSCRIBE},
               {MOSQ_ACL_UNSUBSCRIBE, ACCESS_UNSUBSCRIBE}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].mosquitto == mosquitto) {
            *out = all[i].access;
            return true;
        }
    return false;
}

static int on_access(int event, void *data, void *context)
{
    struct plugin *plugin = context;
    const struct mosquitto_evt_acl_check *check = data;
    struct topic_question question = {
        .topic = check->topic, .retain = check->retain, .len = check->payloadlen};
    (void)event;
    if (!access_of(check->access, &question.access)) return MOSQ_ERR_ACL_DENIED;
    return code_of(
        guard_access(plugin->guard, mosquitto_client_username(check->client), &question, now()));
}

/* MQTT 5 has a reason in its PUBACK; before, an acknowledgement always means success. */
static int on_message(int event, void *data, void *context)
{
    struct plugin *plugin = context;
    const struct mosquitto_evt_message *message = data;
    bool can_refuse = message->qos == 0 || mosquitto_client_protocol_version(message->client) == 5;
    (void)event;
    return code_of(guard_message(plugin->guard, mosquitto_client_username(message->client),
                                 message->payloadlen, can_refuse, now()));
}

/* Who may publish here was asked before. Mosquitto acknowledges in any case: errors are logged. */
static int on_control(int event, void *data, void *context)
{
    struct plugin *plugin = context;
    const struct mosquitto_evt_control *message = data;
    struct control control;
    struct wg_error err = {0};
    (void)event;
    bool ok = control_decode(message->payload ? message->payload : "", message->payloadlen,
                             &control, &err);
    for (size_t i = 0; ok && i < control.count; i++)
        ok = guard_revoke(plugin->guard, &control.serials[i], &err);
    if (ok)
        mosquitto_log_printf(MOSQ_LOG_NOTICE, "guard: %zu certificates revoked by %s",
                             control.count, mosquitto_client_id(message->client));
    else
        mosquitto_log_printf(MOSQ_LOG_ERR, "guard: revocation by %s: %s",
                             mosquitto_client_id(message->client), err.text);
    return MOSQ_ERR_SUCCESS;
}

static void look_at_crl(struct plugin *plugin, nanoseconds at)
{
    struct wg_error err = {0};
    plugin->crl_look_at = at + CRL_LOOK_EVERY;
    enum crl_news news = crl_file_look(&plugin->crl, &plugin->authorities, plugin->guard, &err);
    if (news == CRL_TAKEN) {
        mosquitto_log_printf(MOSQ_LOG_NOTICE, "guard: revocation lists taken from %s",
                             plugin->crl.path);
        plugin->crl_warn_at = at;
    } else if (news == CRL_REFUSED) {
        mosquitto_log_printf(MOSQ_LOG_WARNING,
                             "guard: revocation lists not taken, going on with the last ones: %s",
                             err.text);
    }
    wg_time ends = crl_file_ends(&plugin->crl);
    if (!ends || ends > wall_clock() || at < plugin->crl_warn_at) return;
    char text[WG_TIME_TEXT];
    wg_time_text(ends, text);
    plugin->crl_warn_at = at + CRL_WARN_EVERY;
    mosquitto_log_printf(MOSQ_LOG_WARNING,
                         "guard: a revocation list ran out on %s, going on with it: nobody who was "
                         "revoked since is kept out. Run wavegate-pki crl and replace %s",
                         text, plugin->crl.path);
}

static void tell(struct plugin *plugin, nanoseconds at)
{
    struct notice notice;
    char json[NOTICE_JSON_MAX];
    plugin->notices_at = at + NOTICES_EVERY;
    while (guard_next_notice(plugin->guard, at, &notice)) {
        notice_json(&notice, wall_clock(), json);
        mosquitto_log_printf(MOSQ_LOG_NOTICE, "guard: %s: %s (%u)", notice.device,
                             notice_text(notice.kind), notice.count);
        (void)mosquitto_broker_publish_copy(NULL, TOPIC_NOTICES, (int)strlen(json), json, 1, false,
                                            NULL);
    }
}

static int on_tick(int event, void *data, void *context)
{
    struct plugin *plugin = context;
    char id[WG_NAME_MAX + 1];
    nanoseconds at = now();
    (void)event;
    (void)data;
    plugin->reloading = false;
    if (at >= plugin->crl_look_at) look_at_crl(plugin, at);
    /* with its last will: the orchestrator must not believe that it is still there */
    while (guard_next_kick(plugin->guard, at, id))
        (void)mosquitto_kick_client_by_clientid(id, true);
    if (at >= plugin->notices_at) tell(plugin, at);
    return MOSQ_ERR_SUCCESS;
}

static int on_reload(int event, void *data, void *context)
{
    struct plugin *plugin = context;
    (void)event;
    (void)data;
    plugin->reloading = true;
    return MOSQ_ERR_PLUGIN_DEFER;
}

static void plugin_free(struct plugin *plugin)
{
    guard_free(plugin->guard);
    authorities_clear(&plugin->authorities);
    free(plugin);
}

static bool configure(struct plugin *plugin, const struct mosquitto_opt *options, int count,
                      struct wg_error *err)
{
    struct settings *settings = &plugin->settings;
    settings_init(settings);
    for (int i = 0; i < count; i++)
        if (!settings_take(settings, options[i].key, options[i].value, err)) return false;
    if (!settings_check(settings, err) ||
        !authorities_load(&plugin->authorities, settings->device_authority, true, err) ||
        !authorities_load(&plugin->authorities, settings->service_authority, false, err))
        return false;
    plugin->guard = guard_new(settings, err);
    if (!plugin->guard) return false;
    plugin->crl.path = settings->crl;
    return crl_file_look(&plugin->crl, &plugin->authorities, plugin->guard, err) == CRL_TAKEN;
}

static bool hear_events(struct plugin *plugin, mosquitto_plugin_id_t *id)
{
    const struct {
        int event;
        MOSQ_FUNC_generic_callback callback;
        const char *topic;
    } all[] = {{MOSQ_EVT_BASIC_AUTH, on_login, NULL},
               {MOSQ_EVT_DISCONNECT, on_logout, NULL},
               {MOSQ_EVT_ACL_CHECK, on_access, NULL},
               {MOSQ_EVT_MESSAGE, on_message, NULL},
               {MOSQ_EVT_CONTROL, on_control, TOPIC_REVOKE},
               {MOSQ_EVT_TICK, on_tick, NULL},
               {MOSQ_EVT_RELOAD, on_reload, NULL}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (mosquitto_callback_register(id, all[i].event, all[i].callback, all[i].topic, plugin) !=
            MOSQ_ERR_SUCCESS)
            return false;
    return true;
}

int mosquitto_plugin_version(int supported_version_count, const int *supported_versions)
{
    for (int i = 0; i < supported_version_count; i++)
        if (supported_versions[i] == MOSQ_PLUGIN_VERSION) return MOSQ_PLUGIN_VERSION;
    return -1;
}

int mosquitto_plugin_init(mosquitto_plugin_id_t *identifier, void **userdata,
                          struct mosquitto_opt *options, int option_count)
{
    struct wg_error err = {0};
    struct plugin *plugin = calloc(1, sizeof *plugin);
    if (!plugin) return MOSQ_ERR_NOMEM;
    bool ok = configure(plugin, options, option_count, &err);
    if (!ok) {
        mosquitto_log_printf(MOSQ_LOG_ERR, "guard: %s", err.text);
    } else if (!hear_events(plugin, identifier)) {
        ok = false;
        mosquitto_log_printf(MOSQ_LOG_ERR, "guard: this Mosquitto does not take its callbacks");
    }
    if (ok) {
        *userdata = plugin;
        return MOSQ_ERR_SUCCESS;
    }
    plugin_free(plugin);
    return MOSQ_ERR_INVAL;
}

int mosquitto_plugin_cleanup(void *userdata, struct mosquitto_opt *options, int option_count)
{
    (void)options;
    (void)option_count;
    plugin_free(userdata);
    return MOSQ_ERR_SUCCESS;
}
