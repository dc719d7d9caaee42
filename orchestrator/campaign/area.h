/* area.h: a region of the ground: GeoJSON (RFC 7946) Polygon or MultiPolygon, with holes. Its
 * borders are straight in longitude and latitude, as PostGIS geometry has them. Pure.
 *
 * An area is kept as checked polygons that lie within longitudes -180..180, in steps of 1e-7
 * degrees (about a centimetre); one that crosses the antimeridian is cut there when it is read.
 * Several polygons hold what any of them holds: they may touch and overlap. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_AREA_H
#define WG_ORCHESTRATOR_CAMPAIGN_AREA_H

#include "common/buf.h"
#include "orchestrator/yaml/yaml_doc.h"

#define AREA_VERTICES_MAX 20000 /* corners, as written and when cut; a ring's last is its first */
#define AREA_RINGS_MAX 1000

struct area;

/* Reads a GeoJSON Polygon, MultiPolygon, Feature or FeatureCollection, or the text that area_wkt
 * writes. What is wrong becomes a problem at its place, and the result is NULL. NULL without a new
 * problem: out of memory. The result is the caller's, and needs neither doc nor at.
 *
 * In GeoJSON an edge wider than 180 degrees is taken the short way, so that longitudes may run past
 * 180 or jump from 179 to -179. It is taken as written along a pole where the ring would not close
 * otherwise, and all the way round the world where the short way would leave no area. A ring may
 * turn either way. Text is planar: longitudes within -180..180, each edge as written. */
struct area *area_read(struct yaml_doc *doc, const struct yaml_value *at);
void area_free(struct area *area);

/* Whether text is meant for area_read, not the name of a file: "POLYGON (" or "MULTIPOLYGON (". */
bool area_is_text(const char *text);

/* Appends "MULTIPOLYGON (((lon lat, ...), ...), ...)": for PostGIS, and the canonical form, which
 * reads back to the same area and the same text; how a ring turned and where it began is not in
 * it. Canonical JSON holds no fractions, so it carries an area as this text. WG_E_LIMIT or
 * WG_E_MEMORY from the buffer. */
WG_MUST_CHECK bool area_wkt(const struct area *area, struct wg_buf *out, struct wg_error *err);

/* Whether the place, in degrees, lies in the area or on its border: as st_covers says of the text
 * and a point. Longitudes 180 and -180 are two places, as they are there. */
bool area_holds(const struct area *area, double lat, double lon);

size_t area_vertices(const struct area *area); /* corners of all rings */
/* The least box around the area, in degrees; -180..180 for one across the antimeridian. */
void area_box(const struct area *area, double *west, double *south, double *east, double *north);

#endif
