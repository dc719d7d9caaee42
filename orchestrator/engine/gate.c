/* gate.c: the conditions of one wave's gate, each by itself. */
#include "orchestrator/engine/gate.h"

#include "orchestrator/engine/health.h"

/* "99%", "99.5%", at most four decimals. */
static void percent_text(int64_t ppm, char out[24])
{
    long long whole = ppm / 10000, part = ppm % 10000;
    (void)wg_format(out, 24, "%lld.%04lld", whole, part);
    size_t len = 0;
    while (out[len]) len++;
    while (out[len - 1] == '0') out[--len] = '\0';
    if (out[len - 1] == '.') out[--len] = '\0';
    out[len] = '%';
    out[len + 1] = '\0';
}

void gate_figures(const struct policy_gate *gate, const struct engine_wave *wave,
                  struct gate_figures *out)
{
    int64_t final = 0;
    for (int state = 0; state < WG_STATES; state++)
        if (wg_state_is_final((enum wg_state)state)) final += wave->count[state];
    out->succeeded = wave->count[WG_SUCCEEDED];
    out->finished = out->succeeded + wave->faults;
    out->members = wave->members - (final - out->finished);
    out->needed = policy_amount_of(&gate->sample, out->members);
    if (out->needed < 1) out->needed = 1;
    if (out->needed > out->members) out->needed = out->members;
}

wg_time gate_soaked(const struct policy_gate *gate, const struct engine_wave *wave)
{
    return wave->last_finish + gate->soak;
}

enum gate_answer gate_sample(const struct policy_gate *gate, const struct engine_wave *wave,
                             char words[ENGINE_CAUSE_MAX])
{
    struct gate_figures figures;
    gate_figures(gate, wave, &figures);
    if (words)
        (void)wg_format(words, ENGINE_CAUSE_MAX, "%lld of %lld devices finished, %lld asked for",
                        (long long)figures.finished, (long long)figures.members,
                        (long long)figures.needed);
    return figures.finished >= figures.needed ? GATE_PASS : GATE_HOLD;
}

enum gate_answer gate_success(const struct policy_gate *gate, const struct engine_wave *wave,
                              char words[ENGINE_CAUSE_MAX])
{
    struct gate_figures figures;
    char got[24], wanted[24];
    gate_figures(gate, wave, &figures);
    int64_t rate =
        figures.finished ? figures.succeeded * POLICY_PPM / figures.finished : POLICY_PPM;
    percent_text(rate / 1000 * 1000, got);
    percent_text(gate->success_ppm, wanted);
    if (words)
        (void)wg_format(words, ENGINE_CAUSE_MAX, "%s of %lld succeeded, %s wanted", got,
                        (long long)figures.finished, wanted);
    /* the best that can still come: all that have not finished succeed */
    int64_t best = figures.members - wave->faults;
    if (figures.members > 0 && best * POLICY_PPM < gate->success_ppm * figures.members)
        return GATE_FAIL;
    if (figures.finished * gate->success_ppm > figures.succeeded * POLICY_PPM)
        return figures.finished == figures.members ? GATE_FAIL : GATE_HOLD;
    return GATE_PASS;
}

enum gate_answer gate_approvals(const struct policy_gate *gate, const struct engine_wave *wave,
                                char words[ENGINE_CAUSE_MAX])
{
    if (words)
        (void)wg_format(words, ENGINE_CAUSE_MAX, "%lld of %lld approvals by %s",
                        (long long)wave->approvals, (long long)gate->approval_count,
                        gate->approval_role);
    return wave->approvals >= gate->approval_count ? GATE_PASS : GATE_HOLD;
}

enum gate_answer gate_health(const struct policy_gate *gate, const struct engine_wave *wave,
                             char words[ENGINE_CAUSE_MAX])
{
    char said[ENGINE_CAUSE_MAX];
    if (words) words[0] = '\0';
    if (!gate->health.metric[0]) return GATE_PASS;
    if (words) {
        health_words(&gate->health, &wave->health, said);
        (void)wg_format(words, ENGINE_CAUSE_MAX, "health: %.240s", said);
    }
    return health_judge(&gate->health, &wave->health, NULL);
}

bool gate_has_hook(const struct policy_gate *gate)
{
    return gate->hook.run[0] || gate->hook.url[0];
}

/* What the hook said of devices that have been joined by others since is no answer any more. */
static bool is_stale(const struct policy_gate *gate, const struct engine_wave *wave)
{
    return wave->hook == ENGINE_HOOK_PASS && wave->hook_at < gate_soaked(gate, wave);
}

wg_time gate_hook_next(const struct policy_gate *gate, const struct engine_wave *wave)
{
    if (wave->hook == ENGINE_HOOK_NONE || is_stale(gate, wave)) return 0;
    return wave->hook == ENGINE_HOOK_HOLD ? wave->hook_at + gate->hook.every : -1;
}

static void hook_words(const struct policy_gate *gate, const struct engine_wave *wave,
                       char words[ENGINE_CAUSE_MAX])
{
    const char *name = gate->hook.run[0] ? gate->hook.run : gate->hook.url;
    char at[WG_TIME_TEXT];
    wg_time_text(wave->hook == ENGINE_HOOK_HOLD ? gate_hook_next(gate, wave) : wave->hook_at, at);
    if (wave->hook == ENGINE_HOOK_NONE)
        (void)wg_format(words, ENGINE_CAUSE_MAX, "hook %.64s is to be asked", name);
    else if (wave->hook == ENGINE_HOOK_RUNNING)
        (void)wg_format(words, ENGINE_CAUSE_MAX, "hook %.64s was asked at %s", name, at);
    else if (is_stale(gate, wave))
        (void)wg_format(words, ENGINE_CAUSE_MAX,
                        "hook %.64s is to be asked again: it passed at %s, "
                        "before the last devices finished and soaked",
                        name, at);
    else if (wave->hook == ENGINE_HOOK_PASS)
        (void)wg_format(words, ENGINE_CAUSE_MAX, "hook %.64s passed: %.120s", name,
                        wave->hook_words);
    else if (wave->hook == ENGINE_HOOK_FAIL)
        (void)wg_format(words, ENGINE_CAUSE_MAX, "hook %.64s failed: %.120s", name,
                        wave->hook_words);
    else
        (void)wg_format(words, ENGINE_CAUSE_MAX,
                        "hook %.64s says not yet: %.120s; asked again at %s", name,
                        wave->hook_words, at);
}

enum gate_answer gate_hook(const struct policy_gate *gate, const struct engine_wave *wave,
                           char words[ENGINE_CAUSE_MAX])
{
    if (words) words[0] = '\0';
    if (!gate_has_hook(gate)) return GATE_PASS;
    if (words) hook_words(gate, wave, words);
    if (wave->hook == ENGINE_HOOK_FAIL) return GATE_FAIL;
    return wave->hook == ENGINE_HOOK_PASS && !is_stale(gate, wave) ? GATE_PASS : GATE_HOLD;
}
