/* release_command.c: `release add FILE`, `release list`, at the server or in a repository. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/list.h"
#include "orchestrator/cli/operator_word.h"
#include "orchestrator/cli/release_sending.h"
#include "orchestrator/cli/release_with.h"
#include "orchestrator/cli/repository.h"

#include "common/text.h"
#include "common/version.h"

#include <stdlib.h>
#include <string.h>

static bool check_from(const char *from, struct wg_error *err)
{
    struct wg_range *range = calloc(1, sizeof *range);
    if (!range) return wg_fail_memory(err, "reading --from");
    bool ok = wg_version_range_parse(from, range, err) || wg_context(err, "--from");
    free(range);
    return ok;
}

/* What the server would say of these, in the words of the flags. */
static bool check_flags(const struct args *args, struct wg_error *err)
{
    const char *component = args_value(args, "component"), *version = args_value(args, "version");
    const char *hardware = args_value(args, "hardware"), *notes = args_value(args, "notes");
    const char *from = args_value(args, "from");
    char key[WG_SORT_KEY_MAX];
    if (!component || !version)
        return wg_fail(err, WG_E_USAGE, "a release needs --component NAME and --version VERSION");
    if (!wg_name_is_valid(component) || (hardware && !wg_name_is_valid(hardware)))
        return wg_fail(err, WG_E_USAGE,
                       "--component and --hardware: expected letters, digits, '.', '_' or '-'");
    if (!wg_version_key(version, key, err)) return wg_context(err, "--version");
    if (notes && !wg_text_is_utf8(notes, strlen(notes)))
        return wg_fail(err, WG_E_USAGE, "--notes: expected UTF-8");
    return !from || check_from(from, err);
}

static void set_text(json_t *request, const char *key, const char *value)
{
    if (value) (void)json_object_set_new(request, key, json_string(value));
}

/* Takes the value over; NULL is fine when there was no error. */
static bool set_value(json_t *request, const char *key, json_t *value, struct wg_error *err)
{
    if (value) (void)json_object_set_new(request, key, value);
    return value || err->code == WG_OK;
}

static bool read_request(const struct args *args, json_t *request, struct wg_error *err)
{
    if (!check_flags(args, err)) return false;
    set_text(request, "component", args_value(args, "component"));
    set_text(request, "version", args_value(args, "version"));
    set_text(request, "from", args_value(args, "from"));
    set_text(request, "notes", args_value(args, "notes"));
    set_text(request, "hardware_model", args_value(args, "hardware"));
    return set_value(request, "with", release_with_read(args, err), err) &&
           set_value(request, "depends", release_depends_read(args, err), err);
}

/* What it is, by its hash. */
static bool sign(const struct cli *cli, json_t *request, struct wg_error *err)
{
    struct statement say = {.kind = STATEMENT_RELEASE};
    (void)wg_format(say.release, sizeof say.release, "%s/%s", document_text(request, "component"),
                    document_text(request, "version"));
    (void)wg_copy(say.digest, sizeof say.digest, document_text(request, "sha256"));
    (void)wg_copy(say.operator_name, sizeof say.operator_name,
                  "nobody"); /* filled in as it is signed */
    json_t *body = statement_body(&say, err);
    bool ok = body && operator_word_sign(cli, body, &say, request, err);
    json_decref(body);
    return ok;
}

static json_t *publish(struct cli *cli, json_t *request, struct wg_error *err)
{
    struct remote_path path;
    const char *file = cli->args->positionals[0];
    remote_path(&path, "/releases");
    if (!read_request(cli->args, request, err) || !release_sending_hash(cli, file, request, err) ||
        !sign(cli, request, err))
        return NULL;
    return release_send(cli, &path, file, request, err);
}

/* Takes the answer over. */
static bool report(struct cli *cli, json_t *row, struct wg_error *err)
{
    struct screen *screen = &cli->screen;
    const char *component = document_text(row, "component"),
               *version = document_text(row, "version");
    bool waits = strcmp(document_text(row, "state"), "proposed") == 0;
    if (screen->json) return screen_json(row, err);
    screen_text(screen, "%s/%s %s%s: %lld bytes, sha256 %s\n", component, version,
                document_is(row, "added") ? "is " : "was ",
                waits                       ? "proposed"
                : document_is(row, "added") ? "published"
                                            : "published already",
                document_number(row, "length"), document_text(row, "sha256"));
    if (waits)
        screen_text(screen,
                    "It waits for %lld approvals by others: wavegate release approve %s/%s\n",
                    document_number(row, "approvals_wanted"), component, version);
    json_decref(row);
    return screen_flush(screen, err);
}

bool release_add_run(struct cli *cli, struct wg_error *err)
{
    if (args_has(cli->args, "repository")) return repository_add_run(cli, err);
    json_t *request = json_object();
    if (!request) return wg_fail_memory(err, "adding a release");
    json_t *row = publish(cli, request, err);
    json_decref(request);
    return row && report(cli, row, err);
}

static void add_name(const json_t *row, struct wg_buf *out)
{
    wg_buf_printf(out, "%s/%s", list_text(row, "component"), list_text(row, "version"));
}

static void add_hardware(const json_t *row, struct wg_buf *out)
{
    const char *model = list_text(row, "hardware_model");
    wg_buf_text(out, *model ? model : "any");
}

static void add_with(const json_t *row, struct wg_buf *out)
{
    const char *component, *before = "";
    json_t *version;
    json_object_foreach((json_t *)(uintptr_t)list_value(row, "with"), component, version)
    {
        wg_buf_printf(out, "%s%s/%s", before, component, json_string_value(version));
        before = ", ";
    }
}

static const struct list_column columns[] = {{"release", .write = add_name},
                                             {"hardware", .write = add_hardware},
                                             {"bytes", .key = "length", .kind = LIST_NUMBER},
                                             {"sha256", .key = "sha256", .shown = 16},
                                             {"by", .key = "added_by"},
                                             {"state", .key = "state"},
                                             {"with", .write = add_with},
                                             {NULL}};
const struct list release_list = {"release", "list", columns,
                                  .empty = "There is no release yet: wavegate release add FILE"};

bool release_list_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    if (args_has(cli->args, "repository")) return repository_list_run(cli, err);
    remote_path(&path, "/releases");
    return list_show(&cli->screen, &release_list, remote_list(cli->remote, &path, 0, NULL, err),
                     err);
}
