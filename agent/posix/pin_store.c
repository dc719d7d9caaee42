/* pin_store.c: lists in files, and the question for the next. */
#include "agent/posix/pin_store.h"

#include "common/log.h"
#include "common/message_csr.h"
#include "common/posix/file.h"
#include "common/posix/kept.h"

#include <string.h>

#define LIST_FILE "pins.json"
/* Who could have answered may come later than the device, after both lost their broker; and a
 * session may stand for months. */
#define ASK_MOST WG_DAY

static bool read_list(void *ctx, const char *bytes, size_t len, struct wg_error *err)
{
    struct pin_store *store = ctx;
    struct wg_pins list;
    /* number 0: whether it is newer than the factory's is not the question of the copies */
    if (!wg_pins_read(bytes, len, &store->key, 1, 0, &list, err)) return false;
    if (list.number > store->list.number) store->list = list;
    return true;
}

static bool load_factory(struct pin_store *store, const char *file, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, WG_PINS_BYTES_MAX);
    bool ok = wg_file_read(file, &text, err) &&
              (read_list(store, wg_buf_str(&text), text.len, err) || wg_context(err, "%s", file));
    wg_buf_clear(&text);
    return ok;
}

/* The newest of both; a device that does not start for one that is damaged is of no use. */
static bool load_newest(struct pin_store *store, const char *factory, struct wg_error *err)
{
    struct wg_error first = {0};
    if (!load_factory(store, factory, &first))
        wg_log_error("the factory's pins are not used", &first);
    if (kept_load(store->file, WG_PINS_BYTES_MAX, read_list, store, err) == KEPT_FAILED)
        return false;
    if (store->list.number == 0 && err) *err = first;
    return store->list.number > 0;
}

bool pin_store_open(struct pin_store *store, const char *state, const char *factory,
                    const char *key_file, wg_duration first, struct wg_error *err)
{
    memset(store, 0, sizeof *store);
    wg_backoff_init(&store->ask, first, ASK_MOST);
    if (!wg_path_join(store->file, sizeof store->file, state, LIST_FILE, err) ||
        !wg_identity_public_load(key_file, &store->key, err) || !load_newest(store, factory, err)) {
        if (err && err->code != WG_E_LIMIT) err->code = WG_E_BAD_FILE;
        return wg_context(err, "pins");
    }
    store->tls = tls_pins_new(err);
    if (!store->tls) return false;
    tls_pins_set(store->tls, &store->list);
    return true;
}

void pin_store_clear(struct pin_store *store)
{
    tls_pins_free(store->tls);
    store->tls = NULL;
}

static void log_taken(const struct wg_pins *list)
{
    char number[24];
    if (wg_format(number, sizeof number, "%lld", (long long)list->number))
        wg_log(WG_LOG_INFO, "a newer list of pins is in force", "number", number, NULL);
}

bool pin_store_take(struct pin_store *store, const char *bytes, size_t len, const char *issuer,
                    struct wg_error *err)
{
    struct wg_pins list;
    if (!store->tls) return wg_fail(err, WG_E_CONFLICT, "this device has no pins");
    if (!wg_pins_read(bytes, len, &store->key, 1, store->list.number, &list, err)) return false;
    if (wg_pins_name(&list, WG_PIN_SERVER) && !wg_pins_have(&list, WG_PIN_SERVER, issuer))
        return wg_fail(err, WG_E_CONFLICT,
                       "pins: list %lld would end this connection, whose server is of %s",
                       (long long)list.number, issuer[0] ? issuer : "an unknown authority");
    if (!kept_save(store->file, bytes, len, err)) return wg_context(err, "pins");
    store->list = list;
    tls_pins_set(store->tls, &list);
    log_taken(&list);
    return true;
}

void pin_store_up(struct pin_store *store, wg_time now)
{
    if (!store->tls) return;
    wg_backoff_reset(&store->ask);
    store->ask_at = now;
}

void pin_store_down(struct pin_store *store)
{
    store->ask_at = 0;
}

bool pin_store_ask(struct pin_store *store, wg_time now, struct wg_buf *out)
{
    const struct wg_csr_message question = {.kind = WG_CSR_PINS, .number = store->list.number};
    uint32_t random = 0;
    if (!store->ask_at || store->ask_at > now) return false;
    if (!wg_random(&random, sizeof random, NULL)) random = 0;
    store->ask_at = now + wg_backoff_next(&store->ask, random);
    return wg_csr_message_encode(&question, out, NULL);
}
