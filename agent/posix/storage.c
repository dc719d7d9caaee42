/* storage.c: saves, waits, and tries again. */
#include "agent/posix/storage.h"

#include "agent/posix/memory_file.h"
#include "common/log.h"
#include "common/posix/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define WAIT_FIRST (2 * WG_SECOND)
#define WAIT_MOST (30 * WG_SECOND)
#define RESERVE_EVERY WG_MINUTE

/* Blocks of its own, whole and not promised: else another would have them when they are needed. */
static void make_reserve(struct storage *storage, wg_time now)
{
    int fd = open(storage->reserve, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    storage->reserve_from = now + RESERVE_EVERY;
    if (fd < 0) return;
    bool made = posix_fallocate(fd, 0, STORAGE_RESERVE) == 0;
    (void)close(fd);
    if (!made) (void)unlink(storage->reserve);
}

bool storage_open(struct storage *storage, const char *state, struct wg_error *err)
{
    *storage = (struct storage){.retry_at = 0};
    wg_backoff_init(&storage->wait, WAIT_FIRST, WAIT_MOST);
    if (!wg_copy(storage->state, sizeof storage->state, state))
        return wg_fail(err, WG_E_LIMIT, "state folder: the path is too long");
    if (!wg_path_join(storage->reserve, sizeof storage->reserve, state, "reserve", err))
        return false;
    make_reserve(storage, 0);
    return true;
}

static bool has_reserve(const struct storage *storage)
{
    return access(storage->reserve, F_OK) == 0;
}

bool storage_save(struct storage *storage, const struct core *core, wg_time now,
                  struct wg_error *err)
{
    struct wg_buf memory;
    wg_buf_init(&memory, CORE_MEMORY_MAX);
    bool ok = core_dump(core, &memory, err);
    bool dumped = ok;
    ok = ok && memory_file_save(storage->state, wg_buf_str(&memory), memory.len, err);
    bool full = !ok && dumped && wg_room(storage->state) < STORAGE_RESERVE;
    if (full && has_reserve(storage) && unlink(storage->reserve) == 0) {
        wg_log_error("the room held in reserve is used", err);
        storage->reserve_from = now + RESERVE_EVERY;
        ok = memory_file_save(storage->state, wg_buf_str(&memory), memory.len, err);
    } else if (ok && storage->reserve_from <= now && !has_reserve(storage)) {
        make_reserve(storage, now);
    }
    wg_buf_clear(&memory);
    return ok;
}

/* What nobody says a second time. An order comes again by itself, an acknowledgement too, and the
 * clock goes on. */
static bool comes_once(enum core_event_kind kind)
{
    switch (kind) {
    case CORE_EV_ORDER:
    case CORE_EV_VOUCHED:
    case CORE_EV_UNVOUCHED:
    case CORE_EV_ACK:
    case CORE_EV_TICK:
        return false;
    default:
        return true;
    }
}

void storage_failed(struct storage *storage, const struct core_event *event,
                    const struct wg_error *why, wg_time now)
{
    uint32_t random = 0;
    if (storage->since == 0) storage->since = now;
    if (!wg_random(&random, sizeof random, NULL)) random = 0;
    if (storage->retry_at <= now) storage->retry_at = now + wg_backoff_next(&storage->wait, random);
    if (strncmp(storage->said, why->text, sizeof storage->said - 1) != 0) {
        wg_log_error("nothing can be kept: no order is taken until it can", why);
        (void)wg_copy(storage->said, sizeof storage->said, why->text);
    }
    /* a start stands for everything behind it */
    if (!event || !comes_once(event->kind) ||
        (storage->has_late && storage->late.kind == CORE_EV_START))
        return;
    storage->has_late = true;
    storage->late = *event;
    storage->late.text = NULL;
    if (!event->text) return;
    (void)wg_copy(storage->late_text, sizeof storage->late_text, event->text);
    storage->late.text = storage->late_text;
}

bool storage_late(struct storage *storage, struct core_event *late, char text[WG_DETAIL_MAX + 1])
{
    bool has_late = storage->has_late;
    storage->retry_at = 0;
    storage->has_late = false;
    *late = storage->late;
    (void)wg_copy(text, WG_DETAIL_MAX + 1, storage->late_text);
    if (late->text) late->text = text;
    return has_late;
}

void storage_works(struct storage *storage)
{
    wg_log(WG_LOG_INFO, "what is to be kept can be kept again", NULL);
    storage->since = 0;
    storage->said[0] = '\0';
    wg_backoff_reset(&storage->wait);
}

const char *storage_word(const struct storage *storage)
{
    struct statvfs info;
    if (statvfs(storage->state, &info) != 0) return "failing";
    if (info.f_flag & ST_RDONLY) return "read-only";
    return info.f_bavail * info.f_frsize < STORAGE_RESERVE ? "full" : "failing";
}
