/* area_reader.h: takes an area corner by corner, whatever it is written in, and says what is wrong
 * with it. Internal to area_*.c. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_AREA_READER_H
#define WG_ORCHESTRATOR_CAMPAIGN_AREA_READER_H

#include "orchestrator/campaign/area_shape.h"

struct area_reader {
    struct yaml_doc *doc;
    struct area *area;                /* polygons that are done */
    struct area polygon;              /* the one that is being read */
    const struct yaml_value **places; /* of its points */
    const struct yaml_value **rings;  /* of its rings */
    size_t place_count;
    size_t vertices, ring_count; /* read so far */
    bool planar;                 /* edges as written, longitudes within -180..180 */
    bool broken;                 /* a problem in this polygon: its shape is not looked at */
    bool wrong;                  /* there was any problem */
    bool full;                   /* a limit is passed: nothing more is taken */
    bool memory;                 /* ran out */
};

/* False without memory. */
WG_MUST_CHECK bool area_reader_init(struct area_reader *reader, struct yaml_doc *doc);
void area_reader_clear(struct area_reader *reader); /* not the area */

/* A problem at that place, and the polygon is broken; always false. */
bool area_reader_problem(struct area_reader *reader, const struct yaml_value *at,
                         const char *format, ...) WG_PRINTF(3, 4);

/* A corner, as JSON numbers; problems at the place of the number. */
void area_reader_corner(struct area_reader *reader, const struct yaml_value *at,
                        const struct yaml_value *lon_at, const char *lon, size_t lon_len,
                        const struct yaml_value *lat_at, const char *lat, size_t lat_len);
void area_reader_ring(struct area_reader *reader, const struct yaml_value *at);
void area_reader_polygon(struct area_reader *reader, const struct yaml_value *at);

/* Adds the polygons of a text; at is the value that holds it. */
void area_text_read(struct area_reader *reader, const struct yaml_value *at);

#endif
