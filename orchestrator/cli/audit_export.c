/* audit_export.c: `audit export`: the log, or a range of it, into a file as the server sends it;
 * `audit head`. */
#include "common/audit_chain.h"
#include "common/posix/file.h"
#include "orchestrator/cli/audit_args.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (4 * AUDIT_ROW_MAX)
#define HASH_LEN ((size_t)WG_SHA256_HEX - 1)

/* A file on its way, and how far the rows in it go. */
struct exporting {
    FILE *file;
    bool csv, quoted;       /* quoted: within a cell, where a line may end */
    long long lines;        /* whole ones */
    bool follows;           /* the first one tells what comes before */
    struct wg_buf line;     /* the one that comes */
    struct audit_chain end; /* as the last whole one has it */
};

/* "NUMBER,...,HASH\r" */
static void take_csv(struct exporting *to)
{
    const char *text = wg_buf_str(&to->line);
    size_t len = to->line.len;
    if (to->lines == 0 || len < HASH_LEN + 2) return;
    to->end.rows = strtoll(text, NULL, 10);
    (void)wg_copy_n(to->end.head, sizeof to->end.head, text + len - 1 - HASH_LEN, HASH_LEN);
}

/* Of rows nothing is read; the last line tells of them all. */
static bool take_json(struct exporting *to, struct wg_error *err)
{
    const char *text = wg_buf_str(&to->line);
    if (to->lines == 0) to->follows = strncmp(text, "{\"follows\"", 10) == 0;
    if (strncmp(text, "{\"head\"", 7) != 0) return true;
    json_t *head = wg_json_parse(text, to->line.len, TEXT_MAX, err);
    if (!head) return false;
    to->end.rows = document_number(head, "rows");
    (void)wg_copy(to->end.head, sizeof to->end.head, document_text(head, "head"));
    json_decref(head);
    return true;
}

static bool take_line(struct exporting *to, struct wg_error *err)
{
    bool ok = wg_buf_check(&to->line, err, "a row") && (to->csv || take_json(to, err));
    if (ok && to->csv) take_csv(to);
    to->lines++;
    wg_buf_clear(&to->line);
    wg_buf_init(&to->line, TEXT_MAX);
    return ok;
}

static bool take(void *ctx, const void *bytes, size_t len, struct wg_error *err)
{
    struct exporting *to = ctx;
    const char *text = bytes;
    if (fwrite(bytes, 1, len, to->file) != len) return wg_fail_errno(err, "writing");
    for (size_t i = 0; i < len; i++) {
        if (to->csv && text[i] == '"') to->quoted = !to->quoted;
        if (text[i] != '\n' || to->quoted)
            wg_buf_char(&to->line, text[i]);
        else if (!take_line(to, err))
            return false;
    }
    return true;
}

static long long rows_of(const struct exporting *to)
{
    return to->csv ? to->lines - 1 : to->lines - 1 - to->follows;
}

static bool read_range(struct cli *cli, struct exporting *to, struct remote_path *path,
                       struct wg_error *err)
{
    const struct args *args = cli->args;
    const char *format = args_value(args, "format"), *file = args->positionals[0];
    size_t len = strlen(file);
    int64_t number = 0;
    to->csv = format ? !strcmp(format, "csv") : len > 4 && !strcmp(file + len - 4, ".csv");
    if (format && !to->csv && strcmp(format, "ndjson") != 0)
        return wg_fail(err, WG_E_USAGE, "--format: expected csv or ndjson, got \"%.40s\"", format);
    remote_path(path, "/audit/export");
    remote_query(path, "format", to->csv ? "csv" : "ndjson");
    if (!audit_args_query(args, "since", path, err) ||
        !audit_args_query(args, "until", path, err) ||
        !audit_args_number(args, "first", AUDIT_NUMBER_MAX, &number, err) ||
        !audit_args_number(args, "last", AUDIT_NUMBER_MAX, &number, err))
        return false;
    remote_query(path, "first", args_value(args, "first"));
    remote_query(path, "last", args_value(args, "last"));
    return true;
}

static bool write_file(struct cli *cli, struct exporting *to, const struct remote_path *path,
                       struct wg_error *err)
{
    const char *file = cli->args->positionals[0];
    to->file = fopen(file, "wxe");
    if (!to->file) return wg_fail_errno(err, "%s", file);
    wg_buf_init(&to->line, TEXT_MAX);
    bool ok = remote_download(cli->remote, path, to->csv ? "text/csv" : "application/x-ndjson",
                              take, to, err);
    wg_buf_clear(&to->line);
    if (fclose(to->file) != 0 && ok) ok = wg_fail_errno(err, "writing");
    if (ok) return true;
    (void)remove(file);
    return wg_context(err, "%s", file);
}

bool audit_export_run(struct cli *cli, struct wg_error *err)
{
    char head[AUDIT_HEAD_TEXT];
    struct remote_path path;
    struct exporting to = {.file = NULL};
    audit_chain_init(&to.end);
    if (!read_range(cli, &to, &path, err) || !write_file(cli, &to, &path, err)) return false;
    audit_chain_text(&to.end, head);
    if (cli->screen.json)
        return screen_json(json_pack("{s:I,s:s}", "rows", (json_int_t)rows_of(&to), "head", head),
                           err);
    screen_text(&cli->screen, "%lld rows, head %s\n", rows_of(&to), head);
    return screen_flush(&cli->screen, err);
}

bool audit_head_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    char head[AUDIT_HEAD_TEXT];
    remote_path(&path, "/audit/head");
    json_t *answer = remote_get(cli->remote, &path, err);
    if (!answer) return false;
    (void)wg_format(head, sizeof head, "%lld:%s", document_number(answer, "number"),
                    document_text(answer, "hash"));
    json_t *out = json_pack(
        "{s:I,s:s,s:b,s:s}", "rows", (json_int_t)document_number(answer, "number"), "head", head,
        "protected", document_is(answer, "protected"), "login", document_text(answer, "login"));
    json_decref(answer);
    if (cli->screen.json) return screen_json(out, err);
    json_decref(out);
    screen_text(&cli->screen, "%s\n", head);
    return screen_flush(&cli->screen, err);
}
