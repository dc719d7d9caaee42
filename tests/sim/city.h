/* city.h: where devices are: big cities with their weight in the fleet. */
#ifndef WG_TESTS_SIM_CITY_H
#define WG_TESTS_SIM_CITY_H

#include <stddef.h>

struct city {
    const char *site;   /* "munich"; the first part of a site's name */
    const char *region; /* ISO 3166-2, or 3166-1 where that is enough */
    const char *zone;   /* IANA */
    double lat, lon;    /* degrees, WGS 84 */
    double weight;      /* share in the fleet, to the others' */
    double scatter_km;  /* standard deviation of the distance from the middle, on each axis */
};

extern const struct city cities[];
extern const size_t city_count;

#endif
