/* show.c: times and texts that may be absent. */
#include "orchestrator/show/show.h"

#include <math.h>

json_t *show_time(wg_time time)
{
    char text[WG_TIME_TEXT];
    if (time == 0) return json_null();
    wg_time_text(time, text);
    return json_string(text);
}

json_t *show_text(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

json_t *show_share(double share)
{
    return json_real(round(share * 1000) / 1000);
}

json_t *show_made(json_t *document, const char *what, struct wg_error *err)
{
    if (!document) (void)wg_fail_memory(err, what);
    return document;
}
