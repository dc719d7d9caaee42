/* order_keys.c: opened once, at the start. */
#include "orchestrator/daemon/order_keys.h"

#include "common/posix/file.h"

static struct director *open_director(const struct settings *settings, struct wg_error *err)
{
    return settings->signer[0] ? director_remote(settings->signer, err)
                               : director_new(settings->director_key, err);
}

static bool open_sealer(struct order_keys *keys, const struct settings *settings,
                        struct wg_error *err)
{
    const struct sealer_config config = {
        .folder = settings->artifact_keys,
        .kek_count = settings->artifact_kek_count,
        .keks = {settings->artifact_keks[0], settings->artifact_keks[1]},
        .secret = {.fd = -1},
        .lasting = true};
    if (!settings->artifact_keys[0]) return true;
    keys->sealer = sealer_new(&config, err);
    return keys->sealer != NULL;
}

static bool open_url_keys(struct order_keys *keys, const struct settings *settings,
                          struct wg_error *err)
{
    const char *file = settings->artifact_url_keys;
    return !file[0] || url_keys_load(file, &keys->url_keys, err);
}

static bool open_buckets(struct order_keys *keys, const struct settings *settings,
                         struct wg_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < settings->artifact_url_count; i++) {
        const struct wg_passphrase_source source = {
            .file = settings->artifact_buckets[i].secret_file, .fd = -1};
        if (!settings->artifact_buckets[i].region[0]) continue;
        ok = wg_passphrase_read(&source, "secret key of a bucket", &keys->bucket_secrets[i], err);
    }
    return ok || wg_context(err, "artifacts.urls");
}

static bool open_enrolment(struct order_keys *keys, const struct settings *settings,
                           struct wg_error *err)
{
    const char *file = settings->enrolment;
    return !file[0] || wg_identity_public_load(file, &keys->enrolment, err);
}

bool order_keys_open(struct order_keys *keys, const struct settings *settings, struct wg_error *err)
{
    return (keys->director = open_director(settings, err)) && open_sealer(keys, settings, err) &&
           open_url_keys(keys, settings, err) && open_buckets(keys, settings, err) &&
           open_enrolment(keys, settings, err);
}

void order_keys_clear(struct order_keys *keys)
{
    director_free(keys->director);
    sealer_free(keys->sealer);
    url_keys_clear(&keys->url_keys);
    for (size_t i = 0; i < WG_URLS_MAX; i++) wg_passphrase_clear(&keys->bucket_secrets[i]);
}
