/* moment.h: a time as answers have it. */
#ifndef WG_ORCHESTRATOR_API_MOMENT_H
#define WG_ORCHESTRATOR_API_MOMENT_H

#include "common/json.h"
#include "common/time.h"

/* New reference; null for 0. */
static inline json_t *moment_json(wg_time time)
{
    char text[WG_TIME_TEXT];
    if (!time) return json_null();
    wg_time_text(time, text);
    return json_string(text);
}

#endif
