/* boundary_command.c: `boundary import FILE`, `boundary list`, `boundary derive`. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/file_sending.h"
#include "orchestrator/cli/list.h"

static long long number_of(const json_t *answer, const char *key)
{
    return (long long)json_integer_value(json_object_get(answer, key));
}

bool boundary_import_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    struct screen *screen = &cli->screen;
    remote_path(&path, "/boundaries/import");
    json_t *answer = file_send(cli, &path, "application/geo+json", cli->args->positionals[0], err);
    if (!answer) return false;
    if (screen->json) return screen_json(answer, err);
    screen_text(screen, "%lld boundaries, %lld devices changed\n", number_of(answer, "boundaries"),
                number_of(answer, "devices_changed"));
    if (number_of(answer, "left_out") > 0)
        screen_text(screen, "%lld features left out: they name no region and no zone\n",
                    number_of(answer, "left_out"));
    json_decref(answer);
    return screen_flush(screen, err);
}

bool boundary_derive_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/boundaries/derive");
    json_t *answer = remote_send(cli->remote, "POST", &path, json_null(), err);
    if (!answer) return false;
    if (cli->screen.json) return screen_json(answer, err);
    screen_text(&cli->screen, "%lld devices changed\n", number_of(answer, "devices_changed"));
    json_decref(answer);
    return screen_flush(&cli->screen, err);
}

static void add_name(const json_t *row, struct wg_buf *out)
{
    wg_buf_printf(out, "%s/%s", list_text(row, "kind"), list_text(row, "name"));
}

static const struct list_column columns[] = {{"kind", .key = "kind"},
                                             {"name", .key = "name"},
                                             {"km2", .key = "area_km2", .kind = LIST_NUMBER},
                                             {"devices", .key = "devices", .kind = LIST_NUMBER},
                                             {NULL}};
const struct list boundary_list = {"boundary", "list", columns, .name = add_name,
                                   .empty = "There is no area yet: wavegate boundary import FILE"};

bool boundary_list_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/boundaries");
    return list_show(&cli->screen, &boundary_list, remote_list(cli->remote, &path, 0, NULL, err),
                     err);
}
