/* audit_verify.c: `audit export` and `audit verify`: the whole log into a file, and whether its
 * rows hang together, in the database or in such a file. */
#include "orchestrator/cli/command.h"
#include "orchestrator/store/audit_chain.h"
#include "orchestrator/store/audit_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct verifying {
    struct audit_chain chain;
    struct audit_head head; /* that was noted */
    bool has_head;
    enum audit_break found;
    struct wg_error why; /* of what was found */
};

/* ---- export: a row a line, and a last line {"head": HASH, "rows": COUNT} ---- */

struct exporting {
    FILE *file;
    struct audit_chain chain; /* of what the rows say themselves: a broken log is exported too */
};

/* Not the canonical form, which keeps line ends in strings as they are. */
static bool write_line(FILE *file, const json_t *value, struct wg_error *err)
{
    char *line = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
    bool ok = line ? fprintf(file, "%s\n", line) > 0 || wg_fail_errno(err, "writing")
                   : wg_fail_memory(err, "exporting");
    free(line);
    return ok;
}

static bool export_row(void *ctx, const json_t *row, struct wg_error *err)
{
    struct exporting *to = ctx;
    const char *hash = json_string_value(json_object_get(row, "hash"));
    to->chain.rows++;
    (void)wg_copy(to->chain.head, sizeof to->chain.head, hash ? hash : "");
    return write_line(to->file, row, err);
}

static bool write_head(struct exporting *to, struct wg_error *err)
{
    json_t *head =
        json_pack("{s:s,s:I}", "head", to->chain.head, "rows", (json_int_t)to->chain.rows);
    bool ok = head ? write_line(to->file, head, err) : wg_fail_memory(err, "exporting");
    json_decref(head);
    return ok;
}

bool audit_export_run(struct cli *cli, struct wg_error *err)
{
    const char *path = cli->args->positionals[0];
    char head[AUDIT_HEAD_TEXT];
    struct exporting to = {.file = fopen(path, "wxe")};
    if (!to.file) return wg_fail_errno(err, "%s", path);
    audit_chain_init(&to.chain);
    bool ok = audit_row_settle(cli->db, err) && audit_row_each(cli->db, export_row, &to, err) &&
              write_head(&to, err);
    if (fclose(to.file) != 0 && ok) ok = wg_fail_errno(err, "writing");
    if (!ok) return wg_context(err, "%s", path);
    audit_chain_text(&to.chain, head);
    if (cli->screen.json)
        return screen_json(json_pack("{s:I,s:s}", "rows", (json_int_t)to.chain.rows, "head", head),
                           err);
    screen_text(&cli->screen, "%lld rows, head %s\n", (long long)to.chain.rows, head);
    return screen_flush(&cli->screen, err);
}

/* ---- verify ---- */

static bool verify_row(void *ctx, const json_t *row, struct wg_error *err)
{
    struct verifying *with = ctx;
    if (!audit_chain_add(&with->chain, row, &with->found, err)) return false;
    if (with->has_head) audit_head_look(&with->head, &with->chain);
    return true;
}

/* In a file the row that is missing may stand farther behind. */
static bool later_row(struct verifying *with, const json_t *row, bool *done, struct wg_error *err)
{
    const json_t *number = json_object_get(row, "number");
    if (!json_is_integer(number) || json_integer_value(number) != with->chain.rows + 1) return true;
    *done = true;
    return wg_fail(err, WG_E_VERIFY, "row %lld is out of order: it stands behind later ones",
                   (long long)with->chain.rows + 1);
}

/* The last line says what the file says of itself; *done: nothing may follow. */
static bool check_end(struct verifying *with, const json_t *line, bool *done, struct wg_error *err)
{
    const char *head = json_string_value(json_object_get(line, "head"));
    long long rows = (long long)json_integer_value(json_object_get(line, "rows"));
    *done = true;
    if (rows > with->chain.rows)
        return wg_fail(err, WG_E_VERIFY, "row %lld is missing: the file says that it has %lld rows",
                       (long long)with->chain.rows + 1, rows);
    return (head && strcmp(head, with->chain.head) == 0 && rows == with->chain.rows) ||
           wg_fail(err, WG_E_VERIFY, "the head of the file is not that of its last row, %lld",
                   (long long)with->chain.rows);
}

static bool verify_json(struct verifying *with, const json_t *line, bool *done,
                        struct wg_error *err)
{
    if (with->found == AUDIT_MISSING) return later_row(with, line, done, err);
    if (json_object_get(line, "head")) return check_end(with, line, done, err);
    if (verify_row(with, line, &with->why)) return true;
    if (with->found == AUDIT_MISSING) return true; /* read on: is it behind? */
    *err = with->why;
    return false;
}

static bool verify_line(struct verifying *with, const char *line, size_t len, bool *done,
                        struct wg_error *err)
{
    if (*done)
        return wg_fail(err, WG_E_VERIFY, "something stands behind the head: \"%.40s\"", line);
    json_t *value = wg_json_parse(line, len, AUDIT_ROW_MAX, err);
    if (!value) {
        err->code = WG_E_VERIFY;
        return wg_context(err, "row %lld cannot be read", (long long)with->chain.rows + 1);
    }
    bool ok = verify_json(with, value, done, err);
    json_decref(value);
    return ok;
}

static bool verify_lines(struct verifying *with, FILE *file, struct wg_error *err)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    bool ok = true, done = false;
    while (ok && (len = getline(&line, &size, file)) >= 0)
        ok = verify_line(with, line, (size_t)len, &done, err);
    if (ok && ferror(file)) ok = wg_fail_errno(err, "reading");
    free(line);
    if (ok && with->found == AUDIT_MISSING) {
        *err = with->why;
        return false;
    }
    return ok && (done ||
                  wg_fail(err, WG_E_VERIFY, "row %lld or the head is missing: the file is cut off",
                          (long long)with->chain.rows + 1));
}

static bool verify_file(struct verifying *with, const char *path, struct wg_error *err)
{
    FILE *file = fopen(path, "re");
    if (!file) return wg_fail_errno(err, "%s", path);
    bool ok = verify_lines(with, file, err);
    (void)fclose(file);
    return ok || wg_context(err, "%s", path);
}

static bool verify_log(struct verifying *with, struct db *db, struct wg_error *err)
{
    return audit_row_settle(db, err) && audit_row_each(db, verify_row, with, err);
}

static bool verify_ends(const struct verifying *with, struct wg_error *err)
{
    if (with->chain.rows == 0)
        return wg_fail(err, WG_E_VERIFY, "row 1 is missing: every log has one");
    return !with->has_head || audit_head_check(&with->head, &with->chain, err);
}

static bool show(struct cli *cli, const struct verifying *with, struct wg_error *err)
{
    char head[AUDIT_HEAD_TEXT];
    audit_chain_text(&with->chain, head);
    if (cli->screen.json)
        return screen_json(json_pack("{s:I,s:s,s:b}", "rows", (json_int_t)with->chain.rows, "head",
                                     head, "noted", (int)with->has_head),
                           err);
    screen_text(&cli->screen, "%lld rows hold, head %s\n", (long long)with->chain.rows, head);
    if (!with->has_head)
        screen_text(&cli->screen,
                    "Note the head elsewhere: with --head it shows a log that was cut or made "
                    "anew.\n");
    return screen_flush(&cli->screen, err);
}

bool audit_verify_run(struct cli *cli, struct wg_error *err)
{
    const char *path = cli->args->positional_count > 0 ? cli->args->positionals[0] : NULL;
    const char *noted = args_value(cli->args, "head");
    struct verifying *with = calloc(1, sizeof *with);
    if (!with) return wg_fail_memory(err, "verifying");
    audit_chain_init(&with->chain);
    with->has_head = noted != NULL;
    bool ok = (!noted || audit_head_parse(noted, &with->head, err)) &&
              (path ? verify_file(with, path, err) : verify_log(with, cli->db, err)) &&
              verify_ends(with, err) && show(cli, with, err);
    free(with);
    return ok;
}
