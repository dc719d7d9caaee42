/* kek.c: what is under which key-encryption key, and under the first from now on. */
#include "orchestrator/daemon/kek.h"

#include "common/json.h"
#include "orchestrator/release/file_key_folder.h"
#include "orchestrator/release/sealer.h"

#include <stdio.h>
#include <string.h>

static struct sealer *open_sealer(const struct kek_asked *asked, struct wg_error *err)
{
    const struct settings *settings = asked->settings;
    const struct sealer_config config = {
        .folder = settings->artifact_keys,
        .kek_count = settings->artifact_kek_count,
        .keks = {settings->artifact_keks[0], settings->artifact_keks[1]},
        .secret = asked->secret};
    return sealer_new(&config, err);
}

/* Takes the value over. */
static bool print_json(json_t *value, struct wg_error *err)
{
    bool ok =
        value && json_dumpf(value, stdout, JSON_INDENT(2) | JSON_SORT_KEYS) == 0 && puts("") >= 0;
    json_decref(value);
    return ok || wg_fail(err, WG_E_IO, "writing");
}

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

static json_t *count_json(const struct kek_asked *asked, const struct count *count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count->ring.count; i++)
        (void)json_array_append_new(
            list, json_pack("{s:s,s:s,s:I}", "where", asked->settings->artifact_keks[i], "id",
                            count->ring.keks[i].id, "file_keys", (json_int_t)count->under[i]));
    return json_pack("{s:o,s:I}", "keks", list, "under_others", (json_int_t)count->strange);
}

static bool show(const struct kek_asked *asked, const struct count *count, struct wg_error *err)
{
    if (asked->json) return print_json(count_json(asked, count), err);
    for (size_t i = 0; i < count->ring.count; i++)
        (void)printf("%s  %zu file keys  %s\n", count->ring.keks[i].id, count->under[i],
                     asked->settings->artifact_keks[i]);
    if (count->strange > 0)
        (void)printf("%zu file keys are under other keys: add the old one to kek: [NEW, OLD]\n",
                     count->strange);
    return fflush(stdout) == 0 || wg_fail_errno(err, "writing");
}

bool kek_list(const struct kek_asked *asked, struct wg_error *err)
{
    struct sealer *sealer = open_sealer(asked, err);
    if (!sealer) return false;
    struct count count = {.ring = sealer_ring(sealer)};
    bool ok = file_key_each(asked->settings->artifact_keys, count_one, &count, err) &&
              show(asked, &count, err);
    sealer_free(sealer);
    return ok;
}

bool kek_rewrap(const struct kek_asked *asked, struct wg_error *err)
{
    size_t changed = 0;
    struct sealer *sealer = open_sealer(asked, err);
    if (!sealer) return false;
    bool ok = sealer_rewrap(sealer, &changed, err);
    const char *id = sealer_ring(sealer).keks[0].id;
    if (ok && asked->json)
        ok = print_json(json_pack("{s:s,s:I}", "id", id, "rewrapped", (json_int_t)changed), err);
    else if (ok)
        ok = printf("%zu file keys rewrapped; all are under %s now: the old key may leave kek:, on "
                    "every wavegated\n",
                    changed, id) > 0 ||
             wg_fail_errno(err, "writing");
    sealer_free(sealer);
    return ok;
}
