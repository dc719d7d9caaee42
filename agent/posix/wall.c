/* wall.c: a number in a file. */
#include "agent/posix/wall.h"

#include "common/json.h"
#include "common/posix/file.h"
#include "common/posix/kept.h"

#define FILE_MAX 256
#define LATEST ((wg_time)253402300799999) /* the last moment of the year 9999 */

bool wall_open(struct wall *wall, const char *state, struct wg_error *err)
{
    static const char *const keys[] = {"time", NULL};
    enum kept_found found;
    int64_t floor = 0;
    *wall = (struct wall){.floor = 0};
    if (!wg_path_join(wall->path, sizeof wall->path, state, "time.json", err)) return false;
    json_t *json = kept_json_load(wall->path, FILE_MAX, keys, &found);
    if (json && wg_json_int(json, "time", 1, LATEST, &floor, NULL)) wall->floor = floor;
    json_decref(json);
    return true;
}

wg_time wall_now(const struct wall *wall)
{
    wg_time now = wg_now();
    return now < wall->floor ? 0 : now;
}

wg_time wall_least(const struct wall *wall)
{
    wg_time now = wg_now();
    return now < wall->floor ? wall->floor : now;
}

bool wall_raise(struct wall *wall, wg_time verified, struct wg_error *err)
{
    if (verified < wall->floor + WG_MINUTE || verified > LATEST) return true;
    json_t *json = json_pack("{s:I}", "time", (json_int_t)verified);
    bool ok =
        json ? kept_json_save(wall->path, json, err) : wg_fail_memory(err, "keeping the time");
    json_decref(json);
    if (ok) wall->floor = verified;
    return ok;
}
