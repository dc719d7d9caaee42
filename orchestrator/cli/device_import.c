/* device_import.c: `device import FILE`: a registry file into the devices; bad rows are told by
 * line. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/file_sending.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* By --format, else the name's ending; NULL: by its first byte. False: WG_E_USAGE. */
static bool read_format(const struct args *args, const char **out, struct wg_error *err)
{
    const char *given = args_value(args, "format"), *end = strrchr(args->positionals[0], '.');
    *out = given;
    if (given)
        return strcmp(given, "csv") == 0 || strcmp(given, "ndjson") == 0 ||
               wg_fail(err, WG_E_USAGE, "--format: expected csv or ndjson, got \"%.40s\"", given);
    if (end && strcasecmp(end, ".csv") == 0) *out = "csv";
    if (end && (strcasecmp(end, ".ndjson") == 0 || strcasecmp(end, ".jsonl") == 0)) *out = "ndjson";
    return true;
}

static void show_refusals(const json_t *told, const char *name)
{
    size_t i;
    json_t *problem;
    const json_t *problems = document_at(told, "problems");
    long long more = document_number(told, "refused") - (long long)json_array_size(problems);
    json_array_foreach(problems, i, problem)(void)
        fprintf(stderr, "%s:%lld: error: %s\n", name, document_number(problem, "line"),
                document_text(problem, "reason"));
    if (more > 0) (void)fprintf(stderr, "%s: %lld more rows are refused\n", name, more);
}

static json_t *told_json(const json_t *told)
{
    static const char *const keys[] = {"rows",    "new",    "changed", "unchanged",
                                       "refused", "stored", "problems"};
    json_t *out = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        (void)json_object_set(out, keys[i], json_object_get(told, keys[i]));
    return out;
}

static bool show(struct cli *cli, const json_t *told, const char *name, struct wg_error *err)
{
    struct screen *screen = &cli->screen;
    if (screen->json) return screen_json(told_json(told), err);
    show_refusals(told, name);
    screen_text(screen, "%s%lld new, %lld changed, %lld as before, %lld refused\n",
                document_is(told, "stored") ? "" : "not stored: ", document_number(told, "new"),
                document_number(told, "changed"), document_number(told, "unchanged"),
                document_number(told, "refused"));
    return screen_flush(screen, err);
}

static bool finish(struct cli *cli, const json_t *told, const char *name, struct wg_error *err)
{
    long long refused = document_number(told, "refused");
    if (!show(cli, told, name, err)) return false;
    if (refused > 0 && args_has(cli->args, "all-or-nothing"))
        return wg_fail(err, WG_E_BAD_FILE, "%s: error: nothing is stored: %lld rows are bad", name,
                       refused);
    return refused == 0 || wg_fail(err, WG_E_FAILED, "%s: %lld rows are refused", name, refused);
}

bool device_import_run(struct cli *cli, struct wg_error *err)
{
    const struct args *args = cli->args;
    const char *format, *given = args->positionals[0];
    struct remote_path path;
    if (!read_format(args, &format, err)) return false;
    remote_path(&path, "/devices/import");
    remote_query(&path, "format", format);
    if (args_has(args, "all-or-nothing")) remote_query(&path, "all_or_nothing", "true");
    if (args_has(args, "dry-run")) remote_query(&path, "dry_run", "true");
    bool csv = !format || strcmp(format, "csv") == 0;
    json_t *answer = file_send(cli, &path, csv ? "text/csv" : "application/x-ndjson", given, err);
    /* under --all-or-nothing it is a problem that tells the same */
    const json_t *told = answer ? answer : remote_problem(cli->remote);
    bool ok = document_at(told, "rows") && finish(cli, told, file_sending_name(given), err);
    json_decref(answer);
    return ok;
}
