/* plan_strays.c: ids that a wave lists and does not get, in words. Mostly slips of the pen, so they
 * are told where the wave is told. */
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/plan_view.h"

#define SHOWN 3

void plan_strays_text(struct screen *screen, const struct campaign_wave *wave, const json_t *strays)
{
    size_t count = json_array_size(strays), i;
    const json_t *stray;
    if (count == 0) return;
    screen_coloured(screen, SCREEN_BAD, "      %zu of the %zu listed %s not in it:", count,
                    wave->devices.count, count == 1 ? "is" : "are");
    json_array_foreach(strays, i, stray)
    {
        if (i == SHOWN) break;
        screen_text(screen, "%s %s (%s)", i ? "," : "", document_text(stray, "id"),
                    document_text(stray, "reason"));
    }
    if (count > SHOWN)
        screen_text(screen, " and %zu more: --devices %s lists them", count - SHOWN, wave->name);
    screen_text(screen, "\n");
}
