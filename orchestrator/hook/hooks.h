/* hooks.h: the gate hooks that run now: programs of one folder, and web services asked through
 * curl. Nothing here waits: the owner polls what hooks_poll_set names and calls hooks_step. The
 * contract with the one who writes a hook is docs/gate-hooks.md.
 * Every `now` is of one clock; common/posix/file.h's wg_monotonic() keeps time-outs right when the
 * wall clock is set. Not for two threads at once. */
#ifndef WG_ORCHESTRATOR_HOOK_HOOKS_H
#define WG_ORCHESTRATOR_HOOK_HOOKS_H

#include "common/error.h"
#include "common/time.h"
#include "orchestrator/hook/words.h"

#include <poll.h>
#include <stddef.h>

#define HOOKS_MAX 16 /* at once, with those whose answers were not taken */
#define HOOKS_POLL_MAX ((size_t)HOOKS_MAX * 3) /* descriptors that hooks_poll_set can name */
#define HOOK_KEY_MAX 255
#define HOOK_INPUT_MAX ((size_t)1 << 20)
#define HOOK_URL_MAX 1023

enum hook_verdict {
    HOOK_PASS,
    HOOK_HOLD, /* not now, or nobody knows: ask again later */
    HOOK_FAIL
};

/* What an answer is called in the database and in words: "pass", "hold", "fail". */
const char *hook_verdict_text(enum hook_verdict verdict);

struct hooks_settings {
    const char *folder;  /* of programs, absolute; NULL or "": none may be run */
    const char *ca_file; /* authorities that URLs are checked against; NULL or "": the system's */
};

/* All borrowed for the time of hooks_start. */
struct hook_call {
    const char *run; /* a file name in the folder; or */
    const char *url; /* https://...; the other is NULL or "" */
    wg_duration timeout;
    const char *input; /* one JSON object */
    size_t input_len;
    const char *campaign, *wave, *release; /* for a program's environment */
};

struct hook_answer {
    char key[HOOK_KEY_MAX + 1];
    enum hook_verdict verdict;
    char words[WORDS_MAX + 1]; /* valid UTF-8 without control characters; never empty */
};

enum hook_state { HOOK_NONE, HOOK_RUNNING, HOOK_ANSWERED };

struct hooks;

/* Copies the settings. SIGCHLD, if whoever started this process had it ignored, is set to its
 * default: otherwise nobody could learn how a program ended. */
struct hooks *hooks_new(const struct hooks_settings *settings, struct wg_error *err);
void hooks_free(struct hooks *hooks); /* kills what runs; NULL is fine */

/* The key names what is asked for (campaign, wave, revision). True: an answer with this key will
 * come; what cannot be started is answered with "hold" and the reason. False with WG_E_CONFLICT
 * when the key runs or its answer was not taken, with WG_E_LIMIT when HOOKS_MAX are in hand or the
 * key is too long: ask later. */
WG_MUST_CHECK bool hooks_start(struct hooks *hooks, const char *key, const struct hook_call *call,
                               wg_time now, struct wg_error *err);

enum hook_state hooks_state(const struct hooks *hooks, const char *key);

/* Descriptors to wait for, at most max; returns how many. */
size_t hooks_poll_set(const struct hooks *hooks, struct pollfd *out, size_t max);

/* Reads, takes in what has ended, ends what is over time. Returns the time to come again even if
 * poll says nothing; 0: no need. Cheap when nothing has happened. */
wg_time hooks_step(struct hooks *hooks, wg_time now);

/* The next answer, which is forgotten here; false: none. */
bool hooks_take(struct hooks *hooks, struct hook_answer *out);

#endif
