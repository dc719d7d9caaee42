/* kek_command.c: `kek make`, `kek list`, `kek rewrap`: key-encryption keys, and what is under them.
 */
#include "orchestrator/cli/kek_command.h"

#include "orchestrator/cli/repository.h"
#include "orchestrator/release/file_key_folder.h"

#include <string.h>

struct sealer *kek_sealer(const struct cli *cli, struct wg_error *err)
{
    const struct settings *settings = cli->settings;
    struct sealer_config config = {
        .folder = settings->artifact_keys,
        .kek_count = settings->artifact_kek_count,
        .keks = {settings->artifact_keks[0], settings->artifact_keks[1]}};
    return repository_secret(cli->args, &config.secret, err) ? sealer_new(&config, err) : NULL;
}

bool kek_make_run(struct cli *cli, struct wg_error *err)
{
    const char *where = cli->args->positionals[0];
    struct wg_passphrase_source secret;
    struct kek kek;
    if (!repository_secret(cli->args, &secret, err) || !kek_make(where, &secret, &kek, err))
        return false;
    if (cli->screen.json)
        return screen_json(json_pack("{s:s,s:s}", "where", where, "id", kek.id), err);
    screen_text(
        &cli->screen,
        "%s: key-encryption key %s is made\nin the configuration: artifacts: {kek: \"%s\"}; "
        "in place of another: kek: [\"%s\", OLD], then wavegate kek rewrap\n",
        where, kek.id, where, where);
    return screen_flush(&cli->screen, err);
}

/* How many file keys are under each key of the ring, and under none of them. */
struct count {
    struct kek_ring ring;
    size_t under[SEALER_KEKS_MAX], strange;
};

static bool count_one(void *ctx, const char *artifact, const char *kek, struct wg_error *err)
{
    struct count *count = ctx;
    (void)artifact;
    (void)err;
    for (size_t i = 0; i < count->ring.count; i++)
        if (strcmp(count->ring.keks[i].id, kek) == 0) {
            count->under[i]++;
            return true;
        }
    count->strange++;
    return true;
}

static bool show_json(const struct count *count, const struct settings *settings,
                      struct wg_error *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count->ring.count; i++)
        (void)json_array_append_new(
            list, json_pack("{s:s,s:s,s:I}", "where", settings->artifact_keks[i], "id",
                            count->ring.keks[i].id, "file_keys", (json_int_t)count->under[i]));
    return screen_json(
        json_pack("{s:o,s:I}", "keks", list, "under_others", (json_int_t)count->strange), err);
}

static bool show(struct cli *cli, const struct count *count, struct wg_error *err)
{
    const struct settings *settings = cli->settings;
    struct screen_table table;
    if (cli->screen.json) return show_json(count, settings, err);
    screen_table_init(&table, 3);
    screen_table_cell(&table, "ID");
    screen_table_cell(&table, "FILE KEYS");
    screen_table_cell(&table, "WHERE");
    for (size_t i = 0; i < count->ring.count; i++) {
        screen_table_cell(&table, "%s", count->ring.keks[i].id);
        screen_table_cell(&table, "%zu", count->under[i]);
        screen_table_cell(&table, "%s", settings->artifact_keks[i]);
    }
    screen_table_write(&cli->screen, &table);
    if (count->strange > 0)
        screen_text(&cli->screen,
                    "%zu file keys are under other keys: add the old one to kek: [NEW, OLD]\n",
                    count->strange);
    return screen_flush(&cli->screen, err);
}

bool kek_list_run(struct cli *cli, struct wg_error *err)
{
    struct sealer *sealer = kek_sealer(cli, err);
    if (!sealer) return false;
    struct count count = {.ring = sealer_ring(sealer)};
    bool ok = file_key_each(cli->settings->artifact_keys, count_one, &count, err) &&
              show(cli, &count, err);
    sealer_free(sealer);
    return ok;
}

bool kek_rewrap_run(struct cli *cli, struct wg_error *err)
{
    size_t changed = 0;
    struct sealer *sealer = kek_sealer(cli, err);
    if (!sealer) return false;
    bool ok = sealer_rewrap(sealer, &changed, err);
    const char *id = sealer_ring(sealer).keks[0].id;
    if (ok && cli->screen.json)
        ok = screen_json(json_pack("{s:s,s:I}", "id", id, "rewrapped", (json_int_t)changed), err);
    else if (ok)
        screen_text(&cli->screen,
                    "%zu file keys rewrapped; all are under %s now: the old key may leave kek:, "
                    "on every wavegated\n",
                    changed, id);
    sealer_free(sealer);
    return ok && screen_flush(&cli->screen, err);
}
