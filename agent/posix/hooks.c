/* hooks.c: finds the hooks of a moment, judges whether they may be run, and runs them. */
#include "agent/posix/hooks.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOT_NOW 75 /* EX_TEMPFAIL of sysexits.h */

void hooks_init(struct hooks *hooks, const char *folder, wg_duration timeout)
{
    *hooks = (struct hooks){.folder = folder, .timeout = timeout};
    runner_init(&hooks->runner);
}

/* What others could have written is not run. */
static bool check_owner(const struct stat *info, const char *name, struct wg_error *err)
{
    if (info->st_uid != 0 && info->st_uid != geteuid())
        return wg_fail(err, WG_E_DENIED, "%s: is owned by user %u: chown root", name,
                       (unsigned)info->st_uid);
    return (info->st_mode & (S_IWGRP | S_IWOTH)) == 0 ||
           wg_fail(err, WG_E_DENIED, "%s: may be written by others: chmod go-w", name);
}

/* *there: false when there is no such folder. */
static bool check_folder(const char *path, bool *there, struct wg_error *err)
{
    struct stat info;
    *there = lstat(path, &info) == 0;
    if (!*there) return errno == ENOENT || wg_fail_errno(err, "%s", path);
    if (!S_ISDIR(info.st_mode)) return wg_fail(err, WG_E_BAD_FILE, "%s: is no folder", path);
    return check_owner(&info, path, err);
}

static bool check_hook(const char *folder, const char *name, struct wg_error *err)
{
    char path[PATH_MAX];
    struct stat info;
    if (!wg_path_join(path, sizeof path, folder, name, err)) return false;
    if (lstat(path, &info) != 0) return wg_fail_errno(err, "%s", name);
    if (!S_ISREG(info.st_mode)) return wg_fail(err, WG_E_BAD_FILE, "%s: is no regular file", name);
    if (!check_owner(&info, name, err)) return false;
    return (info.st_mode & S_IXUSR) != 0 ||
           wg_fail(err, WG_E_BAD_FILE, "%s: cannot be executed: chmod +x, or take it away", name);
}

static bool is_name(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return name[strspn(name, allowed)] == '\0';
}

static bool take_name(struct hooks *hooks, const char *name, struct wg_error *err)
{
    if (!is_name(name)) return true;
    if (hooks->count == HOOKS_MAX) return wg_fail(err, WG_E_LIMIT, "more than %d hooks", HOOKS_MAX);
    if (!wg_copy(hooks->names[hooks->count], sizeof hooks->names[0], name))
        return wg_fail(err, WG_E_LIMIT, "%.16s...: a name of more than %d bytes", name,
                       WG_NAME_MAX);
    hooks->count++;
    return check_hook(hooks->path, name, err);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool list(struct hooks *hooks, struct wg_error *err)
{
    const struct dirent *entry;
    DIR *folder = opendir(hooks->path);
    bool ok = true;
    if (!folder) return wg_fail_errno(err, "%s", hooks->path);
    while (ok && (entry = readdir(folder))) ok = take_name(hooks, entry->d_name, err);
    (void)closedir(folder);
    qsort(hooks->names, hooks->count, sizeof hooks->names[0], by_name);
    return ok;
}

/* Each of the folders above a hook says who may put one there. */
static bool find(struct hooks *hooks, struct wg_error *err)
{
    const char *const steps[] = {core_hook_phase_text(hooks->point.phase),
                                 core_hook_moment_text(hooks->point.moment)};
    char path[PATH_MAX];
    bool there = false;
    hooks->count = hooks->next = 0;
    if (!hooks->folder[0]) return true;
    (void)wg_copy(path, sizeof path, hooks->folder);
    if (!check_folder(path, &there, err)) return false;
    /* whoever named it in the settings counts on its hooks */
    if (!there) return wg_fail(err, WG_E_BAD_FILE, "%s: there is no such folder", path);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (!wg_path_join(hooks->path, sizeof hooks->path, path, steps[i], err) ||
            !check_folder(hooks->path, &there, err))
            return false;
        if (!there) return true;
        (void)wg_copy(path, sizeof path, hooks->path);
    }
    return list(hooks, err);
}

static void answer(struct hooks *hooks, enum hooks_verdict verdict, const char *name,
                   const char *text)
{
    struct hooks_answer *out = &hooks->answer;
    out->verdict = verdict;
    hooks->answered = true;
    if (verdict == HOOKS_GO) return;
    (void)wg_format(
        out->text, sizeof out->text, "hook %s/%s%s%s: %s", core_hook_phase_text(hooks->point.phase),
        core_hook_moment_text(hooks->point.moment), name ? "/" : "", name ? name : "", text);
}

enum { VARIABLES = 12, VARIABLE_MAX = WG_DETAIL_MAX + 32 };

static bool start(struct hooks *hooks, const char *name, wg_time now, struct wg_error *err)
{
    const struct core_hook *point = &hooks->point;
    const struct {
        const char *name, *value;
    } values[VARIABLES] = {{"WG_PHASE", core_hook_phase_text(point->phase)},
                           {"WG_MOMENT", core_hook_moment_text(point->moment)},
                           {"WG_COMPONENT", point->component},
                           {"WG_VERSION", point->version},
                           {"WG_FROM_VERSION", point->from},
                           {"WG_CAMPAIGN", point->campaign},
                           {"WG_ORDER", point->order},
                           {"WG_SLOT", hooks->slot},
                           {"WG_CAUSE", wg_cause_text(point->cause)},
                           {"WG_REASON", point->reason}};
    char texts[VARIABLES][VARIABLE_MAX], folder[PATH_MAX + 16], program[PATH_MAX];
    const char *environment[VARIABLES + 2] = {NULL};
    size_t count = 0;
    for (size_t i = 0; i < VARIABLES && values[i].name; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "%s=%s", values[i].name, values[i].value);
        environment[count++] = texts[i];
    }
    (void)snprintf(folder, sizeof folder, "WG_HOOKS=%s", hooks->folder);
    environment[count] = folder;
    const struct runner_job job = {.program = program,
                                   .folder = hooks->path,
                                   .environment = environment,
                                   .mark = "delay: ",
                                   .timeout = hooks->timeout};
    return wg_path_join(program, sizeof program, hooks->path, name, err) &&
           runner_start(&hooks->runner, &job, now, err);
}

static void start_next(struct hooks *hooks, wg_time now)
{
    struct wg_error err = {.code = WG_OK};
    if (hooks->next == hooks->count)
        answer(hooks, HOOKS_GO, NULL, NULL);
    else if (!start(hooks, hooks->names[hooks->next], now, &err))
        answer(hooks, HOOKS_NO, hooks->names[hooks->next], err.text);
}

void hooks_ask(struct hooks *hooks, const struct core_hook *point, const char *slot, wg_time now)
{
    struct wg_error err = {.code = WG_OK};
    hooks_stop(hooks);
    hooks->point = *point;
    hooks->asking = true;
    hooks->answer = (struct hooks_answer){.verdict = HOOKS_GO};
    (void)wg_copy(hooks->slot, sizeof hooks->slot, slot);
    if (!find(hooks, &err)) {
        answer(hooks, HOOKS_NO, NULL, err.text);
        return;
    }
    hooks->answer.any = hooks->count > 0;
    start_next(hooks, now);
}

/* A delay that cannot be read is left out: the answer counts. */
static void later(struct hooks *hooks, const struct runner_end *end)
{
    wg_duration delay = 0;
    if (wg_duration_parse(end->marked, &delay) && delay > 0) hooks->answer.delay = delay;
    answer(hooks, HOOKS_LATER, hooks->names[hooks->next], end->text);
}

bool hooks_look(struct hooks *hooks, wg_time now, struct hooks_answer *out)
{
    struct runner_end end;
    if (hooks->asking && !hooks->answered && runner_look(&hooks->runner, now, &end)) {
        if (end.code == NOT_NOW)
            later(hooks, &end);
        else if (end.code != 0)
            answer(hooks, HOOKS_NO, hooks->names[hooks->next], end.text);
        else {
            hooks->next++;
            start_next(hooks, now);
        }
    }
    if (!hooks->asking || !hooks->answered) return false;
    *out = hooks->answer;
    hooks->asking = hooks->answered = false;
    return true;
}

wg_time hooks_wake(const struct hooks *hooks)
{
    if (!hooks->asking) return 0;
    return hooks->answered ? 1 : hooks->runner.deadline;
}

void hooks_stop(struct hooks *hooks)
{
    runner_stop(&hooks->runner);
    hooks->asking = hooks->answered = false;
}
