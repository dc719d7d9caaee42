/* window_json.h: windows as they stand in the signed order:
 * {"in": "device", "daily": [{"from": "02:00", "to": "05:00", "days": ["sat", "sun"]}]}
 * "in" is "device" or the name of an IANA zone. Pure. */
#ifndef WG_COMMON_WINDOW_JSON_H
#define WG_COMMON_WINDOW_JSON_H

#include "common/window.h"

#include <jansson.h>

/* New reference. The zone of a site goes by its name. NULL: out of memory, no windows at all (the
 * order then has no such member), or a site whose zone is not known. */
json_t *wg_windows_json(const struct wg_windows *windows);
/* Strict: every member, no other, 1 to WG_WINDOWS_MAX windows, no day twice. A named zone becomes
 * WG_WINDOW_NAMED. WG_E_BAD_INPUT, and out is as it was. */
WG_MUST_CHECK bool wg_windows_from_json(const json_t *json, struct wg_windows *out,
                                        struct wg_error *err);

#endif
