/* log_shelf.c: few places, fewer for one device. */
#include "orchestrator/link/log_shelf.h"

#include "common/log.h"
#include "common/redact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLEAN_MAX ((size_t)1 << 20)

struct log_shelf {
    size_t count;
    int64_t dropped; /* since it was put away last */
    wg_time due, put_at;
    struct device_log_item items[LOG_SHELF_MAX];
};

struct log_shelf *log_shelf_new(struct wg_error *err)
{
    struct log_shelf *shelf = calloc(1, sizeof *shelf);
    if (!shelf) (void)wg_fail_memory(err, "making room for logs");
    return shelf;
}

void log_shelf_free(struct log_shelf *shelf)
{
    free(shelf);
}

static bool has_place(const struct log_shelf *shelf, const char *device)
{
    size_t own = 0;
    for (size_t i = 0; i < shelf->count; i++) own += strcmp(shelf->items[i].device, device) == 0;
    return shelf->count < LOG_SHELF_MAX && own < LOG_SHELF_OF_DEVICE;
}

/* A second time: an agent of another make may not have looked. */
static bool clean(struct wg_log_message *message, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, CLEAN_MAX);
    bool ok = wg_redact(message->text, strlen(message->text), false, &text, err) &&
              (wg_log_message_fill(message, wg_buf_str(&text), text.len, WG_LOG_TEXT_MAX) ||
               wg_fail(err, WG_E_BAD_INPUT, "log: text: empty"));
    wg_buf_clear(&text);
    return ok;
}

void log_shelf_take(struct log_shelf *shelf, const char *device, const char *bytes, size_t len,
                    wg_time now)
{
    struct wg_error err = {0};
    if (!has_place(shelf, device)) {
        shelf->dropped++;
        return;
    }
    struct device_log_item *item = &shelf->items[shelf->count++];
    (void)wg_copy(item->device, sizeof item->device, device);
    item->received = now;
    item->length = len;
    item->refused[0] = '\0';
    if (!wg_log_message_decode(bytes, len, &item->message, &err) || !clean(&item->message, &err))
        (void)wg_copy(item->refused, sizeof item->refused, err.text);
    if (shelf->due == 0)
        shelf->due = shelf->put_at + LOG_SHELF_EVERY > now ? shelf->put_at + LOG_SHELF_EVERY : now;
}

wg_time log_shelf_due(const struct log_shelf *shelf)
{
    return shelf->due;
}

static void tell(const struct log_shelf *shelf, const struct device_log_result *result)
{
    char dropped[24], refused[24];
    if (shelf->dropped == 0 && result->refused == 0) return;
    (void)snprintf(dropped, sizeof dropped, "%lld", (long long)shelf->dropped);
    (void)snprintf(refused, sizeof refused, "%lld", (long long)result->refused);
    wg_log(WG_LOG_WARN, "logs of devices not kept", "no_place", dropped, "refused", refused, NULL);
}

bool log_shelf_put(struct log_shelf *shelf, struct db *db, wg_time now, struct wg_error *err)
{
    struct device_log_result result;
    bool ok = device_log_put(db, shelf->items, shelf->count, &result, err);
    if (ok) tell(shelf, &result);
    shelf->count = 0;
    shelf->dropped = 0;
    shelf->due = 0;
    shelf->put_at = now;
    return ok;
}
