/* orchestrator.h: one of several orchestrators: its name, what it keeps in memory, and the hooks
 * that it has asked, which the file answers. */
#ifndef WG_TESTS_SCENARIO_ORCHESTRATOR_H
#define WG_TESTS_SCENARIO_ORCHESTRATOR_H

#include "orchestrator/config/settings.h"
#include "orchestrator/daemon/ticker.h"
#include "orchestrator/link/verdict.h"

#define ORCHESTRATORS_MAX 3
#define ORCHESTRATOR_HOOKS_MAX 8

struct asked_hook {
    char key[TICKER_KEY_MAX]; /* "" free */
    char campaign[WG_NAME_MAX + 1], wave[WG_NAME_MAX + 1];
    char json[1024]; /* what it was told */
};

struct orchestrator {
    char name[WG_NAME_MAX + 1]; /* "" not there yet */
    struct db *db;              /* borrowed */
    struct policies *policies;
    struct settings settings;
    struct ticker_hooks face;
    struct verdict verdict;
    struct asked_hook asked[ORCHESTRATOR_HOOKS_MAX];
    bool cannot_ask; /* its hooks cannot be started */
};

/* Stays where it is until it is cleared. root: of the operators. */
WG_MUST_CHECK bool orchestrator_init(struct orchestrator *orchestrator, const char *name,
                                     struct db *db, const char *root, struct wg_error *err);
void orchestrator_clear(struct orchestrator *orchestrator);

WG_MUST_CHECK bool orchestrator_tick(struct orchestrator *orchestrator, wg_time now,
                                     struct ticker_result *out, struct wg_error *err);
/* The hook of the wave ("" the first one that was asked) answers; *kept: it counted. False with
 * WG_E_NOT_FOUND: it was not asked. */
WG_MUST_CHECK bool orchestrator_answer(struct orchestrator *orchestrator, const char *wave,
                                       const char *answer, const char *words, wg_time now,
                                       bool *kept, struct wg_error *err);
/* The waves whose hooks were asked and have not answered: "canary", "none". */
void orchestrator_asked(const struct orchestrator *orchestrator, char *out, size_t size);
/* All that was asked is forgotten. */
void orchestrator_lose_hooks(struct orchestrator *orchestrator);
/* The policy that the campaign has now; NULL: told in err. */
const struct policy *orchestrator_policy(struct orchestrator *orchestrator, int64_t campaign,
                                         const char *digest, struct wg_error *err);

#endif
