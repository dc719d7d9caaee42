/* claim_settings.c: reads "claim", strictly. */
#include "pki/enrol/claim_settings.h"

#include "common/posix/file.h"
#include "pki/enrol/settings.h"

#define REQUESTS_MAX 100000
#define PATIENCE_MOST WG_MINUTE
#define WINDOW_MOST WG_DAY

static const char *const keys[] = {"listen", "certificate", "key",      "records", "requests",
                                   "wrong",  "window",      "patience", NULL};

static bool read_duration(const json_t *claim, const char *key, wg_duration most, wg_duration *out,
                          struct wg_error *err)
{
    char text[WG_TIME_TEXT] = "";
    if (!wg_json_text_opt(claim, key, text, sizeof text, err)) return false;
    if (!text[0]) return true;
    return (wg_duration_parse(text, out) && *out >= WG_SECOND && *out <= most) ||
           wg_fail(err, WG_E_BAD_FILE, "%s: expected a duration, 1s to %lldm", key,
                   (long long)(most / WG_MINUTE));
}

static bool read_claim(const json_t *claim, const char *folder, struct claim_settings *out,
                       struct wg_error *err)
{
    return wg_json_only_keys(claim, keys, err) &&
           wg_json_text(claim, "listen", out->listen, sizeof out->listen, err) &&
           (out->listen[0] || wg_fail(err, WG_E_BAD_FILE, "listen: expected ADDRESS:PORT")) &&
           enrol_path_read(claim, folder, "certificate", out->certificate, true, err) &&
           enrol_path_read(claim, folder, "key", out->key, true, err) &&
           enrol_path_read(claim, folder, "records", out->records, false, err) &&
           wg_json_int_opt(claim, "requests", 1, REQUESTS_MAX, &out->requests, err) &&
           wg_json_int_opt(claim, "wrong", 1, REQUESTS_MAX, &out->wrong, err) &&
           read_duration(claim, "window", WINDOW_MOST, &out->window, err) &&
           read_duration(claim, "patience", PATIENCE_MOST, &out->patience, err);
}

bool claim_settings_read(const json_t *json, const char *folder, const char *pki,
                         struct claim_settings *out, struct wg_error *err)
{
    json_t *claim = NULL;
    *out = (struct claim_settings){
        .requests = 120, .wrong = 20, .window = 10 * WG_MINUTE, .patience = 10 * WG_SECOND};
    if (!json_object_get(json, "claim")) return true;
    if (!wg_json_object(json, "claim", &claim, err)) return false;
    if (!read_claim(claim, folder, out, err)) return wg_context(err, "claim");
    return out->records[0] ||
           wg_path_join(out->records, sizeof out->records, pki, "device/claimed.ndjson", err);
}
