/* svg.h: the small writing that an SVG is made of: escaped text, exact numbers, path steps. Numbers
 * are written from integers, so that neither the locale nor the C library's printf has a say. */
#ifndef WG_ORCHESTRATOR_CLI_SVG_H
#define WG_ORCHESTRATOR_CLI_SVG_H

#include "common/buf.h"

#include <stdint.h>

/* Text for content and attribute values. What XML cannot hold becomes U+FFFD: control characters,
 * bytes that are no UTF-8. Of more than max characters, the last one kept is an ellipsis. */
void svg_text(struct wg_buf *out, const char *text, size_t max);

/* With at most that many decimals (0 to 3), without trailing zeros. |value| is below 1e12. */
void svg_number(struct wg_buf *out, double value, int decimals);
/* 1234567 as "1 234 567", with thin spaces. */
void svg_count(struct wg_buf *out, int64_t count);
/* "12 devices", "1 device". */
void svg_devices(struct wg_buf *out, int64_t count);
/* ' name="value"', two decimals. */
void svg_attribute(struct wg_buf *out, const char *name, double value);

/* Path data in tenths of a pixel: moves and relative lines. A line shorter than about half a pixel
 * is left out. */
struct svg_path {
    struct wg_buf *out;
    int64_t x, y; /* where the pen is, in tenths */
    bool lines;   /* behind an "l" */
};

void svg_path_move(struct svg_path *path, double x, double y);
void svg_path_line(struct svg_path *path, double x, double y);
void svg_path_close(struct svg_path *path);

#endif
