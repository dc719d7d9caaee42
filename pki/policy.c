/* policy.c: reads and writes pki.json. */
#include "pki/policy.h"

#include "common/json.h"
#include "common/posix/file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define POLICY_FILE "pki.json"
#define POLICY_BYTES_MAX 65536

static const struct {
    const char *word;
    int days;
} defaults[POLICY_DAYS] = {
    [POLICY_ROOT] = {"root", 7300},      [POLICY_ISSUING] = {"issuing", 3650},
    [POLICY_DEVICE] = {"device", 825},   [POLICY_SERVER] = {"server", 825},
    [POLICY_SERVICE] = {"service", 825}, [POLICY_OPERATOR] = {"operator", 825},
    [POLICY_CRL] = {"crl", 30},
};

void policy_init(struct policy *policy)
{
    *policy = (struct policy){.organisation = "Wavegate"};
    for (size_t i = 0; i < POLICY_DAYS; i++) policy->days[i] = defaults[i].days;
}

static bool add_host(struct policy *policy, const char *host, struct wg_error *err)
{
    if (policy->host_count == FORM_HOSTS_MAX)
        return wg_fail(err, WG_E_LIMIT, "permit_hosts: more than %d", FORM_HOSTS_MAX);
    return (host && *host &&
            wg_copy(policy->hosts[policy->host_count++], sizeof policy->hosts[0], host)) ||
           wg_fail(err, WG_E_BAD_FILE, "permit_hosts: expected texts of 1 to %zu bytes",
                   sizeof policy->hosts[0] - 1);
}

bool policy_permit(struct policy *policy, const char *hosts, struct wg_error *err)
{
    char copy[2048], *rest = NULL;
    if (!wg_copy(copy, sizeof copy, hosts))
        return wg_fail(err, WG_E_LIMIT, "permitted hosts: too long");
    for (char *host = strtok_r(copy, ",", &rest); host; host = strtok_r(NULL, ",", &rest))
        if (!add_host(policy, host, err)) return false;
    return true;
}

size_t policy_hosts(const struct policy *policy, const char *out[FORM_HOSTS_MAX])
{
    for (size_t i = 0; i < policy->host_count; i++) out[i] = policy->hosts[i];
    return policy->host_count;
}

static bool read_days(const json_t *json, struct policy *out, struct wg_error *err)
{
    const char *words[POLICY_DAYS + 1] = {0};
    json_t *days = NULL;
    if (!json_object_get(json, "days")) return true;
    if (!wg_json_object(json, "days", &days, err)) return false;
    for (size_t i = 0; i < POLICY_DAYS; i++) {
        int64_t value = out->days[i];
        words[i] = defaults[i].word;
        if (!wg_json_int_opt(days, words[i], 1, POLICY_DAYS_MAX, &value, err)) return false;
        out->days[i] = (int)value;
    }
    return wg_json_only_keys(days, words, err);
}

static bool read_all(const json_t *json, struct policy *out, struct wg_error *err)
{
    static const char *const keys[] = {"organisation", "days", "permit_hosts", NULL};
    json_t *hosts = NULL;
    if (!wg_json_only_keys(json, keys, err) ||
        !wg_json_text_opt(json, "organisation", out->organisation, sizeof out->organisation, err) ||
        !read_days(json, out, err))
        return false;
    if (!out->organisation[0]) return wg_fail(err, WG_E_BAD_FILE, "organisation: empty");
    if (!json_object_get(json, "permit_hosts")) return true;
    if (!wg_json_array(json, "permit_hosts", &hosts, err)) return false;
    for (size_t i = 0; i < json_array_size(hosts); i++)
        if (!add_host(out, json_string_value(json_array_get(hosts, i)), err)) return false;
    return true;
}

static bool parse(struct policy *policy, const struct wg_buf *text, struct wg_error *err)
{
    json_t *json = wg_json_parse(wg_buf_str(text), text->len, POLICY_BYTES_MAX, err);
    bool ok = json && read_all(json, policy, err);
    json_decref(json);
    if (!ok && err && err->code == WG_E_BAD_INPUT) err->code = WG_E_BAD_FILE;
    return ok;
}

bool policy_load(struct policy *policy, const char *folder, struct wg_error *err)
{
    char path[PATH_MAX];
    struct wg_buf text;
    struct wg_error problem = {0};
    policy_init(policy);
    if (!wg_path_join(path, sizeof path, folder, POLICY_FILE, err)) return false;
    wg_buf_init(&text, POLICY_BYTES_MAX);
    bool there = wg_file_read(path, &text, &problem);
    bool ok = there ? parse(policy, &text, err) || wg_context(err, "%s", path)
                    : problem.code == WG_E_NOT_FOUND;
    if (!there && !ok && err) *err = problem;
    wg_buf_clear(&text);
    return ok;
}

static json_t *make(const struct policy *policy)
{
    json_t *days = json_object(), *hosts = json_array();
    for (size_t i = 0; i < POLICY_DAYS; i++)
        (void)json_object_set_new(days, defaults[i].word, json_integer(policy->days[i]));
    for (size_t i = 0; i < policy->host_count; i++)
        (void)json_array_append_new(hosts, json_string(policy->hosts[i]));
    return json_pack("{s:s,s:o,s:o}", "organisation", policy->organisation, "days", days,
                     "permit_hosts", hosts);
}

bool policy_save(const struct policy *policy, const char *folder, struct wg_error *err)
{
    char path[PATH_MAX];
    struct wg_buf text;
    json_t *json = make(policy);
    char *bytes = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
    json_decref(json);
    if (!bytes) return wg_fail_memory(err, "writing pki.json");
    wg_buf_init(&text, POLICY_BYTES_MAX);
    wg_buf_printf(&text, "%s\n", bytes);
    free(bytes);
    bool ok = wg_buf_check(&text, err, POLICY_FILE) &&
              wg_path_join(path, sizeof path, folder, POLICY_FILE, err) &&
              wg_file_replace(path, text.data, text.len, 0644, err);
    wg_buf_clear(&text);
    return ok;
}
