/* tick_hook.c: a gate's hook is asked, with what it may want to know. */
#include "orchestrator/daemon/tick.h"

#include "common/json.h"
#include "orchestrator/store/gate_row.h"

#include <stdlib.h>

#define RELEASE_TEXT (WG_NAME_MAX + WG_VERSION_MAX + 2)

void tick_hook_key(const struct tick *tick, size_t wave, char out[TICKER_KEY_MAX])
{
    (void)wg_format(out, TICKER_KEY_MAX, "%lld/%zu/%lld/%lld", (long long)tick->row.id, wave,
                    (long long)tick->token, (long long)tick->row.revision);
}

/* One number and what stands behind it. */
static bool read_number(const char **text, char behind, int64_t *out)
{
    char *end = NULL;
    *out = strtoll(*text, &end, 10);
    bool ok = end != *text && *end == behind;
    *text = behind ? end + 1 : end;
    return ok;
}

bool ticker_key_parse(const char *key, int64_t *campaign, size_t *wave, int64_t *token)
{
    int64_t number, revision;
    bool ok = read_number(&key, '/', campaign) && read_number(&key, '/', &number) &&
              read_number(&key, '/', token) && read_number(&key, '\0', &revision) && number >= 0;
    *wave = ok ? (size_t)number : 0;
    return ok;
}

static json_t *faults_json(const struct engine_wave *wave)
{
    json_t *faults = json_object();
    for (int cause = 0; faults && cause < WG_CAUSES; cause++)
        if (wave->fault_class[cause] > 0)
            (void)json_object_set_new(faults, wg_cause_text((enum wg_cause)cause),
                                      json_integer(wave->fault_class[cause]));
    return faults;
}

static void release_text(const struct tick *tick, char out[RELEASE_TEXT])
{
    (void)wg_format(out, RELEASE_TEXT, "%s/%s", tick->row.component, tick->row.version);
}

/* docs/gate-hooks.md is the contract. */
static bool describe(const struct tick *tick, size_t wave, struct wg_buf *out, struct wg_error *err)
{
    const struct campaign_row *row = &tick->row;
    const struct engine_wave *at = &tick->view.waves[wave];
    char release[RELEASE_TEXT], since[WG_TIME_TEXT];
    int64_t finished = 0;
    for (int state = 0; state < WG_STATES; state++)
        if (wg_state_is_final((enum wg_state)state)) finished += at->count[state];
    release_text(tick, release);
    wg_time_text(row->waves[wave].state_at, since);
    json_t *body = json_pack("{s:s,s:s,s:I,s:s,s:s,s:I,s:I,s:I,s:o,s:s}", "campaign", row->name,
                             "digest", row->digest, "revision", (json_int_t)row->revision, "wave",
                             at->name, "release", release, "members", (json_int_t)at->members,
                             "succeeded", (json_int_t)at->count[WG_SUCCEEDED], "finished",
                             (json_int_t)finished, "faults", faults_json(at), "since", since);
    bool ok = body && wg_json_canonical(body, out, err);
    json_decref(body);
    return body ? ok : wg_fail_memory(err, "asking a gate's hook");
}

bool tick_ask_hook(struct tick *tick, size_t wave, struct wg_error *err)
{
    const struct ticker_hooks *hooks = tick->ticker->hooks;
    struct wg_error refusal = {0};
    char key[TICKER_KEY_MAX], release[RELEASE_TEXT];
    struct wg_buf json;
    bool kept = false;
    if (!hooks) return true;
    tick_hook_key(tick, wave, key);
    if (hooks->running(hooks->ctx, key)) return true;
    wg_buf_init(&json, WG_MESSAGE_MAX);
    release_text(tick, release);
    bool started = describe(tick, wave, &json, &refusal);
    const struct ticker_question question = {.hook = &tick->policy->gates[wave].hook,
                                             .campaign = tick->row.name,
                                             .wave = tick->view.waves[wave].name,
                                             .release = release,
                                             .json = wg_buf_str(&json),
                                             .len = json.len};
    started = started && hooks->start(hooks->ctx, key, &question, tick->now, &refusal);
    wg_buf_clear(&json);
    /* what cannot be asked is not sure: the gate holds, and says why */
    return gate_row_hook(tick->db, tick->row.id, wave, started ? "running" : "hold",
                         started ? "" : refusal.text, tick->token, tick->now, &kept, err);
}
