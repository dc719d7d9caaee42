/* settings_api.c: reads "api:". */
#include "orchestrator/config/settings_api.h"

#include "orchestrator/config/settings_path.h"
#include "orchestrator/config/settings_secret.h"
#include "orchestrator/yaml/yaml_doc.h"

#include <string.h>

#define UPLOAD_MAX ((int64_t)64 * 1024 * 1024 * 1024)

void settings_api_init(struct settings_api *out)
{
    *out = (struct settings_api){.connections = 512,
                                 .per_address = 64,
                                 .database_connections = 8,
                                 .rate = 1200,
                                 .burst = 300,
                                 .body_max = (int64_t)8 * 1024 * 1024,
                                 .file_max = (int64_t)1024 * 1024 * 1024,
                                 .files = "/var/tmp",
                                 .upload_max = UPLOAD_MAX,
                                 .patience = 30 * WG_SECOND,
                                 .webhook_retry = 5 * WG_SECOND,
                                 .webhook_retry_most = WG_HOUR,
                                 .webhook_give_up = WG_DAY};
}

static void read_webhooks(struct yaml_doc *doc, const struct yaml_value *at, const char *folder,
                          struct settings_api *out)
{
    yaml_read_bool(doc, yaml_get(at, "webhook_http"), "webhook_http", &out->webhook_http);
    yaml_read_bool(doc, yaml_get(at, "webhook_private"), "webhook_private", &out->webhook_private);
    settings_path_read(doc, yaml_get(at, "webhook_ca"), "webhook_ca", folder, out->webhook_ca);
    yaml_read_duration(doc, yaml_get(at, "webhook_retry"), "webhook_retry", 100, WG_HOUR,
                       &out->webhook_retry);
    yaml_read_duration(doc, yaml_get(at, "webhook_retry_most"), "webhook_retry_most", 100, WG_DAY,
                       &out->webhook_retry_most);
    yaml_read_duration(doc, yaml_get(at, "webhook_give_up"), "webhook_give_up", WG_SECOND,
                       30 * WG_DAY, &out->webhook_give_up);
}

static void read_listed(struct yaml_doc *doc, const struct yaml_value *at, const char *folder,
                        struct settings_api *out)
{
    if (!at) return;
    if (at->kind != YAML_LIST || at->count > SETTINGS_LISTED_MAX) {
        yaml_doc_problem(doc, at, "certificates: expected a list of at most %d files",
                         SETTINGS_LISTED_MAX);
        return;
    }
    for (size_t i = 0; i < at->count; i++)
        settings_path_read(doc, at->items[i], "certificates", folder, out->listed[i]);
    out->listed_count = at->count;
}

static void read_limits(struct yaml_doc *doc, const struct yaml_value *at, const char *folder,
                        struct settings_api *out)
{
    yaml_read_int(doc, yaml_get(at, "connections"), "connections", 4, 100000, &out->connections);
    yaml_read_int(doc, yaml_get(at, "per_address"), "per_address", 1, 100000, &out->per_address);
    yaml_read_int(doc, yaml_get(at, "database_connections"), "database_connections", 1, 100,
                  &out->database_connections);
    yaml_read_int(doc, yaml_get(at, "rate"), "rate", 0, 10000000, &out->rate);
    yaml_read_int(doc, yaml_get(at, "burst"), "burst", 1, 1000000, &out->burst);
    yaml_read_int(doc, yaml_get(at, "body_max"), "body_max", 65536, (int64_t)256 * 1024 * 1024,
                  &out->body_max);
    yaml_read_int(doc, yaml_get(at, "file_max"), "file_max", 65536,
                  (int64_t)64 * 1024 * 1024 * 1024, &out->file_max);
    settings_path_read(doc, yaml_get(at, "files"), "files", folder, out->files);
    yaml_read_int(doc, yaml_get(at, "upload_max"), "upload_max", 1, UPLOAD_MAX, &out->upload_max);
    yaml_read_duration(doc, yaml_get(at, "patience"), "patience", 2 * WG_SECOND, 10 * WG_MINUTE,
                       &out->patience);
}

void settings_api_read(struct yaml_doc *doc, const struct yaml_value *at, const char *folder,
                       struct settings_api *out)
{
    static const char *const known[] = {"listen",
                                        "certificate",
                                        "certificates",
                                        "key",
                                        "database",
                                        "database_secret",
                                        "web",
                                        "url",
                                        "connections",
                                        "per_address",
                                        "database_connections",
                                        "rate",
                                        "burst",
                                        "body_max",
                                        "file_max",
                                        "files",
                                        "upload_max",
                                        "patience",
                                        "metrics_listen",
                                        "webhook_http",
                                        "webhook_private",
                                        "webhook_ca",
                                        "webhook_retry",
                                        "webhook_retry_most",
                                        "webhook_give_up",
                                        "oidc",
                                        NULL};
    if (!at) return;
    if (at->kind != YAML_MAP) {
        yaml_doc_problem(doc, at, "api: expected a map of keys and values");
        return;
    }
    yaml_check_keys(doc, at, "api", known);
    yaml_read_text(doc, yaml_get(at, "listen"), "listen", out->listen, sizeof out->listen);
    settings_path_read(doc, yaml_get(at, "certificate"), "certificate", folder, out->certificate);
    settings_path_read(doc, yaml_get(at, "key"), "key", folder, out->key);
    settings_path_read(doc, yaml_get(at, "web"), "web", folder, out->web);
    yaml_read_text(doc, yaml_get(at, "database"), "database", out->database, sizeof out->database);
    settings_path_read(doc, yaml_get(at, "database_secret"), "database_secret", folder,
                       out->database_secret);
    settings_secret_check(doc, yaml_get(at, "database_secret"), out->database);
    yaml_read_text(doc, yaml_get(at, "url"), "url", out->url, sizeof out->url);
    yaml_read_text(doc, yaml_get(at, "metrics_listen"), "metrics_listen", out->metrics_listen,
                   sizeof out->metrics_listen);
    read_listed(doc, yaml_get(at, "certificates"), folder, out);
    read_webhooks(doc, at, folder, out);
    if (out->metrics_listen[0] && strncmp(out->metrics_listen, "127.", 4) != 0 &&
        strncmp(out->metrics_listen, "[::1]:", 6) != 0)
        yaml_doc_problem(
            doc, yaml_get(at, "metrics_listen"),
            "metrics_listen: expected 127.0.0.1:PORT or [::1]:PORT: it has neither TLS "
            "nor sign-in; from elsewhere GET /metrics of api.listen with a token");
    settings_openid_read(doc, yaml_get(at, "oidc"), folder, &out->oidc);
    if (out->oidc.issuer[0] && strncmp(out->url, "https://", 8) != 0)
        yaml_doc_problem(doc, yaml_get(at, "oidc"),
                         "oidc: url is missing beside it: https://HOST, as browsers reach us: the "
                         "provider sends them back there");
    read_limits(doc, at, folder, out);
}
