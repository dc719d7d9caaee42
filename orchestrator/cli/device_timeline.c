/* device_timeline.c: a device's reports, oldest first. */
#include "orchestrator/cli/device_timeline.h"

#include "orchestrator/cli/document.h"

void device_timeline_show(struct screen *screen, const json_t *reports)
{
    size_t i;
    json_t *report;
    screen_coloured(screen, SCREEN_BOLD, "\nTimeline\n");
    if (json_array_size(reports) == 0) screen_text(screen, "  no reports yet\n");
    json_array_foreach(reports, i, report)
    {
        const char *detail = document_text(report, "detail");
        const char *remark = document_text(report, "remark");
        screen_text(screen, "  ");
        screen_time(screen, document_time(report, "received"));
        screen_text(screen, "  %-20s %-11s %s%s%s", document_text(report, "campaign"),
                    document_text(report, "state"), document_text(report, "cause"),
                    detail[0] ? "  " : "", detail);
        if (remark[0]) screen_coloured(screen, SCREEN_DIM, "  (kept as a remark: %s)", remark);
        screen_text(screen, "\n");
    }
}
