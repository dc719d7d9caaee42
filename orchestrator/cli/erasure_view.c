/* erasure_view.c: asked, told, begun, done. */
#include "orchestrator/cli/erasure_view.h"

#include "orchestrator/cli/document.h"

static void show_moment(struct screen *screen, const char *what, wg_time at)
{
    if (!at) return;
    screen_text(screen, "  %s ", what);
    screen_time(screen, at);
    screen_text(screen, "\n");
}

void erasure_view_show(struct screen *screen, const json_t *erasure)
{
    const char *refusal = document_text(erasure, "refusal");
    if (!json_is_object(erasure)) return;
    screen_text(screen, "Its keys are to be erased: asked by %s (%s), by %lld so far\n",
                document_text(erasure, "asked_by"), document_text(erasure, "reason"),
                document_number(erasure, "asked"));
    show_moment(screen, "asked", document_time(erasure, "asked_at"));
    show_moment(screen, "told", document_time(erasure, "told_at"));
    show_moment(screen, "it began", document_time(erasure, "started_at"));
    show_moment(screen, "done, it says", document_time(erasure, "done_at"));
    show_moment(screen, "taken back", document_time(erasure, "dropped_at"));
    if (refusal[0]) screen_text(screen, "  not signed: %s\n", refusal);
}
