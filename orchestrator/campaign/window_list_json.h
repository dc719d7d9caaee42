/* window_list_json.h: windows as the campaign file has them. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_WINDOW_LIST_JSON_H
#define WG_ORCHESTRATOR_CAMPAIGN_WINDOW_LIST_JSON_H

#include "common/window.h"

#include <jansson.h>

/* A map, or a list of them where days differ. At least one window, in order of their days, as the
 * parser has them. New reference; NULL: out of memory. */
json_t *window_list_json(const struct wg_windows *windows);

#endif
