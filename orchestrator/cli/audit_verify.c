/* audit_verify.c: `audit verify`: whether the rows hang together, of the server or in a file of
 * `audit export`, which may begin in the middle. */
#include "common/audit_chain.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct verifying {
    struct audit_chain chain;
    struct audit_head head; /* that was noted */
    bool has_head;
    enum audit_break found;
    struct wg_error why; /* of what was found */
    int64_t from;        /* the row before the file's first; 0: it begins with the log */
    bool at_server, is_protected;
    char login[WG_NAME_MAX + 1];
    struct wg_buf line; /* that comes from the server */
    bool ended;
};

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

/* The first line of a file that begins in the middle: the row that it follows on. */
static bool begin_behind(struct verifying *with, const char *follows, struct wg_error *err)
{
    struct audit_head head;
    if (with->chain.rows > 0 || !audit_head_parse(follows, &head, NULL) || head.number == 0)
        return wg_fail(err, WG_E_VERIFY, "what the file follows on is not NUMBER:HASH at its top");
    with->from = with->chain.rows = head.number;
    (void)wg_copy(with->chain.head, sizeof with->chain.head, head.hash);
    if (with->has_head) audit_head_look(&with->head, &with->chain);
    return true;
}

static bool verify_json(struct verifying *with, const json_t *line, bool *done,
                        struct wg_error *err)
{
    const json_t *follows = json_object_get(line, "follows");
    if (follows && with->found != AUDIT_MISSING)
        return begin_behind(with, json_is_string(follows) ? json_string_value(follows) : "", err);
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

/* ---- of the server ---- */

static bool ask_protection(struct verifying *with, struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/audit/head");
    json_t *head = remote_get(cli->remote, &path, err);
    with->at_server = true;
    with->is_protected = document_is(head, "protected");
    (void)wg_copy(with->login, sizeof with->login, document_text(head, "login"));
    json_decref(head);
    return head != NULL;
}

static bool take_row(struct verifying *with, struct wg_error *err)
{
    const char *text = wg_buf_str(&with->line);
    json_t *row = wg_buf_check(&with->line, err, "a row")
                      ? wg_json_parse(text, with->line.len, AUDIT_ROW_MAX, err)
                      : NULL;
    if (!row) {
        err->code = WG_E_VERIFY;
        return wg_context(err, "row %lld cannot be read", (long long)with->chain.rows + 1);
    }
    bool ok = json_object_get(row, "head") && !json_object_get(row, "number")
                  ? check_end(with, row, &with->ended, err)
                  : verify_row(with, row, err);
    json_decref(row);
    return ok;
}

static bool take_bytes(void *ctx, const void *bytes, size_t len, struct wg_error *err)
{
    struct verifying *with = ctx;
    const char *text = bytes;
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t part = end ? (size_t)(end - text) : len;
        wg_buf_add(&with->line, text, part);
        if (end) {
            if (!take_row(with, err)) return false;
            wg_buf_clear(&with->line);
            wg_buf_init(&with->line, AUDIT_ROW_MAX);
            part++;
        }
        text += part;
        len -= part;
    }
    return true;
}

static bool verify_log(struct verifying *with, struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/audit/export");
    wg_buf_init(&with->line, AUDIT_ROW_MAX);
    bool ok = ask_protection(with, cli, err) &&
              remote_download(cli->remote, &path, "application/x-ndjson", take_bytes, with, err);
    wg_buf_clear(&with->line);
    return ok && (with->ended || with->chain.rows == 0 ||
                  wg_fail(err, WG_E_VERIFY, "row %lld or the head is missing: the log is cut off",
                          (long long)with->chain.rows + 1));
}

static bool verify_ends(const struct verifying *with, struct wg_error *err)
{
    const struct audit_head *head = &with->head;
    if (with->chain.rows == with->from)
        return wg_fail(err, WG_E_VERIFY, "row %lld is missing: every log has one",
                       (long long)with->from + 1);
    if (with->has_head && !head->met && head->number > 0 && head->number < with->from)
        return wg_fail(err, WG_E_VERIFY,
                       "row %lld, whose head was noted, is not in the file: it begins with row "
                       "%lld",
                       (long long)head->number, (long long)with->from + 1);
    return !with->has_head || audit_head_check(head, &with->chain, err);
}

static json_t *result_json(const struct verifying *with, const char *head)
{
    json_t *out = json_pack("{s:I,s:s,s:b}", "rows", (json_int_t)with->chain.rows, "head", head,
                            "noted", (int)with->has_head);
    if (with->from > 0)
        (void)json_object_set_new(out, "first", json_integer((json_int_t)with->from + 1));
    if (with->at_server)
        (void)json_object_set_new(out, "protected", json_boolean(with->is_protected));
    return out;
}

static bool show(struct cli *cli, const struct verifying *with, struct wg_error *err)
{
    char head[AUDIT_HEAD_TEXT];
    struct screen *screen = &cli->screen;
    audit_chain_text(&with->chain, head);
    if (screen->json) return screen_json(result_json(with, head), err);
    if (with->from > 0)
        screen_text(screen, "rows %lld to %lld hold, head %s\n", (long long)with->from + 1,
                    (long long)with->chain.rows, head);
    else
        screen_text(screen, "%lld rows hold, head %s\n", (long long)with->chain.rows, head);
    if (!with->has_head)
        screen_text(screen, "Note the head elsewhere: with --head it shows a log that was cut or "
                            "made anew.\n");
    if (with->at_server && !with->is_protected)
        screen_text(screen,
                    "The log is not protected: the database's login %s could change it; see "
                    "deploy/postgres/roles.sql.\n",
                    with->login);
    return screen_flush(screen, err);
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
              (path ? verify_file(with, path, err) : verify_log(with, cli, err)) &&
              verify_ends(with, err) && show(cli, with, err);
    free(with);
    return ok;
}
