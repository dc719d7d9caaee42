/* device_timeline.c: a device's reports, oldest first. */
#include "orchestrator/cli/device_timeline.h"

json_t *device_timeline_json(const struct device_report_row *rows, size_t count)
{
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(
            out, json_pack("{s:o,s:s,s:I,s:I,s:s,s:s,s:s,s:s}", "received",
                           screen_json_time(rows[i].received), "campaign", rows[i].campaign,
                           "attempt", (json_int_t)rows[i].attempt, "seq", (json_int_t)rows[i].seq,
                           "state", rows[i].state, "cause", rows[i].cause, "detail", rows[i].detail,
                           "remark", rows[i].remark));
    return out;
}

void device_timeline_show(struct screen *screen, const struct device_report_row *rows, size_t count)
{
    screen_coloured(screen, SCREEN_BOLD, "\nTimeline\n");
    if (count == 0) screen_text(screen, "  no reports yet\n");
    for (size_t i = 0; i < count; i++) {
        screen_text(screen, "  ");
        screen_time(screen, rows[i].received);
        screen_text(screen, "  %-20s %-11s %s%s%s", rows[i].campaign, rows[i].state, rows[i].cause,
                    rows[i].detail[0] ? "  " : "", rows[i].detail);
        if (rows[i].remark[0])
            screen_coloured(screen, SCREEN_DIM, "  (kept as a remark: %s)", rows[i].remark);
        screen_text(screen, "\n");
    }
}
