/* call.c: checks a call and writes its command line; no shell ever reads it. */
#include "orchestrator/hook/call.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CURL "/usr/bin/curl"
#define OUTPUT_MAX ((size_t)16 << 20) /* of a program */
#define BODY_MAX ((size_t)1 << 20)    /* of a web service's answer */

static bool is_given(const char *text)
{
    return text && text[0];
}

bool call_is_url(const struct hook_call *given)
{
    return is_given(given->url);
}

static void add_argument(struct call *call, const char *text)
{
    if (call->argument_count < CALL_ARGUMENTS_MAX) call->arguments[call->argument_count++] = text;
}

static void add_arguments(struct call *call, const char *const *texts)
{
    for (; *texts; texts++) add_argument(call, *texts);
}

static void add_environment(struct call *call, const char *name, const char *value)
{
    char *text = call->texts[call->environment_count];
    if (!value || !wg_format(text, CALL_TEXT_MAX, "%s=%s", name, value)) return;
    call->environment[call->environment_count++] = text;
}

/* Whoever can write a hook, or put another in its place, decides for the gate. */
static bool check_owned(const struct stat *info, const char *what, struct wg_error *err)
{
    if (info->st_uid != 0 && info->st_uid != geteuid())
        return wg_fail(err, WG_E_DENIED, "%s belongs to another user", what);
    if (info->st_mode & (S_IWGRP | S_IWOTH))
        return wg_fail(err, WG_E_DENIED, "%s may be written by others than its owner", what);
    return true;
}

static bool check_program(const char *folder, const char *name, const char *path,
                          struct wg_error *err)
{
    struct stat info;
    if (stat(folder, &info) != 0) return wg_fail_errno(err, "the folder of hooks");
    if (!check_owned(&info, "the folder of hooks", err)) return false;
    if (lstat(path, &info) != 0) return wg_fail_errno(err, "hook %s", name);
    if (!S_ISREG(info.st_mode))
        return wg_fail(err, WG_E_DENIED, "hook %s is not a regular file", name);
    if (!check_owned(&info, name, err)) return wg_context(err, "hook");
    if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0)
        return wg_fail(err, WG_E_DENIED, "hook %s is not executable", name);
    return true;
}

static bool prepare_program(struct call *call, const struct hooks_settings *settings,
                            const struct hook_call *given, struct wg_error *err)
{
    const char *name = given->run;
    if (!is_given(settings->folder))
        return wg_fail(err, WG_E_USAGE, "no folder of hooks is configured (gate_hooks)");
    if (strchr(name, '/') || name[0] == '.')
        return wg_fail(err, WG_E_USAGE,
                       "hook \"%.64s\": expected the plain name of a file in the folder of hooks",
                       name);
    if (!wg_path_join(call->program, sizeof call->program, settings->folder, name, err) ||
        !check_program(settings->folder, name, call->program, err))
        return false;
    call->job.folder = settings->folder;
    call->job.output_max = OUTPUT_MAX;
    add_argument(call, call->program);
    add_environment(call, "WAVEGATE_CAMPAIGN", given->campaign);
    add_environment(call, "WAVEGATE_WAVE", given->wave);
    add_environment(call, "WAVEGATE_RELEASE", given->release);
    return true;
}

static bool url_is_fine(const char *url)
{
    size_t len = strlen(url);
    for (size_t i = 0; i < len; i++)
        if (url[i] <= ' ' || url[i] >= 0x7f) return false;
    return len <= HOOK_URL_MAX && strncmp(url, "https://", 8) == 0 && len > 8;
}

/* The answer's body comes on the standard output; the status, or what went wrong before there was
 * one, on the standard error. No file of the user's has a say (--disable, which must be first), and
 * no redirection is followed. */
static bool prepare_curl(struct call *call, const struct hooks_settings *settings,
                         const struct hook_call *given, struct wg_error *err)
{
    static const char agent[] = "wavegate/" WG_VERSION;
    static const char *const always[] = {CURL,
                                         "--disable",
                                         "--silent",
                                         "--show-error",
                                         "--globoff",
                                         "--proto",
                                         "=https",
                                         "--header",
                                         "content-type: application/json",
                                         "--user-agent",
                                         agent,
                                         "--data-binary",
                                         "@-",
                                         "--write-out",
                                         "%{stderr}%{http_code}",
                                         NULL};
    /* the last text: programs have fewer names in their environment */
    char *seconds = call->texts[CALL_ENVIRONMENT_MAX - 1];
    if (!url_is_fine(given->url))
        return wg_fail(err, WG_E_USAGE, "url: expected https://HOST/PATH of at most %d bytes",
                       HOOK_URL_MAX);
    (void)wg_copy(call->program, sizeof call->program, CURL);
    (void)wg_format(seconds, CALL_TEXT_MAX, "%lld.%03lld", (long long)(given->timeout / WG_SECOND),
                    (long long)(given->timeout % WG_SECOND));
    call->job.folder = "/";
    call->job.output_max = BODY_MAX;
    add_arguments(call, always);
    if (is_given(settings->ca_file))
        add_arguments(call, (const char *const[]){"--cacert", settings->ca_file, NULL});
    add_arguments(call, (const char *const[]){"--max-time", seconds, "--url", given->url, NULL});
    return true;
}

bool call_prepare(struct call *out, const struct hooks_settings *settings,
                  const struct hook_call *given, struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    if (is_given(given->run) == is_given(given->url))
        return wg_fail(err, WG_E_USAGE, "expected a program or a URL");
    if (given->timeout <= 0 || given->timeout > WG_DAY)
        return wg_fail(err, WG_E_USAGE, "expected a time-out of more than nothing and up to a day");
    if (given->input_len > HOOK_INPUT_MAX)
        return wg_fail(err, WG_E_LIMIT, "the input has more than %zu bytes", HOOK_INPUT_MAX);
    add_environment(out, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    add_environment(out, "LANG", "C.UTF-8");
    out->job = (struct process_job){.program = out->program,
                                    .arguments = out->arguments,
                                    .environment = out->environment,
                                    .input = given->input,
                                    .input_len = given->input_len,
                                    .timeout = given->timeout};
    return call_is_url(given) ? prepare_curl(out, settings, given, err)
                              : prepare_program(out, settings, given, err);
}
