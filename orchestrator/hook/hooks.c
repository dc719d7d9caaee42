/* hooks.c: the places in which hooks run. */
#include "orchestrator/hook/hooks.h"

#include "common/text.h"
#include "orchestrator/hook/call.h"
#include "orchestrator/hook/judge.h"
#include "orchestrator/hook/process.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct slot {
    enum hook_state state;
    bool is_url;
    wg_duration timeout;
    struct process process;
    struct hook_answer answer; /* its key from the start on */
};

struct hooks {
    char folder[PATH_MAX], ca_file[PATH_MAX];
    struct slot slots[HOOKS_MAX];
};

static void mind_children(void)
{
    struct sigaction action;
    if (sigaction(SIGCHLD, NULL, &action) != 0 || action.sa_handler != SIG_IGN) return;
    action = (struct sigaction){.sa_handler = SIG_DFL};
    (void)sigaction(SIGCHLD, &action, NULL);
}

struct hooks *hooks_new(const struct hooks_settings *settings, struct wg_error *err)
{
    struct hooks *hooks = calloc(1, sizeof *hooks);
    if (!hooks) {
        (void)wg_fail_memory(err, "preparing gate hooks");
        return NULL;
    }
    if (!wg_copy(hooks->folder, sizeof hooks->folder, settings->folder ? settings->folder : "") ||
        !wg_copy(hooks->ca_file, sizeof hooks->ca_file,
                 settings->ca_file ? settings->ca_file : "")) {
        (void)wg_fail(err, WG_E_LIMIT, "gate hooks: a path is too long");
        free(hooks);
        return NULL;
    }
    mind_children();
    return hooks;
}

void hooks_free(struct hooks *hooks)
{
    if (!hooks) return;
    for (size_t i = 0; i < HOOKS_MAX; i++) process_kill(&hooks->slots[i].process);
    free(hooks);
}

static const struct slot *find(const struct hooks *hooks, const char *key)
{
    for (size_t i = 0; i < HOOKS_MAX; i++) {
        const struct slot *slot = &hooks->slots[i];
        if (slot->state != HOOK_NONE && strcmp(slot->answer.key, key) == 0) return slot;
    }
    return NULL;
}

enum hook_state hooks_state(const struct hooks *hooks, const char *key)
{
    const struct slot *slot = find(hooks, key);
    return slot ? slot->state : HOOK_NONE;
}

static struct slot *free_slot(struct hooks *hooks)
{
    for (size_t i = 0; i < HOOKS_MAX; i++)
        if (hooks->slots[i].state == HOOK_NONE) return &hooks->slots[i];
    return NULL;
}

static bool run(const struct hooks *hooks, struct slot *slot, const struct hook_call *given,
                wg_time now, struct wg_error *err)
{
    const struct hooks_settings settings = {.folder = hooks->folder, .ca_file = hooks->ca_file};
    struct call call;
    return call_prepare(&call, &settings, given, err) &&
           process_start(&slot->process, &call.job, now, err);
}

bool hooks_start(struct hooks *hooks, const char *key, const struct hook_call *call, wg_time now,
                 struct wg_error *err)
{
    struct wg_error why = {0};
    struct slot *slot = free_slot(hooks);
    if (strlen(key) > HOOK_KEY_MAX)
        return wg_fail(err, WG_E_LIMIT, "a hook's key has more than %d bytes", HOOK_KEY_MAX);
    if (find(hooks, key)) return wg_fail(err, WG_E_CONFLICT, "hook %s runs already", key);
    if (!slot) return wg_fail(err, WG_E_LIMIT, "%d hooks run already", HOOKS_MAX);
    *slot =
        (struct slot){.state = HOOK_RUNNING, .is_url = call_is_url(call), .timeout = call->timeout};
    (void)wg_copy(slot->answer.key, sizeof slot->answer.key, key);
    if (!run(hooks, slot, call, now, &why)) {
        judge_not_asked(why.text, &slot->answer);
        slot->state = HOOK_ANSWERED;
    }
    return true;
}

size_t hooks_poll_set(const struct hooks *hooks, struct pollfd *out, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < HOOKS_MAX; i++) {
        struct pollfd set[PROCESS_POLL_MAX];
        size_t more = process_poll_set(&hooks->slots[i].process, set);
        for (size_t j = 0; j < more && count < max; j++) out[count++] = set[j];
    }
    return count;
}

wg_time hooks_step(struct hooks *hooks, wg_time now)
{
    wg_time next = 0;
    for (size_t i = 0; i < HOOKS_MAX; i++) {
        struct slot *slot = &hooks->slots[i];
        if (slot->state != HOOK_RUNNING) continue;
        if (process_look(&slot->process, now)) {
            judge_end(&slot->process, slot->is_url, slot->timeout, &slot->answer);
            slot->state = HOOK_ANSWERED;
            continue;
        }
        wg_time deadline = slot->process.deadline;
        if (deadline && (!next || deadline < next)) next = deadline;
    }
    return next;
}

bool hooks_take(struct hooks *hooks, struct hook_answer *out)
{
    for (size_t i = 0; i < HOOKS_MAX; i++) {
        struct slot *slot = &hooks->slots[i];
        if (slot->state != HOOK_ANSWERED) continue;
        *out = slot->answer;
        slot->state = HOOK_NONE;
        return true;
    }
    return false;
}
