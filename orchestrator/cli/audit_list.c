/* audit_list.c: `audit list`. */
#include "orchestrator/cli/audit_args.h"
#include "orchestrator/cli/list.h"

#include "common/crypto.h"

#include <stdlib.h>
#include <string.h>

#define LIST_DEFAULT 1000
#define LIST_MAX 100000
#define HASH_SHOWN 12

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

/* A detail of a row, in few letters. */
static void add_value(struct wg_buf *out, size_t before, const char *key, const json_t *value)
{
    char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *words = text ? text : json_string_value(value);
    int shown = words && strlen(words) == WG_SHA256_HEX - 1 ? HASH_SHOWN : 400;
    if (words && *words)
        wg_buf_printf(out, "%s%s %.*s", out->len > before ? ", " : "", key, shown, words);
    free(text);
}

static void add_detail(const json_t *row, struct wg_buf *out)
{
    const json_t *detail = json_object_get(row, "detail");
    const char *key;
    json_t *value;
    size_t before = out->len;
    if (json_object_get(detail, "to")) {
        const char *wave = text_of(detail, "wave"), *from = text_of(detail, "from");
        wg_buf_printf(out, "%s%s%s%s%s: %s", wave, *wave ? ": " : "", from, *from ? " -> " : "",
                      text_of(detail, "to"), text_of(detail, "cause"));
        return;
    }
    json_object_foreach((json_t *)(uintptr_t)detail, key, value) add_value(out, before, key, value);
}

/* "; before: a 1, b 2"; "" for none. */
static void add_members(struct wg_buf *out, size_t start, const json_t *row, const char *key)
{
    const json_t *members = json_object_get(row, key);
    const char *name;
    json_t *value;
    if (json_object_size(members) == 0) return;
    wg_buf_printf(out, "%s%s: ", out->len > start ? "; " : "", key);
    size_t before = out->len;
    json_object_foreach((json_t *)(uintptr_t)members, name, value)
        add_value(out, before, name, value);
}

/* What the detail does not say already. */
static void add_what(const json_t *row, struct wg_buf *out)
{
    const char *why = text_of(row, "why");
    size_t start = out->len;
    add_detail(row, out);
    if (json_object_get(json_object_get(row, "detail"), "to")) return;
    add_members(out, start, row, "before");
    add_members(out, start, row, "after");
    if (*why && !strstr(wg_buf_str(out) + start, why))
        wg_buf_printf(out, "%s%s", out->len > start ? "; " : "", why);
}

static const struct list_column columns[] = {{"number", .key = "number", .kind = LIST_NUMBER},
                                             {"at", .key = "at", .kind = LIST_TIME},
                                             {"actor", .key = "actor"},
                                             {"from", .key = "origin"},
                                             {"kind", .key = "kind"},
                                             {"subject", .key = "subject"},
                                             {"what", .write = add_what},
                                             {NULL}};
const struct list audit_list = {"audit", "list", columns,
                                .empty = "The log holds nothing like that."};

static bool read_query(const struct args *args, struct remote_path *path, int64_t *limit,
                       struct wg_error *err)
{
    static const char *const same[] = {"campaign", "device", "subject", "actor", "kind", NULL};
    int of = args_has(args, "campaign") + args_has(args, "device") + args_has(args, "subject");
    *limit = LIST_DEFAULT;
    remote_path(path, "/audit");
    if (of > 1)
        return wg_fail(err, WG_E_USAGE, "--campaign, --device and --subject: expected one of them");
    for (const char *const *name = same; *name; name++)
        remote_query(path, *name, args_value(args, *name));
    remote_query(path, "q", args_value(args, "text"));
    return audit_args_query(args, "since", path, err) &&
           audit_args_query(args, "until", path, err) &&
           audit_args_number(args, "limit", LIST_MAX, limit, err);
}

/* Rows as they are hashed: their time is a number. */
static void set_time(json_t *row)
{
    wg_time at;
    if (wg_time_parse(list_text(row, "at"), &at))
        (void)json_object_set_new(row, "at", json_integer(at));
}

/* The newest stands where one looks. */
static json_t *oldest_first(const json_t *rows)
{
    json_t *out = json_array();
    for (size_t i = json_array_size(rows); i > 0; i--) {
        json_t *row = json_array_get(rows, i - 1);
        set_time(row);
        (void)json_array_append(out, row);
    }
    return out;
}

bool audit_list_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    int64_t limit, before = 0;
    bool more = false;
    if (!read_query(cli->args, &path, &limit, err) ||
        !audit_args_number(cli->args, "before", INT64_MAX - 1, &before, err))
        return false;
    json_t *found = remote_list_after(cli->remote, &path, args_value(cli->args, "before"),
                                      (size_t)limit, &more, err);
    if (!found) return false;
    json_t *rows = oldest_first(found);
    json_decref(found);
    const json_t *first = json_object_get(json_array_get(rows, 0), "number");
    long long next = (long long)json_integer_value(first);
    if (cli->screen.json || !more || next <= 1)
        return list_show(&cli->screen, &audit_list, rows, err);
    list_add(&cli->screen, &audit_list, rows);
    json_decref(rows);
    list_note(&cli->screen, "Further back: --before %lld", next);
    return screen_flush(&cli->screen, err);
}
