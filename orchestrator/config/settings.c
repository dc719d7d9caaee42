/* settings.c: reads the configuration file: YAML, every key known, every problem told at its place.
 */
#include "orchestrator/config/settings.h"

#include "common/posix/file.h"
#include "common/posix/token_uri.h"
#include "common/text.h"
#include "orchestrator/config/settings_api.h"
#include "orchestrator/config/settings_files.h"
#include "orchestrator/config/settings_path.h"
#include "orchestrator/config/settings_places.h"
#include "orchestrator/config/settings_secret.h"
#include "orchestrator/yaml/yaml_doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTINGS_FILE_MAX ((size_t)256 * 1024)
#define KEEP_LEAST (35 * WG_DAY) /* intake looks so far back for a report that it knows */

struct reader {
    struct yaml_doc doc;
    struct settings *out;
    char folder[PATH_MAX];
    unsigned programs; /* whose files are looked at, too */
    bool starting;
};

static void set_defaults(struct settings *settings)
{
    memset(settings, 0, sizeof *settings);
    settings->intake_batch = 500;
    settings->intake_wait = 20;
    settings->tick = WG_SECOND;
    settings->order_resend = 30 * WG_SECOND;
    settings->order_lifetime = WG_DAY;
    settings->log = WG_LOG_INFO;
    settings_api_init(&settings->api);
}

static void read_path_at(struct reader *reader, const struct yaml_value *at, const char *key,
                         char *out)
{
    settings_path_read(&reader->doc, at, key, reader->folder, out);
}

static void read_path(struct reader *reader, const struct yaml_value *map, const char *key,
                      char *out)
{
    read_path_at(reader, yaml_get(map, key), key, out);
}

static bool is_map(struct reader *reader, const struct yaml_value *at, const char *what)
{
    if (!at) return false;
    if (at->kind == YAML_MAP) return true;
    yaml_doc_problem(&reader->doc, at, "%s: expected a map of keys and values", what);
    return false;
}

/* MQTT 3.1.1 has no shared subscriptions, though some brokers of it do. */
static void read_broker_kind(struct reader *reader, const struct yaml_value *at,
                             struct settings_broker *broker)
{
    static const char *const versions[] = {"5", "3.1.1", NULL};
    size_t version = 0;
    (void)yaml_read_choice(&reader->doc, yaml_get(at, "mqtt"), "mqtt", versions, &version);
    broker->version = version == 0 ? 5 : 311;
    broker->shared = version == 0;
    yaml_read_bool(&reader->doc, yaml_get(at, "shared"), "shared", &broker->shared);
}

static void read_broker(struct reader *reader, const struct yaml_value *at)
{
    static const char *const known[] = {"name", "url", "mqtt", "shared", NULL};
    struct settings *out = reader->out;
    if (!is_map(reader, at, "brokers")) return;
    yaml_check_keys(&reader->doc, at, "broker", known);
    struct settings_broker *broker = &out->brokers[out->broker_count];
    yaml_read_text(&reader->doc, yaml_get(at, "name"), "name", broker->name, sizeof broker->name);
    yaml_read_text(&reader->doc, yaml_get(at, "url"), "url", broker->url, sizeof broker->url);
    if (strncmp(broker->url, "ssl://", 6) != 0)
        yaml_doc_problem(&reader->doc, at, "url: expected ssl://HOST:PORT, got \"%s\"",
                         broker->url);
    read_broker_kind(reader, at, broker);
    if (!broker->name[0]) wg_copy(broker->name, sizeof broker->name, "main");
    for (size_t i = 0; i < out->broker_count; i++)
        if (strcmp(out->brokers[i].name, broker->name) == 0)
            yaml_doc_problem(&reader->doc, at, "two brokers are named \"%s\"", broker->name);
    out->broker_count++;
}

static void read_brokers(struct reader *reader, const struct yaml_value *at)
{
    if (!at) return;
    if (at->kind != YAML_LIST || at->count == 0 || at->count > SETTINGS_BROKERS_MAX) {
        yaml_doc_problem(&reader->doc, at, "brokers: expected a list of 1 to %d brokers",
                         SETTINGS_BROKERS_MAX);
        return;
    }
    for (size_t i = 0; i < at->count; i++) read_broker(reader, at->items[i]);
}

static void read_server(struct reader *reader, const struct yaml_value *at)
{
    static const char *const known[] = {"url", "ca", "token_file", NULL};
    struct settings_server *out = &reader->out->server;
    if (!is_map(reader, at, "server")) return;
    yaml_check_keys(&reader->doc, at, "server", known);
    yaml_read_text(&reader->doc, yaml_get(at, "url"), "url", out->url, sizeof out->url);
    if (strncmp(out->url, "https://", 8) != 0)
        yaml_doc_problem(&reader->doc, at, "url: expected https://HOST[:PORT], got \"%s\"",
                         out->url);
    read_path(reader, at, "ca", out->ca);
    read_path(reader, at, "token_file", out->token_file);
}

static void read_files(struct reader *reader, const struct yaml_value *root)
{
    static const char *const tls_keys[] = {"ca", "certificate", "key", NULL};
    static const char *const operators_keys[] = {"root", "crl", NULL};
    static const char *const operator_keys[] = {"certificate", "key", NULL};
    struct settings *out = reader->out;
    const struct yaml_value *tls = yaml_get(root, "tls");
    if (is_map(reader, tls, "tls")) {
        yaml_check_keys(&reader->doc, tls, "tls", tls_keys);
        read_path(reader, tls, "ca", out->tls_ca);
        read_path(reader, tls, "certificate", out->tls_certificate);
        read_path(reader, tls, "key", out->tls_key);
    }
    const struct yaml_value *operators = yaml_get(root, "operators");
    if (is_map(reader, operators, "operators")) {
        yaml_check_keys(&reader->doc, operators, "operators", operators_keys);
        read_path(reader, operators, "root", out->operators_root);
        read_path(reader, operators, "crl", out->operators_crl);
    }
    const struct yaml_value *operator_ = yaml_get(root, "operator");
    if (is_map(reader, operator_, "operator")) {
        yaml_check_keys(&reader->doc, operator_, "operator", operator_keys);
        read_path(reader, operator_, "certificate", out->operator_certificate);
        read_path(reader, operator_, "key", out->operator_key);
    }
    read_server(reader, yaml_get(root, "server"));
    read_path(reader, root, "director", out->director_key);
    read_path(reader, root, "signer", out->signer);
    if (out->signer[0] && out->director_key[0])
        yaml_doc_problem(&reader->doc, yaml_get(root, "director"),
                         "director: the signer has the key: leave this out");
    read_path(reader, root, "enrolment", out->enrolment);
    read_path(reader, root, "repository", out->repository);
    read_path(reader, root, "gate_hooks", out->gate_hooks);
    read_path(reader, root, "gate_hooks_ca", out->gate_hooks_ca);
}

/* A file, or a key in a token. */
static void read_kek(struct reader *reader, const struct yaml_value *at, char *out)
{
    struct wg_token_uri uri;
    struct wg_error problem = {0};
    read_path_at(reader, at, "kek", out);
    if (wg_token_uri_is(out) && !wg_token_uri_parse(out, &uri, &problem))
        yaml_doc_problem(&reader->doc, at, "kek: %s", problem.text);
}

/* Wrapped file keys, and the keys that they are wrapped under: one, or while it changes two. */
static void read_keys(struct reader *reader, const struct yaml_value *artifacts)
{
    struct settings *out = reader->out;
    const struct yaml_value *kek = yaml_get(artifacts, "kek");
    read_path(reader, artifacts, "keys", out->artifact_keys);
    if (!kek) {
        if (out->artifact_keys[0])
            yaml_doc_problem(&reader->doc, artifacts, "kek is missing: what wraps the file keys");
        return;
    }
    if (kek->kind == YAML_TEXT) {
        read_kek(reader, kek, out->artifact_keks[0]);
        out->artifact_kek_count = 1;
        return;
    }
    if (kek->kind != YAML_LIST || kek->count < 1 || kek->count > 2) {
        yaml_doc_problem(&reader->doc, kek,
                         "kek: expected a file or a pkcs11: URI, or a list of the new and the old");
        return;
    }
    for (size_t i = 0; i < kek->count; i++) read_kek(reader, kek->items[i], out->artifact_keks[i]);
    out->artifact_kek_count = kek->count;
}

static void read_artifacts(struct reader *reader, const struct yaml_value *at)
{
    static const char *const known[] = {"folder",   "urls",     "keys", "kek",
                                        "identity", "url_keys", NULL};
    if (!is_map(reader, at, "artifacts")) return;
    yaml_check_keys(&reader->doc, at, "artifacts", known);
    read_path(reader, at, "folder", reader->out->artifacts_folder);
    read_path(reader, at, "identity", reader->out->artifact_identity);
    read_path(reader, at, "url_keys", reader->out->artifact_url_keys);
    read_keys(reader, at);
    settings_places_read(&reader->doc, yaml_get(at, "urls"), reader->folder, reader->out);
}

static void read_numbers(struct reader *reader, const struct yaml_value *root)
{
    static const char *const intake_keys[] = {"batch", "wait", NULL};
    static const char *const orders_keys[] = {"resend", "lifetime", NULL};
    struct yaml_doc *doc = &reader->doc;
    struct settings *out = reader->out;
    const struct yaml_value *intake = yaml_get(root, "intake");
    if (is_map(reader, intake, "intake")) {
        yaml_check_keys(doc, intake, "intake", intake_keys);
        yaml_read_int(doc, yaml_get(intake, "batch"), "batch", 1, 500, &out->intake_batch);
        yaml_read_duration(doc, yaml_get(intake, "wait"), "wait", 1, 5 * WG_SECOND,
                           &out->intake_wait);
    }
    yaml_read_duration(doc, yaml_get(root, "tick"), "tick", 50, WG_MINUTE, &out->tick);
    const struct yaml_value *orders = yaml_get(root, "orders");
    if (is_map(reader, orders, "orders")) {
        yaml_check_keys(doc, orders, "orders", orders_keys);
        yaml_read_duration(doc, yaml_get(orders, "resend"), "resend", WG_SECOND, WG_HOUR,
                           &out->order_resend);
        yaml_read_duration(doc, yaml_get(orders, "lifetime"), "lifetime", WG_MINUTE, 30 * WG_DAY,
                           &out->order_lifetime);
    }
    settings_places_check(doc, yaml_get(orders, "lifetime"), out);
}

static void read_quarantine(struct reader *reader, const char *key, bool *tolerate)
{
    static const char *const known[] = {"quarantine", NULL};
    const struct yaml_value *at = yaml_get(reader->doc.root, key);
    bool quarantine = true;
    if (!is_map(reader, at, key)) return;
    yaml_check_keys(&reader->doc, at, key, known);
    yaml_read_bool(&reader->doc, yaml_get(at, "quarantine"), "quarantine", &quarantine);
    *tolerate = !quarantine;
}

static void read_releases(struct reader *reader, const struct yaml_value *at)
{
    static const char *const known[] = {"approvals", NULL};
    if (!is_map(reader, at, "releases")) return;
    yaml_check_keys(&reader->doc, at, "releases", known);
    yaml_read_int(&reader->doc, yaml_get(at, "approvals"), "approvals", 0, 20,
                  &reader->out->release_approvals);
}

static void read_retention(struct reader *reader, const struct yaml_value *at)
{
    static const char *const known[] = {"reports", "campaigns", NULL};
    if (!is_map(reader, at, "retention")) return;
    yaml_check_keys(&reader->doc, at, "retention", known);
    yaml_read_duration(&reader->doc, yaml_get(at, "reports"), "reports", KEEP_LEAST,
                       WG_DURATION_MAX, &reader->out->keep_reports);
    yaml_read_duration(&reader->doc, yaml_get(at, "campaigns"), "campaigns", KEEP_LEAST,
                       WG_DURATION_MAX, &reader->out->keep_campaigns);
}

static void read_root(struct reader *reader)
{
    static const char *const known[] = {
        "database_secret", "database",      "brokers",   "tls",       "director",  "operator",
        "operators",       "intake",        "artifacts", "tick",      "orders",    "log",
        "gate_hooks",      "gate_hooks_ca", "signer",    "enrolment", "clones",    "tamper",
        "repository",      "api",           "server",    "releases",  "retention", NULL};
    struct settings *out = reader->out;
    const struct yaml_value *root = reader->doc.root;
    if (!is_map(reader, root, "the file")) return;
    yaml_check_keys(&reader->doc, root, "configuration", known);
    yaml_read_text(&reader->doc, yaml_get(root, "database"), "database", out->database,
                   sizeof out->database);
    read_path(reader, root, "database_secret", out->database_secret);
    settings_secret_check(&reader->doc, yaml_get(root, "database_secret"), out->database);
    read_brokers(reader, yaml_get(root, "brokers"));
    read_files(reader, root);
    read_artifacts(reader, yaml_get(root, "artifacts"));
    read_numbers(reader, root);
    settings_api_read(&reader->doc, yaml_get(root, "api"), reader->folder, &out->api);
    read_releases(reader, yaml_get(root, "releases"));
    read_retention(reader, yaml_get(root, "retention"));
    read_quarantine(reader, "clones", &out->tolerate_clones);
    read_quarantine(reader, "tamper", &out->tolerate_tampered);
    const struct yaml_value *log = yaml_get(root, "log");
    char level[16] = "info";
    if (yaml_read_text(&reader->doc, log, "log", level, sizeof level) &&
        !wg_log_level_parse(level, &out->log))
        yaml_doc_problem(
            &reader->doc, log,
            "log: expected error, warn, info or debug, and json or journal, got \"%s\"", level);
}

static bool load(struct reader *reader, const char *file, struct wg_error *err)
{
    struct wg_buf bytes;
    wg_buf_init(&bytes, SETTINGS_FILE_MAX);
    bool ok = wg_file_read(file, &bytes, err) &&
              yaml_doc_parse(&reader->doc, file, wg_buf_str(&bytes), bytes.len, err);
    wg_buf_clear(&bytes);
    if (ok) {
        read_root(reader);
        if (reader->programs && reader->doc.root->kind == YAML_MAP)
            settings_files_check(&reader->doc, reader->folder, reader->programs, reader->starting);
        ok = reader->doc.problem_count == 0 || yaml_doc_fail(&reader->doc, err);
    }
    yaml_doc_clear(&reader->doc);
    return ok;
}

static bool load_for(struct settings *out, const char *file, unsigned programs, bool starting,
                     struct wg_error *err)
{
    set_defaults(out);
    char real[PATH_MAX];
    if (!realpath(file, real)) {
        (void)wg_fail_errno(err, "configuration file %s", file);
        if (err && err->code == WG_E_NOT_FOUND)
            (void)wg_fail(err, WG_E_NOT_FOUND,
                          "there is no configuration file %s: give one with --config FILE", file);
        return false;
    }
    wg_copy(out->file, sizeof out->file, file); /* which may lead elsewhere later */
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader) return wg_fail_memory(err, "reading the configuration");
    reader->out = out;
    reader->programs = programs;
    reader->starting = starting;
    wg_copy(reader->folder, sizeof reader->folder, real);
    char *slash = strrchr(reader->folder, '/');
    if (slash) *slash = '\0';
    bool ok = load(reader, file, err);
    free(reader);
    return ok;
}

bool settings_load(struct settings *out, const char *file, struct wg_error *err)
{
    return load_for(out, file, 0, false, err);
}

bool settings_check(struct settings *out, const char *file, enum settings_program program,
                    bool starting, struct wg_error *err)
{
    return load_for(out, file, program, starting, err);
}

bool settings_login(struct settings *settings, struct wg_error *err)
{
    struct settings_api *api = &settings->api;
    return settings_secret_add(settings->database_secret, settings->database,
                               sizeof settings->database, err) &&
           settings_secret_add(api->database_secret, api->database, sizeof api->database, err);
}

bool settings_need(const struct settings *settings, unsigned need, struct wg_error *err)
{
    const struct {
        unsigned need;
        bool there;
        const char *key, *what_for;
    } table[] = {
        {SETTINGS_DATABASE, settings->database[0] != 0, "database", "where PostgreSQL is"},
        {SETTINGS_BROKERS, settings->broker_count > 0, "brokers", "where the MQTT brokers are"},
        {SETTINGS_BROKERS, settings->tls_ca[0] != 0, "tls.ca", "the server authority to trust"},
        {SETTINGS_BROKERS, settings->tls_certificate[0] != 0, "tls.certificate",
         "the orchestrator's certificate"},
        {SETTINGS_BROKERS, settings->tls_key[0] != 0, "tls.key", "the orchestrator's key"},
        {SETTINGS_DIRECTOR, settings->signer[0] || settings->director_key[0], "signer",
         "the socket of wavegate-signer, which signs orders (or director, a key file)"},
        {SETTINGS_DIRECTOR, settings->artifact_url_count > 0, "artifacts.urls",
         "where devices fetch artifacts"},
        {SETTINGS_ARTIFACTS, settings->artifacts_folder[0] != 0, "artifacts.folder",
         "where artifacts are kept"},
        {SETTINGS_KEYS, settings->artifact_keys[0] != 0, "artifacts.keys",
         "the folder of wrapped file keys"},
        {SETTINGS_OPERATORS, settings->operators_root[0] != 0, "operators.root",
         "the operator authority to trust"},
        {SETTINGS_API, settings->api.listen[0] != 0, "api.listen",
         "where the API listens: 0.0.0.0:8443"},
        {SETTINGS_API, settings->api.certificate[0] != 0, "api.certificate",
         "the API's certificate"},
        {SETTINGS_API, settings->api.key[0] != 0, "api.key", "the API's key"},
        {SETTINGS_SERVER, settings->server.url[0] != 0, "server.url",
         "where wavegate-api is: https://HOST:8443"},
        {SETTINGS_SERVER, settings->server.token_file[0] || settings->operator_certificate[0],
         "operator.certificate", "who you are (or give --operator)"},
        {SETTINGS_SERVER, settings->server.token_file[0] || settings->operator_key[0],
         "operator.key", "its key (or give --operator)"},
        {SETTINGS_OPERATOR, settings->operator_certificate[0] != 0, "operator.certificate",
         "who you are (or give --operator)"},
        {SETTINGS_OPERATOR, settings->operator_key[0] != 0, "operator.key",
         "your signing key (or give --operator)"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if ((need & table[i].need) && !table[i].there)
            return wg_fail(err, WG_E_USAGE, "%s: the key \"%s\" is missing: %s", settings->file,
                           table[i].key, table[i].what_for);
    return true;
}
