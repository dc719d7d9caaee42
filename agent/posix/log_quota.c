/* log_quota.c: three members of a JSON file. */
#include "agent/posix/log_quota.h"

#include "common/json.h"
#include "common/posix/file.h"
#include "common/posix/kept.h"

#include <string.h>

#define FILE_MAX 1024
#define NUMBER_MAX ((int64_t)1 << 40)

bool log_quota_open(struct log_quota *quota, const char *state, struct wg_error *err)
{
    static const char *const keys[] = {"day", "spent", "order", NULL};
    struct wg_error ignored = {0};
    struct log_quota read = {.day = 0};
    enum kept_found found;
    *quota = read;
    if (!wg_path_join(quota->path, sizeof quota->path, state, "logs.json", err)) return false;
    json_t *json = kept_json_load(quota->path, FILE_MAX, keys, &found);
    if (json && wg_json_int(json, "day", 0, NUMBER_MAX, &read.day, &ignored) &&
        wg_json_int(json, "spent", 0, NUMBER_MAX, &read.spent, &ignored) &&
        wg_json_text(json, "order", read.order, sizeof read.order, &ignored)) {
        (void)wg_copy(read.path, sizeof read.path, quota->path);
        *quota = read;
    }
    json_decref(json);
    return true;
}

static bool save(const struct log_quota *quota, struct wg_error *err)
{
    json_t *json = json_pack("{s:I,s:I,s:s}", "day", (json_int_t)quota->day, "spent",
                             (json_int_t)quota->spent, "order", quota->order);
    bool ok = json ? kept_json_save(quota->path, json, err)
                   : wg_fail_memory(err, "saving what logs were sent");
    json_decref(json);
    return ok;
}

bool log_quota_take(struct log_quota *quota, wg_time wall, int64_t per_day, struct wg_error *err)
{
    struct log_quota next = *quota;
    int64_t day = wall / WG_DAY;
    if (day > next.day) {
        next.day = day;
        next.spent = 0;
    }
    if (next.spent >= per_day)
        return wg_fail(err, WG_E_LIMIT, "logs of %lld failures were sent today, no more are",
                       (long long)next.spent);
    next.spent++;
    if (!save(&next, err)) return false;
    *quota = next;
    return true;
}

bool log_quota_give(struct log_quota *quota, const char *order, struct wg_error *err)
{
    struct log_quota next = *quota;
    if (strcmp(quota->order, order) == 0) return true;
    (void)wg_copy(next.order, sizeof next.order, order);
    if (!save(&next, err)) return false;
    *quota = next;
    return true;
}
