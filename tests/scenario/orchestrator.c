/* orchestrator.c: the daemon's ticker and verdict, without its loop. */
#include "tests/scenario/orchestrator.h"

#include "orchestrator/store/gate_row.h"

#include <string.h>

static const struct policy_retry *retry_of(void *ctx, int64_t campaign, const char *digest)
{
    const struct orchestrator *orchestrator = ctx;
    const struct policy *policy =
        policies_get(orchestrator->policies, orchestrator->db, campaign, digest, NULL);
    return policy ? &policy->retry : NULL;
}

static bool start(void *ctx, const char *key, const struct ticker_question *question, wg_time now,
                  struct wg_error *err)
{
    struct orchestrator *orchestrator = ctx;
    struct asked_hook *hook = orchestrator->asked;
    (void)now;
    if (orchestrator->cannot_ask)
        return wg_fail(err, WG_E_IO, "could not be started: no such program");
    while (hook < orchestrator->asked + ORCHESTRATOR_HOOKS_MAX && hook->key[0]) hook++;
    if (hook == orchestrator->asked + ORCHESTRATOR_HOOKS_MAX)
        return wg_fail(err, WG_E_LIMIT, "could not be started: too many run");
    (void)wg_copy(hook->key, sizeof hook->key, key);
    (void)wg_copy(hook->campaign, sizeof hook->campaign, question->campaign);
    (void)wg_copy(hook->wave, sizeof hook->wave, question->wave);
    (void)wg_copy(hook->json, sizeof hook->json, question->json);
    return true;
}

static bool running(void *ctx, const char *key)
{
    const struct orchestrator *orchestrator = ctx;
    for (size_t i = 0; i < ORCHESTRATOR_HOOKS_MAX; i++)
        if (strcmp(orchestrator->asked[i].key, key) == 0) return true;
    return false;
}

bool orchestrator_init(struct orchestrator *orchestrator, const char *name, struct db *db,
                       const char *root, struct wg_error *err)
{
    struct settings *settings = &orchestrator->settings;
    memset(orchestrator, 0, sizeof *orchestrator);
    orchestrator->db = db;
    orchestrator->face =
        (struct ticker_hooks){.start = start, .running = running, .ctx = orchestrator};
    orchestrator->verdict = (struct verdict){.retry = retry_of, .ctx = orchestrator};
    settings->tick = WG_SECOND;
    settings->order_resend = WG_MINUTE;
    settings->order_lifetime = WG_DAY;
    (void)wg_copy(settings->operators_root, sizeof settings->operators_root, root);
    (void)wg_copy(orchestrator->name, sizeof orchestrator->name, name);
    orchestrator->policies = policies_new(err);
    return orchestrator->policies != NULL;
}

void orchestrator_clear(struct orchestrator *orchestrator)
{
    policies_free(orchestrator->policies);
    memset(orchestrator, 0, sizeof *orchestrator);
}

bool orchestrator_tick(struct orchestrator *orchestrator, wg_time now, struct ticker_result *out,
                       struct wg_error *err)
{
    const struct ticker ticker = {.db = orchestrator->db,
                                  .policies = orchestrator->policies,
                                  .settings = &orchestrator->settings,
                                  .hooks = &orchestrator->face,
                                  .holder = orchestrator->name};
    return ticker_run(&ticker, now, out, err);
}

static struct asked_hook *find(struct orchestrator *orchestrator, const char *wave)
{
    for (size_t i = 0; i < ORCHESTRATOR_HOOKS_MAX; i++) {
        struct asked_hook *hook = &orchestrator->asked[i];
        if (hook->key[0] && (!wave[0] || strcmp(hook->wave, wave) == 0)) return hook;
    }
    return NULL;
}

bool orchestrator_answer(struct orchestrator *orchestrator, const char *wave, const char *answer,
                         const char *words, wg_time now, bool *kept, struct wg_error *err)
{
    struct asked_hook *hook = find(orchestrator, wave);
    int64_t campaign, token;
    size_t number;
    if (!hook || !ticker_key_parse(hook->key, &campaign, &number, &token))
        return wg_fail(err, WG_E_NOT_FOUND, "orchestrator %s has asked no such hook",
                       orchestrator->name);
    hook->key[0] = '\0';
    return gate_row_hook(orchestrator->db, campaign, number, answer, words, token, now, kept, err);
}

void orchestrator_asked(const struct orchestrator *orchestrator, char *out, size_t size)
{
    out[0] = '\0';
    for (size_t i = 0; i < ORCHESTRATOR_HOOKS_MAX; i++) {
        const struct asked_hook *hook = &orchestrator->asked[i];
        size_t len = strlen(out);
        if (hook->key[0])
            (void)wg_format(out + len, size - len, "%s%s", len ? ", " : "", hook->wave);
    }
    if (!out[0]) (void)wg_copy(out, size, "none");
}

void orchestrator_lose_hooks(struct orchestrator *orchestrator)
{
    memset(orchestrator->asked, 0, sizeof orchestrator->asked);
}

const struct policy *orchestrator_policy(struct orchestrator *orchestrator, int64_t campaign,
                                         const char *digest, struct wg_error *err)
{
    return policies_get(orchestrator->policies, orchestrator->db, campaign, digest, err);
}
