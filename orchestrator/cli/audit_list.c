/* audit_list.c: `audit list`. */
#include "orchestrator/cli/command.h"
#include "orchestrator/store/audit_row.h"

#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

#define LIST_DEFAULT 1000
#define LIST_MAX 100000
#define HASH_SHOWN 12

static bool read_since(const char *text, wg_time *out, struct wg_error *err)
{
    wg_duration ago;
    *out = 0;
    if (!text || wg_time_parse(text, out)) return true;
    if (wg_duration_parse(text, &ago)) {
        *out = wg_now() - ago;
        return true;
    }
    return wg_fail(err, WG_E_USAGE,
                   "--since: expected a time like 2026-12-01T00:00:00Z or a duration like 24h, got "
                   "\"%.40s\"",
                   text);
}

static bool read_limit(const char *text, size_t *out, struct wg_error *err)
{
    char *end = NULL;
    *out = LIST_DEFAULT;
    if (!text) return true;
    long number = strtol(text, &end, 10);
    if (end == text || *end || number < 1 || number > LIST_MAX)
        return wg_fail(err, WG_E_USAGE, "--limit: expected 1 to %d, got \"%.40s\"", LIST_MAX, text);
    *out = (size_t)number;
    return true;
}

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

/* A detail of a row, in few letters. */
static void add_value(struct wg_buf *out, const char *key, const json_t *value)
{
    char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *words = text ? text : json_string_value(value);
    int shown = words && strlen(words) == WG_SHA256_HEX - 1 ? HASH_SHOWN : 400;
    if (words && *words)
        wg_buf_printf(out, "%s%s %.*s", out->len > 0 ? ", " : "", key, shown, words);
    free(text);
}

static void add_detail(struct wg_buf *out, const json_t *row)
{
    const json_t *detail = json_object_get(row, "detail");
    const char *key;
    json_t *value;
    if (json_object_get(detail, "to")) {
        const char *wave = text_of(detail, "wave"), *from = text_of(detail, "from");
        wg_buf_printf(out, "%s%s%s%s%s: %s", wave, *wave ? ": " : "", from, *from ? " -> " : "",
                      text_of(detail, "to"), text_of(detail, "cause"));
        return;
    }
    json_object_foreach((json_t *)(uintptr_t)detail, key, value) add_value(out, key, value);
}

static void show_rows(struct screen *screen, const json_t *rows)
{
    static const char *const heads[] = {"NUMBER", "AT", "ACTOR", "KIND", "SUBJECT", "WHAT"};
    struct screen_table table;
    size_t i;
    json_t *row;
    screen_table_init(&table, 6);
    for (size_t head = 0; head < 6; head++) screen_table_cell(&table, "%s", heads[head]);
    json_array_foreach((json_t *)(uintptr_t)rows, i, row)
    {
        char at[WG_TIME_TEXT];
        struct wg_buf what;
        wg_buf_init(&what, (size_t)64 * 1024);
        add_detail(&what, row);
        wg_time_text(json_integer_value(json_object_get(row, "at")), at);
        screen_table_cell(&table, "%lld",
                          (long long)json_integer_value(json_object_get(row, "number")));
        screen_table_cell(&table, "%s", at);
        screen_table_cell(&table, "%s", text_of(row, "actor"));
        screen_table_cell(&table, "%s", text_of(row, "kind"));
        screen_table_cell(&table, "%s", text_of(row, "subject"));
        screen_table_cell(&table, "%s", wg_buf_str(&what));
        wg_buf_clear(&what);
    }
    screen_table_write(screen, &table);
}

bool audit_list_run(struct cli *cli, struct wg_error *err)
{
    const struct args *args = cli->args;
    struct audit_query query = {.campaign = args_value(args, "campaign"),
                                .actor = args_value(args, "actor")};
    if (!read_since(args_value(args, "since"), &query.since, err) ||
        !read_limit(args_value(args, "limit"), &query.limit, err))
        return false;
    if (!audit_row_settle(cli->db, err)) return false;
    json_t *rows = audit_row_list(cli->db, &query, err);
    if (!rows) return false;
    if (cli->screen.json) return screen_json(rows, err);
    show_rows(&cli->screen, rows);
    json_decref(rows);
    return screen_flush(&cli->screen, err);
}
