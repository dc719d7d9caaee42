/* plan_quorum.c: lacking approvals. */
#include "orchestrator/cli/plan_quorum.h"

#include "orchestrator/cli/document.h"

static void lack_text(struct screen *screen, const json_t *lack)
{
    const char *hardware = document_text(lack, "hardware"), *role = document_text(lack, "role");
    long long wanted = document_number(lack, "wanted");
    if (!role[0])
        screen_coloured(screen, SCREEN_BAD,
                        "The repository's policy names no class for hardware %s: no order for "
                        "it is signed.\n",
                        hardware);
    else
        screen_coloured(screen, SCREEN_BAD,
                        "The repository's policy wants %lld approval%s of %s for hardware %s, "
                        "this campaign asks for %lld before it starts: no order is signed "
                        "until there are as many. Add approvals: {role: %s, count: %lld}.\n",
                        wanted, wanted == 1 ? "" : "s", role, hardware,
                        document_number(lack, "asked"), role, wanted);
}

void plan_quorum_text(struct screen *screen, const json_t *policy)
{
    const char *problem = document_text(policy, "problem");
    const json_t *lack;
    size_t i;
    if (problem[0])
        screen_coloured(screen, SCREEN_BAD, "The repository's policy is not known: %s\n", problem);
    json_array_foreach(json_object_get(policy, "lacks"), i, lack) lack_text(screen, lack);
}
