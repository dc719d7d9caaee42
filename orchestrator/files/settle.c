/* settle.c: requests in the hands of nginx, in buckets of eight. A full bucket forgets its oldest
 * request, whose bytes stay spent: memory is bounded and nobody gains by it. */
#include "orchestrator/files/settle.h"

#include "common/text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BUCKETS 4096
#define BUCKET 8
#define ID_BYTES (SETTLE_ID_DIGITS / 2)
#define LINE_MAX_BYTES 512

struct expected {
    uint8_t request[ID_BYTES];
    struct ledger_id id;
    int64_t bytes; /* 0: the place is free */
    wg_time since;
};

struct settle {
    pthread_mutex_t mutex;
    struct ledger *ledger;
    struct expected places[BUCKETS][BUCKET];
};

struct settle *settle_new(struct ledger *ledger, struct wg_error *err)
{
    struct settle *settle = calloc(1, sizeof *settle);
    if (!settle || pthread_mutex_init(&settle->mutex, NULL) != 0) {
        free(settle);
        (void)wg_fail_memory(err, "settling");
        return NULL;
    }
    settle->ledger = ledger;
    return settle;
}

void settle_free(struct settle *settle)
{
    if (!settle) return;
    (void)pthread_mutex_destroy(&settle->mutex);
    free(settle);
}

static struct expected *bucket_of(struct settle *settle, const uint8_t request[ID_BYTES])
{
    return settle->places[(request[0] | (unsigned)request[1] << 8) % BUCKETS];
}

void settle_expect(struct settle *settle, const char *request, const struct ledger_id *id,
                   int64_t bytes, wg_time now)
{
    struct expected one = {.id = *id, .bytes = bytes, .since = now};
    if (bytes <= 0 || !request || !wg_unhex(request, one.request, ID_BYTES)) return;
    (void)pthread_mutex_lock(&settle->mutex);
    struct expected *bucket = bucket_of(settle, one.request), *place = &bucket[0];
    for (size_t i = 0; i < BUCKET && place->bytes; i++)
        if (!bucket[i].bytes || bucket[i].since < place->since) place = &bucket[i];
    *place = one;
    (void)pthread_mutex_unlock(&settle->mutex);
}

/* "REQUEST STATUS BYTES". A page that says why not counts as well: no status is worth a doubt. */
static bool read_line(const char *line, uint8_t request[ID_BYTES], int64_t *sent)
{
    char hex[SETTLE_ID_DIGITS + 1], *end = NULL;
    if (strlen(line) <= SETTLE_ID_DIGITS || line[SETTLE_ID_DIGITS] != ' ' ||
        !wg_copy_n(hex, sizeof hex, line, SETTLE_ID_DIGITS) || !wg_unhex(hex, request, ID_BYTES))
        return false;
    (void)strtol(line + SETTLE_ID_DIGITS + 1, &end, 10);
    if (*end != ' ' || end[1] < '0' || end[1] > '9') return false;
    *sent = strtoll(end + 1, &end, 10);
    return *end == '\0' || *end == '\n';
}

bool settle_log(struct settle *settle, const char *line, size_t len)
{
    char text[LINE_MAX_BYTES];
    uint8_t request[ID_BYTES];
    int64_t sent = 0;
    struct expected found = {.bytes = 0};
    if (!wg_copy_n(text, sizeof text, line, len)) return false;
    const char *from = strstr(text, ": ");
    if (!read_line(from ? from + 2 : text, request, &sent)) return false;
    (void)pthread_mutex_lock(&settle->mutex);
    struct expected *bucket = bucket_of(settle, request);
    for (size_t i = 0; i < BUCKET; i++) {
        if (!bucket[i].bytes || memcmp(bucket[i].request, request, ID_BYTES) != 0) continue;
        found = bucket[i];
        bucket[i].bytes = 0;
        break;
    }
    (void)pthread_mutex_unlock(&settle->mutex);
    if (found.bytes > sent) ledger_release(settle->ledger, &found.id, 0, found.bytes - sent);
    return found.bytes > 0;
}

void settle_read(struct settle *settle, int fd)
{
    char line[LINE_MAX_BYTES];
    ssize_t len;
    while ((len = recv(fd, line, sizeof line, MSG_DONTWAIT)) >= 0)
        (void)settle_log(settle, line, (size_t)len);
}
