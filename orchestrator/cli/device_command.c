/* device_command.c: `device list`, `device show`, `device tag`. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/device_more.h"
#include "orchestrator/cli/device_timeline.h"
#include "orchestrator/cli/device_view.h"
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/limit.h"
#include "orchestrator/cli/list.h"

#include <string.h>

#define LIST_DEFAULT 1000
#define LIST_MAX 100000

static void add_hardware(const json_t *row, struct wg_buf *out)
{
    wg_buf_printf(out, "%s %s", list_text(row, "hardware.model"),
                  list_text(row, "hardware.revision"));
}

static void add_software(const json_t *row, struct wg_buf *out)
{
    const char *component, *before = "";
    json_t *version;
    json_object_foreach((json_t *)(uintptr_t)list_value(row, "software"), component, version)
    {
        wg_buf_printf(out, "%s%s %s", before, component, json_string_value(version));
        before = ", ";
    }
}

static void add_presence(const json_t *row, struct wg_buf *out)
{
    wg_buf_text(out, json_is_true(list_value(row, "online")) ? "online" : "offline");
}

static const struct list_column columns[] = {{"device", .key = "id"},
                                             {"hardware", .write = add_hardware},
                                             {"region", .key = "region"},
                                             {"software", .write = add_software},
                                             {"presence", .write = add_presence},
                                             {"tags", .key = "tags"},
                                             {NULL}};
const struct list device_list = {"device", "list", columns, .empty = "There is no such device."};

static bool list_path(const struct args *args, struct remote_path *path, struct wg_error *err)
{
    const char *tag = args_value(args, "tag");
    if (args_has(args, "online") && args_has(args, "offline"))
        return wg_fail(err, WG_E_USAGE, "--online and --offline: expected one of them");
    if (tag && !wg_name_is_valid(tag))
        return wg_fail(err, WG_E_USAGE, "--tag: \"%.80s\" is no tag", tag);
    remote_path(path, "/devices");
    remote_query(path, "tag", tag);
    if (args_has(args, "online")) remote_query(path, "online", "true");
    if (args_has(args, "offline")) remote_query(path, "online", "false");
    if (args_has(args, "alarm")) remote_query(path, "alarm", "any");
    return true;
}

bool device_list_run(struct cli *cli, struct wg_error *err)
{
    size_t limit;
    bool more = false;
    struct remote_path path;
    struct screen *screen = &cli->screen;
    if (!list_path(cli->args, &path, err) || !limit_read(cli->args, "limit", LIST_MAX, &limit, err))
        return false;
    json_t *rows = remote_list_after(cli->remote, &path, args_value(cli->args, "after"),
                                     limit ? limit : LIST_DEFAULT, &more, err);
    if (!rows) return false;
    if (screen->json) return screen_json(rows, err);
    list_add(screen, &device_list, rows);
    if (more)
        list_note(screen, "There may be more: --after %s",
                  list_text(json_array_get(rows, json_array_size(rows) - 1), "id"));
    json_decref(rows);
    return screen_flush(screen, err);
}

bool device_show_run(struct cli *cli, struct wg_error *err)
{
    const char *id;
    struct remote_path path;
    struct screen *screen = &cli->screen;
    if (!command_name_argument(cli, 0, "device id", &id, err)) return false;
    remote_path(&path, "/devices/{}", id);
    json_t *document = remote_get(cli->remote, &path, err);
    if (!document) return false;
    if (screen->json) return screen_json(document, err);
    device_show(screen, document);
    device_more_show(screen, document);
    device_timeline_show(screen, document_at(document, "reports"));
    device_logs_show(screen, document);
    json_decref(document);
    return screen_flush(screen, err);
}

/* ---- tag ---- */

/* The last word about a tag counts. */
static bool add_change(json_t *request, const char *change, struct wg_error *err)
{
    bool on = change[0] == '+';
    if ((!on && change[0] != '-') || !wg_name_is_valid(change + 1))
        return wg_fail(err, WG_E_USAGE, "\"%.80s\": expected +TAG to give or -TAG to take a tag",
                       change);
    json_t *other = json_object_get(request, on ? "remove" : "add");
    for (size_t i = json_array_size(other); i-- > 0;)
        if (strcmp(json_string_value(json_array_get(other, i)), change + 1) == 0)
            (void)json_array_remove(other, i);
    return json_array_append_new(json_object_get(request, on ? "add" : "remove"),
                                 json_string(change + 1)) == 0 ||
           wg_fail_memory(err, "tagging");
}

static bool show_tags(struct cli *cli, const char *id, json_t *document, struct wg_error *err)
{
    struct screen *screen = &cli->screen;
    struct wg_buf words;
    if (screen->json) return screen_json(document, err);
    wg_buf_init(&words, 65536);
    list_join(document_at(document, "tags"), &words);
    screen_text(screen, "%s has the tags: %s\n", id, words.len ? wg_buf_str(&words) : "none");
    wg_buf_clear(&words);
    if (document_is(document, "registered"))
        screen_coloured(screen, SCREEN_BAD,
                        "%s was not known: it is registered now. If that was a slip, the device "
                        "that was meant is as it was.\n",
                        id);
    json_decref(document);
    return screen_flush(screen, err);
}

bool device_tag_run(struct cli *cli, struct wg_error *err)
{
    const char *id;
    struct remote_path path;
    if (!command_name_argument(cli, 0, "device id", &id, err)) return false;
    json_t *request = json_pack("{s:[],s:[]}", "add", "remove");
    bool ok = request || wg_fail_memory(err, "tagging");
    for (size_t i = 1; ok && i < cli->args->positional_count; i++)
        ok = add_change(request, cli->args->positionals[i], err);
    if (!ok) {
        json_decref(request);
        return false;
    }
    remote_path(&path, "/devices/{}/tags", id);
    json_t *document = remote_send(cli->remote, "POST", &path, request, err);
    return document && show_tags(cli, id, document, err);
}
