/* json_place.h: where in a JSON text a problem is, for people who wrote it. Problems name their
 * place as getters do: "claim: window: expected ..." is the value of "window" in "claim". Pure. */
#ifndef WG_COMMON_JSON_PLACE_H
#define WG_COMMON_JSON_PLACE_H

#include "common/error.h"

#include <stddef.h>

/* Line and column, from 1, of the key that the problem begins with; of the object that it is
 * missing from; or that it says is unknown. text is valid JSON. */
void wg_json_place(const char *text, size_t len, const char *problem, size_t *line, size_t *column);
/* Makes the error "FILE:LINE:COLUMN: error: ..." and WG_E_BAD_FILE where it was WG_E_BAD_INPUT;
 * also of one that wg_json_parse() told. Always returns false. */
bool wg_json_fail_at(const char *file, const char *text, size_t len, struct wg_error *err);

#endif
