/* plan_map_part.h: the parts that a map is put together from; private to plan_map*.c. Each appends
 * to out; whether out could take it is asked once, at the end. */
#ifndef WG_ORCHESTRATOR_CLI_PLAN_MAP_PART_H
#define WG_ORCHESTRATOR_CLI_PLAN_MAP_PART_H

#include "orchestrator/cli/plan_map_view.h"

/* Devices of one wave at one place. */
struct map_disc {
    double lat, lon; /* degrees; lon relative to the view's middle meridian */
    int64_t devices;
    size_t wave;
    int64_t row, column; /* of the place, in the grid that gathered it */
};

struct map_place {
    double lat, lon; /* the middle of its devices, as above */
    double x, y;     /* on the page */
    int64_t devices;
    size_t first, count; /* its discs, in the order of their waves */
};

/* All devices on the map. The fullest place is first, and drawn first: none hides behind it. */
struct map_places {
    struct map_disc *discs; /* owned */
    size_t disc_count;
    struct map_place *places; /* owned */
    size_t count;
    double factor; /* radius = factor * sqrt(devices), pixels */
};

WG_MUST_CHECK bool map_places_gather(struct map_places *places, const struct plan_map *map,
                                     const struct map_view *view, struct wg_error *err);
void map_places_clear(struct map_places *places);
/* In pixels; never smaller than what can be seen. */
double map_places_radius(const struct map_places *places, int64_t devices);
/* The most devices whose circle is drawn larger than its share; 0 if there are none so few. */
int64_t map_places_smallest(const struct map_places *places);
void map_places_draw(struct wg_buf *out, const struct map_places *places,
                     const struct plan_map *map, const struct map_view *view);

/* Sea, graticule, land, borders. */
WG_MUST_CHECK bool map_ground_draw(struct wg_buf *out, const struct map_view *view,
                                   struct wg_error *err);
/* The land as one path, the borders as another. */
WG_MUST_CHECK bool map_land_draw(struct wg_buf *out, const struct map_view *view,
                                 struct wg_error *err);
/* Degrees along the frame and a scale of kilometres; nothing on a map of the whole earth. */
void map_ground_label(struct wg_buf *out, const struct map_view *view);

/* The style sheet: both themes, a colour a wave. */
void map_style_write(struct wg_buf *out, size_t wave_count);

/* Pixels that the legend takes below the map. */
int map_legend_height(const struct plan_map *map);
void map_legend_draw(struct wg_buf *out, const struct plan_map *map,
                     const struct map_places *places);

#endif
