/* device_ndjson.h: devices as lines of JSON: {"id": .., "hardware_model": .., "hardware_revision":
 * .., "software": {COMPONENT: VERSION}, "region": .., "zone": .., "lat": .., "lon": .., "tags":
 * [..], "groups": [..], "attributes": {NAME: VALUE}}. A member that is not there is left as it is;
 * null, "" and an empty list take away. */
#ifndef WG_ORCHESTRATOR_REGISTRY_DEVICE_NDJSON_H
#define WG_ORCHESTRATOR_REGISTRY_DEVICE_NDJSON_H

#include "orchestrator/registry/device_record.h"
#include "orchestrator/registry/source.h"

#define NDJSON_LINE_MAX 65536

/* The line into a clear record, unchecked; the record owns what it is borrowed from. */
WG_MUST_CHECK bool device_ndjson_read(const char *text, size_t len, struct device_record *out,
                                      struct wg_error *err);
/* The same of what the database holds, which is taken as it is: numbers may have any size. */
WG_MUST_CHECK bool device_ndjson_read_stored(const char *text, struct device_record *out,
                                             struct wg_error *err);
/* A line with every member. */
void device_ndjson_write(const struct device_record *record, struct wg_buf *out);

#endif
