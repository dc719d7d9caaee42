/* ledger.c: the table of entries under a lock, and the file behind it. A line of the file is
 *     ID(32 hex) ENDS(ms) SPENT(bytes)
 * and the last one of an id counts, so reading a line twice, or not reading the torn last one of a
 * power cut, does no harm. */
#include "orchestrator/files/ledger.h"

#include "common/buf.h"
#include "common/posix/file.h"
#include "common/text.h"
#include "orchestrator/files/ledger_table.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define ID_DIGITS ((size_t)2 * LEDGER_ID_BYTES)
#define LINE_BYTES_MAX 96
#define FILE_BYTES_MAX ((size_t)1 << 32)
#define LINES_SPARE 4096     /* out-of-date lines that are not worth a rewrite */
#define DROP_EVERY WG_MINUTE /* looking through the whole table for what has ended */

struct ledger {
    pthread_mutex_t mutex; /* over all below but lock_fd */
    struct ledger_table table;
    char file[PATH_MAX];
    int fd, lock_fd;
    size_t lines, skipped;
    bool dirty, torn; /* torn: the last line may not be whole */
    wg_time dropped;  /* the forget of the last drop */
};

static bool write_line(struct ledger *ledger, const struct ledger_entry *entry)
{
    char hex[ID_DIGITS + 1], line[LINE_BYTES_MAX];
    wg_hex(entry->id.bytes, LEDGER_ID_BYTES, hex);
    int len = snprintf(line, sizeof line, "%s%s %" PRId64 " %" PRId64 "\n",
                       ledger->torn ? "\n" : "", hex, entry->ends, entry->spent);
    ledger->torn = write(ledger->fd, line, (size_t)len) != len;
    ledger->lines++;
    ledger->dirty = true;
    return !ledger->torn;
}

static bool read_number(const char **at, char end, int64_t *out)
{
    char *stop = NULL;
    if (**at < '0' || **at > '9') return false;
    *out = strtoll(*at, &stop, 10);
    if (*stop != end || *out == INT64_MAX) return false;
    *at = stop + 1;
    return true;
}

/* False only when it cannot be kept. */
static bool take_line(struct ledger *ledger, const char *line, wg_time forget)
{
    struct ledger_id id;
    char hex[ID_DIGITS + 1];
    const char *at = line + ID_DIGITS + 1;
    wg_time ends = 0;
    int64_t spent = 0;
    ledger->lines++;
    if (strlen(line) <= sizeof hex || line[ID_DIGITS] != ' ' ||
        !wg_copy_n(hex, sizeof hex, line, ID_DIGITS) || !wg_unhex(hex, id.bytes, LEDGER_ID_BYTES) ||
        !read_number(&at, ' ', &ends) || !read_number(&at, '\0', &spent) || ends == 0) {
        ledger->skipped += line[0] != '\0';
        return true;
    }
    if (ends < forget) return true;
    struct ledger_entry *entry = ledger_table_find(&ledger->table, &id);
    if (!entry) entry = ledger_table_add(&ledger->table, &id, ends);
    if (!entry) return false;
    entry->spent = spent;
    return true;
}

static bool read_lines(struct ledger *ledger, FILE *in, wg_time forget, struct wg_error *err)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    bool ok = true;
    while (ok && (len = getline(&line, &cap, in)) > 0) {
        /* a torn line may be a shorter number than was meant: it does not count */
        if (line[len - 1] != '\n') {
            ledger->torn = true;
            break;
        }
        line[len - 1] = '\0';
        ok = take_line(ledger, line, forget) ||
             wg_fail(err, WG_E_LIMIT, "%s: more URLs in use than may be counted", ledger->file);
    }
    if (ok && ferror(in)) ok = wg_fail_errno(err, "%s", ledger->file);
    free(line);
    return ok;
}

static bool open_lock(struct ledger *ledger, struct wg_error *err)
{
    char path[PATH_MAX];
    if (!wg_format(path, sizeof path, "%s.lock", ledger->file))
        return wg_fail(err, WG_E_LIMIT, "%s.lock: the path is too long", ledger->file);
    ledger->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (ledger->lock_fd < 0) return wg_fail_errno(err, "%s", path);
    return flock(ledger->lock_fd, LOCK_EX | LOCK_NB) == 0 ||
           wg_fail(err, WG_E_CONFLICT, "%s: another process counts here", ledger->file);
}

static bool open_file(struct ledger *ledger, wg_time forget, struct wg_error *err)
{
    ledger->fd = open(ledger->file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (ledger->fd < 0) return wg_fail_errno(err, "%s", ledger->file);
    FILE *in = fopen(ledger->file, "re");
    if (!in) return wg_fail_errno(err, "%s", ledger->file);
    bool ok = read_lines(ledger, in, forget, err);
    (void)fclose(in);
    return ok;
}

struct ledger *ledger_open(const char *file, size_t most, wg_time forget, struct wg_error *err)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger || pthread_mutex_init(&ledger->mutex, NULL) != 0) {
        free(ledger);
        (void)wg_fail_memory(err, "counting bytes");
        return NULL;
    }
    ledger->fd = ledger->lock_fd = -1;
    ledger_table_init(&ledger->table, most);
    bool ok = wg_copy(ledger->file, sizeof ledger->file, file) ||
              wg_fail(err, WG_E_LIMIT, "%.100s...: the path is too long", file);
    if (!ok || !open_lock(ledger, err) || !open_file(ledger, forget, err)) {
        ledger_close(ledger);
        return NULL;
    }
    return ledger;
}

void ledger_close(struct ledger *ledger)
{
    if (!ledger) return;
    if (ledger->fd >= 0) {
        (void)fdatasync(ledger->fd);
        (void)close(ledger->fd);
    }
    if (ledger->lock_fd >= 0) (void)close(ledger->lock_fd);
    ledger_table_clear(&ledger->table);
    (void)pthread_mutex_destroy(&ledger->mutex);
    free(ledger);
}

enum ledger_answer ledger_hold(struct ledger *ledger, const struct ledger_id *id, wg_time ends,
                               int64_t allowance, int64_t bytes)
{
    enum ledger_answer answer = LEDGER_OK;
    (void)pthread_mutex_lock(&ledger->mutex);
    struct ledger_entry *entry = ledger_table_find(&ledger->table, id);
    if (!entry) entry = ledger_table_add(&ledger->table, id, ends);
    if (!entry)
        answer = LEDGER_FULL;
    else if (bytes > allowance - entry->held - entry->spent)
        answer = LEDGER_USED_UP;
    else
        entry->held += bytes;
    (void)pthread_mutex_unlock(&ledger->mutex);
    return answer;
}

enum ledger_answer ledger_spend(struct ledger *ledger, const struct ledger_id *id, int64_t bytes)
{
    enum ledger_answer answer = LEDGER_USED_UP;
    (void)pthread_mutex_lock(&ledger->mutex);
    struct ledger_entry *entry = ledger_table_find(&ledger->table, id);
    if (entry && bytes <= entry->held) {
        entry->held -= bytes;
        entry->spent += bytes;
        answer = write_line(ledger, entry) ? LEDGER_OK : LEDGER_BROKEN;
    }
    (void)pthread_mutex_unlock(&ledger->mutex);
    return answer;
}

void ledger_release(struct ledger *ledger, const struct ledger_id *id, int64_t held, int64_t spent)
{
    (void)pthread_mutex_lock(&ledger->mutex);
    struct ledger_entry *entry = ledger_table_find(&ledger->table, id);
    if (entry) {
        entry->held -= held < entry->held ? held : entry->held;
        entry->spent -= spent < entry->spent ? spent : entry->spent;
        if (spent > 0) (void)write_line(ledger, entry);
    }
    (void)pthread_mutex_unlock(&ledger->mutex);
}

int64_t ledger_used(struct ledger *ledger, const struct ledger_id *id)
{
    (void)pthread_mutex_lock(&ledger->mutex);
    const struct ledger_entry *entry = ledger_table_find(&ledger->table, id);
    int64_t used = entry ? entry->held + entry->spent : 0;
    (void)pthread_mutex_unlock(&ledger->mutex);
    return used;
}

void ledger_look(struct ledger *ledger, struct ledger_stats *out)
{
    (void)pthread_mutex_lock(&ledger->mutex);
    *out = (struct ledger_stats){ledger->table.count, ledger->lines, ledger->skipped};
    (void)pthread_mutex_unlock(&ledger->mutex);
}

/* All entries as a new file in the place of the old one; the lock is held. */
static bool rewrite(struct ledger *ledger, struct wg_error *err)
{
    struct wg_buf bytes;
    char hex[ID_DIGITS + 1];
    wg_buf_init(&bytes, FILE_BYTES_MAX);
    for (size_t i = 0; i < ledger->table.cap; i++) {
        const struct ledger_entry *entry = &ledger->table.places[i];
        if (!entry->ends) continue;
        wg_hex(entry->id.bytes, LEDGER_ID_BYTES, hex);
        wg_buf_printf(&bytes, "%s %" PRId64 " %" PRId64 "\n", hex, entry->ends, entry->spent);
    }
    bool ok = wg_buf_check(&bytes, err, ledger->file) &&
              wg_file_replace(ledger->file, wg_buf_str(&bytes), bytes.len, 0600, err);
    wg_buf_clear(&bytes);
    if (!ok) return false;
    /* the old file is gone: without the new one nothing can be written down, nothing is sent */
    if (ledger->fd >= 0) (void)close(ledger->fd);
    ledger->fd = open(ledger->file, O_RDWR | O_APPEND | O_CLOEXEC);
    if (ledger->fd < 0) return wg_fail_errno(err, "%s", ledger->file);
    ledger->lines = ledger->table.count;
    ledger->dirty = ledger->torn = false;
    return true;
}

bool ledger_keep(struct ledger *ledger, wg_time forget, struct wg_error *err)
{
    (void)pthread_mutex_lock(&ledger->mutex);
    if (forget >= ledger->dropped + DROP_EVERY || ledger->table.count >= ledger->table.most) {
        (void)ledger_table_drop(&ledger->table, forget);
        ledger->dropped = forget;
    }
    bool ok = true, dirty = ledger->dirty;
    int fd = ledger->fd;
    if (ledger->lines > 2 * ledger->table.count + LINES_SPARE) {
        ok = rewrite(ledger, err);
        dirty = !ok && dirty;
    }
    ledger->dirty = false;
    (void)pthread_mutex_unlock(&ledger->mutex);
    /* without the lock: nobody waits for the disk; only this thread ever changes fd */
    if (dirty && fdatasync(fd) != 0) ok = wg_fail_errno(err, "%s", ledger->file);
    return ok;
}
