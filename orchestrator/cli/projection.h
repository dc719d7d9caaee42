/* projection.h: equal-area maps of the earth: Equal Earth (Savric, Patterson, Jenny 2018) for all
 * of it, Albers' conic for a part. Equal area, so that equally many devices on equally much ground
 * look equally dense. Degrees go in; earth radii come out, y upwards. */
#ifndef WG_ORCHESTRATOR_CLI_PROJECTION_H
#define WG_ORCHESTRATOR_CLI_PROJECTION_H

enum projection_kind { PROJECTION_EQUAL_EARTH, PROJECTION_ALBERS, PROJECTION_CYLINDER };

struct projection {
    enum projection_kind kind;
    double lon0;     /* the meridian in the middle, degrees */
    double n, c, r0; /* Albers: the cone */
    double stretch;  /* cylinder: cosine of the parallel that is true to scale */
};

struct projection projection_equal_earth(double lon0);
/* True to scale on the parallels south and north (degrees, within -85..85). */
struct projection projection_albers(double lon0, double south, double north);

/* lon is relative to lon0, -180..180. */
void projection_point(const struct projection *projection, double lat, double lon, double *x,
                      double *y);

/* Into -180 (included) to 180. */
double projection_turn(double lon);

#endif
