/* attribute.h: the value of an inventory attribute: text, a number, true or false; null takes it
 * away. In a CSV cell a number, true, false and null stand as they are, everything else is text;
 * text that would be read as one of these stands as JSON, in quotes of its own. */
#ifndef WG_ORCHESTRATOR_REGISTRY_ATTRIBUTE_H
#define WG_ORCHESTRATOR_REGISTRY_ATTRIBUTE_H

#include "common/json.h"
#include "common/text.h"

/* A name of 1 to WG_NAME_MAX bytes; a number that every reader of JSON holds exactly. */
WG_MUST_CHECK bool attribute_check(const char *name, const json_t *value, struct wg_error *err);

/* The value as JSON; numbers with at most 15 digits, whole ones without a point, so that a number
 * has one form. */
void attribute_write(const json_t *value, struct wg_buf *out);

/* A text as JSON. */
void attribute_write_text(const char *text, size_t len, struct wg_buf *out);

/* New reference; NULL: no memory. A number that is not in the form that attribute_write gives
 * ("007", "1.10", "1e5", one of 20 digits) is text: it is a code rather than a count. */
json_t *attribute_from_cell(const char *cell);
void attribute_to_cell(const json_t *value, struct wg_buf *out);

#endif
