/* fleet_counts.c: a few scopes, each with its document and until when that holds. */
#include "orchestrator/api/fleet_counts.h"

#include "common/posix/file.h"
#include "orchestrator/show/show.h"
#include "orchestrator/store/device_page.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SCOPES_KEPT 32
#define AGE_LEAST (2 * WG_SECOND)
#define AGE_SHARE 20 /* so many times as long as it took */

struct counted {
    char *scopes; /* owned; "" everything */
    json_t *document;
    wg_time until, asked; /* monotonic */
    bool busy;            /* somebody counts */
};

struct fleet_counts {
    pthread_mutex_t lock;
    pthread_cond_t counted;
    struct counted list[SCOPES_KEPT];
};

struct fleet_counts *fleet_counts_new(struct wg_error *err)
{
    struct fleet_counts *counts = calloc(1, sizeof *counts);
    if (!counts || pthread_mutex_init(&counts->lock, NULL) != 0) {
        free(counts);
        (void)wg_fail_memory(err, "counting the fleet");
        return NULL;
    }
    (void)pthread_cond_init(&counts->counted, NULL);
    return counts;
}

static void forget(struct counted *one)
{
    json_decref(one->document);
    free(one->scopes);
    *one = (struct counted){.scopes = NULL};
}

void fleet_counts_free(struct fleet_counts *counts)
{
    if (!counts) return;
    for (size_t i = 0; i < SCOPES_KEPT; i++) forget(&counts->list[i]);
    (void)pthread_cond_destroy(&counts->counted);
    (void)pthread_mutex_destroy(&counts->lock);
    free(counts);
}

/* Its place, or a free one, or that of whom nobody asked for longest; NULL: all are being counted,
 * or there is no memory. Under the lock. */
static struct counted *place_of(struct fleet_counts *counts, const char *scopes)
{
    struct counted *oldest = NULL;
    for (size_t i = 0; i < SCOPES_KEPT; i++) {
        struct counted *one = &counts->list[i];
        if (one->scopes && strcmp(one->scopes, scopes) == 0) return one;
        if (!one->busy && (!oldest || one->asked < oldest->asked)) oldest = one;
    }
    if (!oldest) return NULL;
    forget(oldest);
    oldest->scopes = strdup(scopes);
    return oldest->scopes ? oldest : NULL;
}

static json_t *count(struct db *db, const char *scopes, struct wg_error *err)
{
    wg_time at = wg_now();
    json_t *document = device_fleet(db, scopes, err);
    if (document) (void)json_object_set_new(document, "as_of", show_time(at));
    return document;
}

/* Counts without the lock, which is held before and after. */
static void refresh(struct fleet_counts *counts, struct counted *one, struct db *db,
                    const char *scopes, struct wg_error *err)
{
    one->busy = true;
    (void)pthread_mutex_unlock(&counts->lock);
    wg_time began = wg_monotonic();
    json_t *document = count(db, scopes, err);
    wg_time ended = wg_monotonic();
    (void)pthread_mutex_lock(&counts->lock);
    wg_duration age = AGE_SHARE * (ended - began);
    one->busy = false;
    json_decref(one->document);
    one->document = document;
    one->until = ended + (age > AGE_LEAST ? age : AGE_LEAST);
    (void)pthread_cond_broadcast(&counts->counted);
}

json_t *fleet_counts_get(struct fleet_counts *counts, struct db *db, const char *scopes,
                         struct wg_error *err)
{
    struct counted *one;
    (void)pthread_mutex_lock(&counts->lock);
    while ((one = place_of(counts, scopes ? scopes : "")) && one->busy && !one->document)
        (void)pthread_cond_wait(&counts->counted, &counts->lock);
    bool kept = one != NULL;
    if (one && !one->busy && (!one->document || wg_monotonic() >= one->until))
        refresh(counts, one, db, scopes, err);
    if (one) one->asked = wg_monotonic();
    json_t *document = one && one->document ? json_deep_copy(one->document) : NULL;
    bool known = one && one->document;
    (void)pthread_mutex_unlock(&counts->lock);
    if (!kept) return count(db, scopes, err);
    if (known && !document) (void)wg_fail_memory(err, "counting the fleet");
    return document;
}
