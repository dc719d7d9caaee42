/* plan_map_style.c: the style sheet of a map. Waves run through one row of colours, from the first
 * wave's to the last one's, so that their order can be seen however many there are. Lightness
 * changes all the way with them: neighbours of up to six waves stay apart for colour-blind readers
 * too.
 */
#include "orchestrator/cli/plan_map_part.h"

#include <math.h>

#define STOPS 6
#define ALONE 0.8 /* where in the row a single wave has its colour */

static const char sheet[] =
    "svg{color-scheme:light dark;background:#fff;max-width:100%;height:auto}\n"
    "text{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,"
    "sans-serif;fill:#1c2733;font-size:14px;font-variant-numeric:tabular-nums}\n"
    ".page{fill:#fff}.void{fill:#eef1f4}.sea{fill:#e3eaf0}.land{fill:#faf9f6;stroke:#b4bec7;"
    "stroke-width:.7;stroke-linejoin:round;fill-rule:evenodd}\n"
    ".grid{fill:none;stroke:#d0dae2;stroke-width:.7}.border{fill:none;stroke:#c9c8c1;"
    "stroke-width:.8;stroke-linejoin:round}.frame{fill:none;stroke:#c6d0d8}\n"
    ".rim{stroke:#fff;stroke-width:.7}.scale{fill:none;stroke:#64717d}"
    ".bar{fill:none;stroke:#64717d;stroke-width:1.2}.rule{stroke:#dfe4e9}\n"
    ".name{font-size:26px;font-weight:600}.sub,.head,.note,.none{fill:#64717d}.total{font-size:"
    "26px;"
    "font-weight:600}.head,.note{font-size:12px}\n"
    ".degree{font-size:11px;fill:#64717d;stroke:#eef2f5;stroke-width:3;stroke-linejoin:round;"
    "paint-order:stroke}\n";

static const char dark[] =
    "svg{background:#10151b}text{fill:#e4e9ee}.page{fill:#10151b}.void{fill:#141a21}"
    ".sea{fill:#17202a}.land{fill:#26303b;stroke:#46535f}.grid{stroke:#222e3a}"
    ".border{stroke:#3a4652}.frame{stroke:#303b46}.rim{stroke:#10151b}"
    ".scale,.bar{stroke:#95a3b0}.rule{stroke:#2a343e}.sub,.head,.note,.none,.degree{fill:#95a3b0}"
    ".degree{stroke:#1b242e}\n";

static const unsigned light_row[STOPS] = {0xfcb519, 0xef7a3e, 0xd94a68,
                                          0x9d3a94, 0x563aa6, 0x12306f};
static const unsigned dark_row[STOPS] = {0xfdf0a0, 0xfdc23e, 0xf58b3c,
                                         0xe0606a, 0xb84f9c, 0x8054c4};

/* Of 0 to 1 along the row. */
static unsigned colour(const unsigned row[STOPS], double part)
{
    double at = part * (STOPS - 1);
    int stop = (int)fmin(at, STOPS - 2);
    unsigned mixed = 0;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        double a = row[stop] >> shift & 0xFF, b = row[stop + 1] >> shift & 0xFF;
        mixed |= (unsigned)lround(a + (b - a) * (at - stop)) << shift;
    }
    return mixed;
}

static void write_row(struct wg_buf *out, const unsigned row[STOPS], size_t wave_count)
{
    for (size_t i = 0; i < wave_count; i++) {
        double part = wave_count > 1 ? (double)i / (double)(wave_count - 1) : ALONE;
        wg_buf_printf(out, ".w%zu{fill:#%06x}", i, colour(row, part));
    }
    wg_buf_char(out, '\n');
}

void map_style_write(struct wg_buf *out, size_t wave_count)
{
    wg_buf_text(out, "<style>\n");
    wg_buf_text(out, sheet);
    write_row(out, light_row, wave_count);
    wg_buf_text(out, "@media (prefers-color-scheme:dark){\n");
    wg_buf_text(out, dark);
    write_row(out, dark_row, wave_count);
    wg_buf_text(out, "}\n</style>\n");
}
