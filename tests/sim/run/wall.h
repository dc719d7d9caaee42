/* wall.h: the clock on the wall of a zone, by the C library: the windows once more, written apart
 * from the product's own, to judge it by. Not for threads: it sets TZ. */
#ifndef WG_TESTS_SIM_RUN_WALL_H
#define WG_TESTS_SIM_RUN_WALL_H

#include "common/window.h"

/* zone: the device's, for windows that are in it. */
bool wall_is_open(const struct wg_windows *windows, const char *zone, wg_time at);
/* "Sat 02:30 Europe/Berlin" */
#define WALL_TEXT 96
void wall_text(const char *zone, wg_time at, char out[WALL_TEXT]);

#endif
