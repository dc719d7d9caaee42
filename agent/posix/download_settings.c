/* download_settings.c: reads the keys proxy, proxy_credentials, no_proxy, mirrors and download. */
#include "agent/posix/download_settings.h"

#include "common/buf.h"
#include "common/json.h"
#include "common/posix/place.h"
#include "common/posix/secrets.h"
#include "common/zst/unpack.h"

#include <string.h>

#define SIZE_MOST ((int64_t)1 << 50)
#define DAY ((wg_duration)24 * 60 * WG_MINUTE)

static const char *const download_keys[] = {"rate",
                                            "slowest",
                                            "patience",
                                            "metered",
                                            "metered_program",
                                            "metered_file",
                                            "metered_max",
                                            "metered_every",
                                            "metered_retry",
                                            "certificate_hosts",
                                            "window",
                                            "ca",
                                            NULL};

void download_settings_init(struct download_settings *out)
{
    wg_zero(out, sizeof *out);
    out->slowest = 256;
    out->patience = 30 * WG_SECOND;
    out->window_log = ZST_WINDOW_LOG;
    out->metered_every = 15 * WG_SECOND;
    out->metered_retry = 5 * WG_MINUTE;
}

bool download_size_parse(const char *text, bool rate, int64_t *out)
{
    static const struct {
        const char *unit;
        int64_t bytes;
    } units[] = {{"B", 1},      {"kB", 1000},     {"MB", 1000000},    {"GB", 1000000000},
                 {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}};
    char unit[8];
    size_t digits = strspn(text, "0123456789"), len = strlen(text + digits);
    if (digits == 0 || digits > 12) return false;
    if (rate) {
        if (len < 3 || strcmp(text + digits + len - 2, "/s") != 0) return false;
        len -= 2;
    }
    if (!wg_copy_n(unit, sizeof unit, text + digits, len)) return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(unit, units[i].unit) != 0) continue;
        int64_t number = 0;
        for (size_t at = 0; at < digits; at++) number = number * 10 + (int64_t)(text[at] - '0');
        if (number > SIZE_MOST / units[i].bytes) return false;
        *out = number * units[i].bytes;
        return true;
    }
    return false;
}

static bool read_size(const json_t *json, const char *key, bool rate, int64_t *out,
                      struct wg_error *err)
{
    char text[32] = "";
    if (!wg_json_text_opt(json, key, text, sizeof text, err)) return false;
    if (!text[0]) return true;
    return (download_size_parse(text, rate, out) && (*out > 0 || !rate)) ||
           wg_fail(err, WG_E_BAD_FILE, "%s: expected %s, got \"%s\"", key,
                   rate ? "a rate like 500kB/s or 2MiB/s" : "a size like 10MB or 512KiB", text);
}

static bool read_time(const json_t *json, const char *key, wg_duration least, wg_duration *out,
                      struct wg_error *err)
{
    char text[WG_TIME_TEXT] = "";
    if (!wg_json_text_opt(json, key, text, sizeof text, err)) return false;
    if (!text[0]) return true;
    return (wg_duration_parse(text, out) && *out >= least && *out <= DAY) ||
           wg_fail(err, WG_E_BAD_FILE, "%s: expected a duration like 30s, 1s to 24h, got \"%s\"",
                   key, text);
}

static bool read_path(const json_t *json, const char *key, const char *folder, char out[PATH_MAX],
                      struct wg_error *err)
{
    char given[PATH_MAX] = "";
    if (!wg_json_text_opt(json, key, given, sizeof given, err)) return false;
    if (!given[0]) return true;
    return wg_place(folder, given, out, err) || wg_context(err, "%s", key);
}

/* A list of texts of size bytes each; nothing changes when the key is not there. */
static bool read_list(const json_t *json, const char *key, char *out, size_t size, size_t most,
                      size_t *count, struct wg_error *err)
{
    json_t *list = NULL, *entry;
    size_t i;
    if (!json_object_get(json, key)) return true;
    if (!wg_json_array(json, key, &list, err)) return false;
    if (json_array_size(list) > most)
        return wg_fail(err, WG_E_BAD_FILE, "%s: expected %zu entries at most", key, most);
    json_array_foreach(list, i, entry)
    {
        const char *text = json_string_value(entry);
        if (!text || !text[0] || !wg_copy(out + i * size, size, text))
            return wg_fail(err, WG_E_BAD_FILE, "%s: expected texts of 1 to %zu bytes", key,
                           size - 1);
    }
    *count = json_array_size(list);
    return true;
}

static bool read_proxy(const json_t *json, const char *folder, struct proxy *out,
                       struct wg_error *err)
{
    char text[WG_URL_MAX] = "";
    if (!wg_json_text_opt(json, "proxy", text, sizeof text, err) ||
        !read_path(json, "proxy_credentials", folder, out->credentials, err) ||
        !read_list(json, "no_proxy", out->exceptions[0], sizeof out->exceptions[0],
                   PROXY_EXCEPTIONS_MAX, &out->exception_count, err))
        return false;
    if (!text[0] && (out->credentials[0] || out->exception_count > 0))
        return wg_fail(err, WG_E_BAD_FILE, "proxy_credentials and no_proxy: expected a proxy too");
    for (size_t i = 0; i < out->exception_count; i++)
        if (!proxy_exception_check(out->exceptions[i], err)) return false;
    if (text[0] && !proxy_read(text, out, err)) return false;
    return !out->credentials[0] || wg_secret_path_check(out->credentials, err) ||
           wg_context(err, "proxy_credentials");
}

static bool read_mirrors(const json_t *json, struct download_settings *out, struct wg_error *err)
{
    if (!read_list(json, "mirrors", out->mirrors[0], sizeof out->mirrors[0], DOWNLOAD_MIRRORS_MAX,
                   &out->mirror_count, err))
        return false;
    for (size_t i = 0; i < out->mirror_count; i++) {
        struct url url;
        size_t len = strlen(out->mirrors[i]);
        if (!url_read(out->mirrors[i], &url, err)) return wg_context(err, "mirrors");
        if (strchr(url.target, '?') || out->mirrors[i][len - 1] != '/' || len > WG_URL_MAX - 80)
            return wg_fail(err, WG_E_BAD_FILE, "mirrors: \"%.100s\": expected https://HOST/PATH/",
                           out->mirrors[i]);
    }
    return true;
}

static bool read_metered(const json_t *json, const char *folder, struct download_settings *out,
                         struct wg_error *err)
{
    char rule[16] = "allow";
    if (!wg_json_text_opt(json, "metered", rule, sizeof rule, err) ||
        !read_path(json, "metered_program", folder, out->metered_program, err) ||
        !read_path(json, "metered_file", folder, out->metered_file, err) ||
        !read_size(json, "metered_max", false, &out->metered_max, err) ||
        !read_time(json, "metered_every", WG_SECOND, &out->metered_every, err) ||
        !read_time(json, "metered_retry", WG_SECOND, &out->metered_retry, err))
        return false;
    out->wait_metered = strcmp(rule, "wait") == 0;
    if (!out->wait_metered && strcmp(rule, "allow") != 0)
        return wg_fail(err, WG_E_BAD_FILE, "metered: expected wait or allow, got \"%s\"", rule);
    bool program = out->metered_program[0], file = out->metered_file[0];
    if (program && file)
        return wg_fail(err, WG_E_BAD_FILE, "metered_program and metered_file: expected one");
    return !out->wait_metered || program || file ||
           wg_fail(err, WG_E_BAD_FILE, "metered: wait: expected metered_program or metered_file");
}

/* What a frame may want is a power of two; the memory that one takes is about twice that. */
static bool read_window(const json_t *json, int *out, struct wg_error *err)
{
    int64_t size = (int64_t)1 << *out;
    if (!read_size(json, "window", false, &size, err)) return false;
    for (int log = ZST_WINDOW_LOG_MIN; log <= ZST_WINDOW_LOG_MAX; log++) {
        if (size != (int64_t)1 << log) continue;
        *out = log;
        return true;
    }
    return wg_fail(err, WG_E_BAD_FILE,
                   "window: expected a power of two from 1KiB to 128MiB, like 8MiB, got %lld bytes",
                   (long long)size);
}

static bool read_download(const json_t *json, const char *folder, struct download_settings *out,
                          struct wg_error *err)
{
    json_t *download = NULL;
    if (!json_object_get(json, "download")) return true;
    return (wg_json_object(json, "download", &download, err) &&
            wg_json_only_keys(download, download_keys, err) &&
            read_size(download, "rate", true, &out->rate, err) &&
            read_size(download, "slowest", true, &out->slowest, err) &&
            read_time(download, "patience", WG_SECOND, &out->patience, err) &&
            read_list(download, "certificate_hosts", out->hosts[0], sizeof out->hosts[0],
                      DOWNLOAD_HOSTS_MAX, &out->host_count, err) &&
            read_path(download, "ca", folder, out->ca, err) &&
            read_window(download, &out->window_log, err) &&
            read_metered(download, folder, out, err)) ||
           wg_context(err, "download");
}

bool download_settings_read(const json_t *json, const char *folder, struct download_settings *out,
                            struct wg_error *err)
{
    download_settings_init(out);
    return read_proxy(json, folder, &out->proxy, err) && read_mirrors(json, out, err) &&
           read_download(json, folder, out, err);
}
