/* metrics.c: reads the file of metrics. */
#include "agent/posix/metrics.h"

#include "common/json.h"
#include "common/log.h"
#include "common/posix/file.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define METRICS_BYTES_MAX ((size_t)16 << 10)
#define VALUE_MAX 1e300 /* as on the wire */

struct list {
    size_t count;
    struct wg_metric items[WG_METRICS_MAX];
};

void metrics_init(struct metrics *metrics, const char *file)
{
    *metrics = (struct metrics){.file = file};
}

static bool take(struct list *list, const char *name, const json_t *value, struct wg_error *err)
{
    if (list->count == WG_METRICS_MAX)
        return wg_fail(err, WG_E_LIMIT, "more than %d metrics", WG_METRICS_MAX);
    struct wg_metric *one = &list->items[list->count++];
    if (!wg_name_is_valid(name) || !wg_copy(one->name, sizeof one->name, name))
        return wg_fail(err, WG_E_BAD_FILE, "\"%.64s\" is no name of a metric", name);
    one->value = json_number_value(value);
    return (json_is_number(value) && fabs(one->value) <= VALUE_MAX) ||
           wg_fail(err, WG_E_BAD_FILE, "%s: expected a number between %g and %g", name, -VALUE_MAX,
                   VALUE_MAX);
}

static bool parse(const struct wg_buf *bytes, struct list *list, struct wg_error *err)
{
    const char *name;
    json_t *value, *json = wg_json_parse(wg_buf_str(bytes), bytes->len, METRICS_BYTES_MAX, err);
    bool ok = json && (json_is_object(json) ||
                       wg_fail(err, WG_E_BAD_FILE, "expected an object of names and numbers"));
    json_object_foreach(json, name, value) ok = ok && take(list, name, value, err);
    json_decref(json);
    return ok;
}

/* Only a file: a pipe would make the agent wait. */
static bool is_there(const char *file, bool *there, struct wg_error *err)
{
    struct stat info;
    *there = stat(file, &info) == 0;
    if (!*there) return errno == ENOENT || wg_fail_errno(err, "looking at it");
    return S_ISREG(info.st_mode) || wg_fail(err, WG_E_BAD_FILE, "it is no regular file");
}

static bool read_file(const char *file, struct list *list, struct wg_error *err)
{
    struct wg_buf bytes;
    bool there = false;
    if (!is_there(file, &there, err)) return false;
    if (!there) return true;
    wg_buf_init(&bytes, METRICS_BYTES_MAX);
    bool ok = wg_file_read(file, &bytes, err) && parse(&bytes, list, err);
    wg_buf_clear(&bytes);
    return ok;
}

static bool same(const struct metrics *metrics, const struct list *list)
{
    if (metrics->count != list->count) return false;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(metrics->items[i].name, list->items[i].name) != 0 ||
            metrics->items[i].value != list->items[i].value)
            return false;
    return true;
}

bool metrics_look(struct metrics *metrics)
{
    struct list list = {.count = 0};
    struct wg_error err = {.code = WG_OK};
    if (!metrics->file[0]) return false;
    if (!read_file(metrics->file, &list, &err)) {
        (void)wg_context(&err, "%s", metrics->file);
        if (!metrics->bad) wg_log_error("metrics are not taken", &err);
        metrics->bad = true;
        return false;
    }
    metrics->bad = false;
    if (same(metrics, &list)) return false;
    metrics->count = list.count;
    memcpy(metrics->items, list.items, sizeof metrics->items);
    return true;
}
