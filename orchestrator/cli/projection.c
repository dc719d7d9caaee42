/* projection.c: the formulas of the equal-area maps. */
#include "orchestrator/cli/projection.h"

#include <math.h>

#define RADIANS(degrees) ((degrees) * (M_PI / 180))
#define FLAT 0.02 /* a cone as flat as this is drawn as a cylinder */

struct projection projection_equal_earth(double lon0)
{
    return (struct projection){.kind = PROJECTION_EQUAL_EARTH, .lon0 = lon0};
}

struct projection projection_albers(double lon0, double south, double north)
{
    double s = sin(RADIANS(south)), n = (s + sin(RADIANS(north))) / 2;
    if (fabs(n) < FLAT)
        return (struct projection){.kind = PROJECTION_CYLINDER,
                                   .lon0 = lon0,
                                   .stretch = cos(RADIANS((north - south) / 2))};
    double c = 1 + s * (2 * n - s);
    return (struct projection){
        .kind = PROJECTION_ALBERS, .lon0 = lon0, .n = n, .c = c, .r0 = sqrt(c) / n};
}

static void equal_earth(double lat, double lon, double *x, double *y)
{
    static const double a1 = 1.340264, a2 = -0.081106, a3 = 0.000893, a4 = 0.003796;
    double t = asin(sqrt(3) / 2 * sin(lat)), t2 = t * t, t6 = t2 * t2 * t2;
    *x = 2 * sqrt(3) * lon * cos(t) / (3 * (a1 + 3 * a2 * t2 + t6 * (7 * a3 + 9 * a4 * t2)));
    *y = t * (a1 + a2 * t2 + t6 * (a3 + a4 * t2));
}

void projection_point(const struct projection *projection, double lat, double lon, double *x,
                      double *y)
{
    lat = RADIANS(lat);
    lon = RADIANS(lon);
    if (projection->kind == PROJECTION_EQUAL_EARTH) {
        equal_earth(lat, lon, x, y);
    } else if (projection->kind == PROJECTION_CYLINDER) {
        *x = lon * projection->stretch;
        *y = sin(lat) / projection->stretch;
    } else {
        double n = projection->n;
        double r = sqrt(fmax(0, projection->c - 2 * n * sin(lat))) / n;
        *x = r * sin(n * lon);
        *y = projection->r0 - r * cos(n * lon);
    }
}

double projection_turn(double lon)
{
    lon = fmod(lon + 180, 360);
    return lon < 0 ? lon + 180 : lon - 180;
}
