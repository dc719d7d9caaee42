/* release_command.c: `release add FILE`, `release list`, in the database or in a repository. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/operator.h"
#include "orchestrator/cli/release_seal.h"
#include "orchestrator/cli/repository.h"
#include "orchestrator/release/artifact.h"
#include "orchestrator/store/device_row.h"

#include "common/posix/file.h"
#include "common/version.h"

#include <stdlib.h>
#include <string.h>

static json_t *release_json(const struct release_row *row)
{
    return json_pack("{s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:s,s:o}", "component", row->component,
                     "version", row->version, "sha256", row->sha256, "length",
                     (json_int_t)row->length, "hardware_model", row->hardware_model, "from",
                     row->from_range, "notes", row->notes, "added_by", row->added_by, "added_at",
                     screen_json_time(row->added_at));
}

static bool read_from(const struct args *args, struct release_row *row, struct wg_error *err)
{
    const char *from = args_value(args, "from");
    struct wg_range *range = calloc(1, sizeof *range);
    if (!range) return wg_fail_memory(err, "reading --from");
    bool ok = !from || wg_version_range_parse(from, range, err) || wg_context(err, "--from");
    free(range);
    if (ok && from) (void)wg_copy(row->from_range, sizeof row->from_range, from);
    return ok;
}

static bool read_row(const struct args *args, struct release_row *row, struct wg_error *err)
{
    const char *component = args_value(args, "component"), *version = args_value(args, "version");
    const char *hardware = args_value(args, "hardware"), *notes = args_value(args, "notes");
    char key[WG_SORT_KEY_MAX];
    if (!component || !version)
        return wg_fail(err, WG_E_USAGE, "a release needs --component NAME and --version VERSION");
    if (!wg_name_is_valid(component) || (hardware && !wg_name_is_valid(hardware)))
        return wg_fail(err, WG_E_USAGE,
                       "--component and --hardware: expected letters, digits, '.', '_' or '-'");
    if (!wg_version_key(version, key, err)) return wg_context(err, "--version");
    if (notes &&
        (!wg_copy(row->notes, sizeof row->notes, notes) || !wg_text_is_utf8(notes, strlen(notes))))
        return wg_fail(err, WG_E_USAGE, "--notes: expected at most %zu bytes of text",
                       sizeof row->notes - 1);
    if (!read_from(args, row, err)) return false;
    (void)wg_copy(row->component, sizeof row->component, component);
    (void)wg_copy(row->version, sizeof row->version, version);
    if (hardware) (void)wg_copy(row->hardware_model, sizeof row->hardware_model, hardware);
    return true;
}

static bool sign(const struct release_row *row, const struct operator_identity *who,
                 struct wg_signing_key *key, struct release_signature *out, struct wg_error *err)
{
    struct statement say = {.kind = STATEMENT_RELEASE, .at = row->added_at};
    struct wg_buf text;
    (void)wg_format(say.release, sizeof say.release, "%s/%s", row->component, row->version);
    (void)wg_copy(say.digest, sizeof say.digest, row->sha256);
    (void)wg_copy(say.operator_name, sizeof say.operator_name, who->name);
    wg_buf_init(&text, STATEMENT_MAX);
    bool ok = statement_sign_by(&say, key, &text, err);
    (void)wg_copy(out->added_by, sizeof out->added_by, who->name);
    (void)wg_copy(out->statement, sizeof out->statement, wg_buf_str(&text));
    (void)wg_copy(out->chain, sizeof out->chain, who->chain);
    wg_buf_clear(&text);
    return ok;
}

static bool publish(struct cli *cli, struct release_row *row, const struct operator_identity *who,
                    struct wg_signing_key *key, bool *added, struct wg_error *err)
{
    struct artifact artifact;
    struct release_signature *signature = calloc(1, sizeof *signature);
    if (!signature) return wg_fail_memory(err, "adding a release");
    bool ok =
        artifact_add(cli->settings->artifacts_folder, cli->args->positionals[0], &artifact, err);
    if (ok) {
        (void)wg_copy(row->sha256, sizeof row->sha256, artifact.sha256);
        row->length = artifact.length;
        ok = release_take_header(cli, row, err) && sign(row, who, key, signature, err) &&
             release_row_add(cli->db, row, signature, added, err);
    }
    free(signature);
    return ok;
}

static bool store(struct cli *cli, struct release_row *row, bool *added, struct wg_error *err)
{
    struct wg_signing_key *key = NULL;
    struct operator_identity *who = calloc(1, sizeof *who);
    bool ok = who ? operator_load(cli, who, &key, err) : wg_fail_memory(err, "adding a release");
    if (ok) {
        (void)wg_copy(row->added_by, sizeof row->added_by, who->name);
        row->added_at = wg_now();
        ok = publish(cli, row, who, key, added, err);
    }
    free(who);
    return ok;
}

bool release_add_run(struct cli *cli, struct wg_error *err)
{
    struct release_row row = {.length = 0};
    bool added = false;
    if (args_has(cli->args, "repository")) return repository_add_run(cli, err);
    if (!read_row(cli->args, &row, err) || !store(cli, &row, &added, err)) return false;
    if (cli->screen.json) return screen_json(release_json(&row), err);
    screen_text(&cli->screen, "%s/%s %s: %lld bytes, sha256 %s\n", row.component, row.version,
                added ? "is published" : "was published already", (long long)row.length,
                row.sha256);
    return screen_flush(&cli->screen, err);
}

static void show_list(struct screen *screen, const struct release_row *rows, size_t count)
{
    static const char *const heads[] = {"RELEASE", "HARDWARE", "BYTES", "SHA256", "BY"};
    struct screen_table table;
    screen_table_init(&table, 5);
    for (size_t i = 0; i < 5; i++) screen_table_cell(&table, "%s", heads[i]);
    for (size_t i = 0; i < count; i++) {
        screen_table_cell(&table, "%s/%s", rows[i].component, rows[i].version);
        screen_table_cell(&table, "%s", rows[i].hardware_model[0] ? rows[i].hardware_model : "any");
        screen_table_cell(&table, "%lld", (long long)rows[i].length);
        screen_table_cell(&table, "%.16s", rows[i].sha256);
        screen_table_cell(&table, "%s", rows[i].added_by);
    }
    screen_table_write(screen, &table);
}

bool release_list_run(struct cli *cli, struct wg_error *err)
{
    struct release_row *rows = NULL;
    size_t count = 0;
    if (args_has(cli->args, "repository")) return repository_list_run(cli, err);
    if (!release_row_list(cli->db, &rows, &count, err)) return false;
    bool ok = true;
    if (cli->screen.json) {
        json_t *out = json_array();
        for (size_t i = 0; i < count; i++) (void)json_array_append_new(out, release_json(&rows[i]));
        ok = screen_json(out, err);
    } else {
        show_list(&cli->screen, rows, count);
    }
    free(rows);
    return ok && screen_flush(&cli->screen, err);
}
