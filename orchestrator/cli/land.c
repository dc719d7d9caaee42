/* land.c: reading the compiled-in outline (the Encoded Polyline Algorithm: 5 bits a letter). */
#include "orchestrator/cli/land.h"

#define STEPS 100.0 /* in a degree */

static const char *const lines[] = {
#include "land_lines.inc"
};

bool land_line(size_t number, struct land_cursor *cursor)
{
    if (number >= sizeof lines / sizeof lines[0]) return false;
    *cursor = (struct land_cursor){.kind = lines[number][0] == 'L' ? LAND_RING : LAND_BORDER,
                                   .at = lines[number] + 1};
    return true;
}

/* One difference; what ends early or is too long ends the line. */
static bool step(struct land_cursor *cursor, long *sum)
{
    unsigned long value = 0;
    for (unsigned shift = 0; shift < 25; shift += 5) {
        unsigned letter = (unsigned char)*cursor->at;
        if (letter < 63) return false;
        cursor->at++;
        value |= (unsigned long)((letter - 63) & 0x1F) << shift;
        if (letter - 63 >= 0x20) continue;
        *sum += value & 1 ? -(long)(value >> 1) - 1 : (long)(value >> 1);
        return true;
    }
    return false;
}

bool land_next(struct land_cursor *cursor, double *lat, double *lon)
{
    if (!step(cursor, &cursor->lat) || !step(cursor, &cursor->lon)) return false;
    *lat = (double)cursor->lat / STEPS;
    *lon = (double)cursor->lon / STEPS;
    return true;
}
