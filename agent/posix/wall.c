/* wall.c: a number in a file. */
#include "agent/posix/wall.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 24
#define LATEST ((wg_time)253402300799999) /* the last moment of the year 9999 */

bool wall_open(struct wall *wall, const char *state, struct wg_error *err)
{
    struct wg_error ignored = {0};
    struct wg_buf text;
    *wall = (struct wall){.floor = 0};
    if (!wg_path_join(wall->path, sizeof wall->path, state, "time", err)) return false;
    wg_buf_init(&text, TEXT_MAX);
    if (wg_file_read(wall->path, &text, &ignored)) {
        char *end = NULL;
        long long floor = strtoll(wg_buf_str(&text), &end, 10);
        if (*end == '\0' && floor > 0 && floor <= LATEST) wall->floor = floor;
    }
    wg_buf_clear(&text);
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
    char text[TEXT_MAX];
    if (verified < wall->floor + WG_MINUTE || verified > LATEST) return true;
    (void)wg_format(text, sizeof text, "%lld", (long long)verified);
    if (!wg_file_replace(wall->path, text, strlen(text), 0600, err)) return false;
    wall->floor = verified;
    return true;
}
