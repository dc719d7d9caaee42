/* explain.h: what `device explain` says of a place, in the scenario's time. */
#ifndef WG_TESTS_SCENARIO_EXPLAIN_H
#define WG_TESTS_SCENARIO_EXPLAIN_H

#include "orchestrator/status/explanation.h"
#include "tests/scenario/scene.h"

bool explain(struct scene *scene, const char *campaign, const char *device,
             struct explanation *out);

/* The campaign as the engine sees it. */
struct standing_now {
    struct campaign_row row;
    struct engine_view view;
    struct campaign *campaign; /* campaign_free() it */
};
bool explain_standing(struct scene *scene, const char *campaign, struct standing_now *out);

#endif
