/* asking.c: questions to hooks, and their answers into rows. */
#include "orchestrator/daemon/asking.h"

#include "orchestrator/hook/hooks.h"
#include "orchestrator/store/gate_row.h"

#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

struct asking {
    struct hooks *hooks;
    struct ticker_hooks face;
};

static bool start(void *ctx, const char *key, const struct ticker_question *question, wg_time now,
                  struct wg_error *err)
{
    struct asking *asking = ctx;
    const struct hook_call call = {.run = question->hook->run,
                                   .url = question->hook->url,
                                   .timeout = question->hook->timeout,
                                   .input = question->json,
                                   .input_len = question->len,
                                   .campaign = question->campaign,
                                   .wave = question->wave,
                                   .release = question->release};
    (void)now; /* time-outs are counted on a clock that nobody sets */
    return hooks_start(asking->hooks, key, &call, wg_monotonic(), err);
}

static bool running(void *ctx, const char *key)
{
    struct asking *asking = ctx;
    return hooks_state(asking->hooks, key) != HOOK_NONE;
}

struct asking *asking_new(const struct settings *settings, struct wg_error *err)
{
    const struct hooks_settings how = {.folder = settings->gate_hooks,
                                       .ca_file = settings->gate_hooks_ca};
    struct asking *asking = calloc(1, sizeof *asking);
    if (!asking) {
        (void)wg_fail_memory(err, "making room for hooks");
        return NULL;
    }
    asking->face = (struct ticker_hooks){.start = start, .running = running, .ctx = asking};
    asking->hooks = hooks_new(&how, err);
    if (asking->hooks) return asking;
    free(asking);
    return NULL;
}

void asking_free(struct asking *asking)
{
    if (asking) hooks_free(asking->hooks);
    free(asking);
}

const struct ticker_hooks *asking_hooks(const struct asking *asking)
{
    return &asking->face;
}

size_t asking_poll_set(const struct asking *asking, struct pollfd *out, size_t max)
{
    return hooks_poll_set(asking->hooks, out, max);
}

static bool store(struct db *db, const struct hook_answer *answer, wg_time now,
                  struct wg_error *err)
{
    int64_t campaign, token;
    size_t wave;
    bool kept = false;
    if (!ticker_key_parse(answer->key, &campaign, &wave, &token)) return true;
    if (!gate_row_hook(db, campaign, wave, hook_verdict_text(answer->verdict), answer->words, token,
                       now, &kept, err))
        return false;
    wg_log(WG_LOG_INFO, kept ? "hook answered" : "hook answered too late", "gate", answer->key,
           "answer", hook_verdict_text(answer->verdict), "words", answer->words, NULL);
    return true;
}

bool asking_step(struct asking *asking, struct db *db, wg_time now, bool *answered,
                 wg_duration *again, struct wg_error *err)
{
    struct hook_answer answer;
    wg_time monotonic = wg_monotonic(), next = hooks_step(asking->hooks, monotonic);
    *again = next == 0 ? -1 : next > monotonic ? next - monotonic : 0;
    *answered = false;
    while (db && hooks_take(asking->hooks, &answer)) {
        *answered = true;
        if (!store(db, &answer, now, err)) return false;
    }
    return true;
}
