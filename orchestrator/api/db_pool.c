/* db_pool.c: a list of places under a lock. */
#include "orchestrator/api/db_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* Filters fold away only in plans that are made for their values (store/sql/device_page.sql).
 * Nobody waits for ever, and a thread that stalls in a transaction is given up. */
static const struct {
    const char *name, *value;
} habits[] = {{"plan_cache_mode", "force_custom_plan"},
              {"statement_timeout", "60s"},
              {"lock_timeout", "10s"},
              {"idle_in_transaction_session_timeout", "30s"}};

struct db_place {
    struct db *db; /* NULL: never opened */
    bool busy;
};

struct db_pool {
    const char *conninfo;
    pthread_mutex_t lock;
    pthread_cond_t freed;
    size_t count, busy;
    struct db_place places[];
};

struct db_pool *db_pool_new(const char *conninfo, size_t count, struct wg_error *err)
{
    struct db_pool *pool = calloc(1, sizeof *pool + count * sizeof pool->places[0]);
    pthread_condattr_t steady;
    if (!pool) {
        (void)wg_fail_memory(err, "database connections");
        return NULL;
    }
    pool->conninfo = conninfo;
    pool->count = count;
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&pool->freed, &steady);
    (void)pthread_condattr_destroy(&steady);
    return pool;
}

void db_pool_free(struct db_pool *pool)
{
    if (!pool) return;
    for (size_t i = 0; i < pool->count; i++) db_close(pool->places[i].db);
    (void)pthread_cond_destroy(&pool->freed);
    (void)pthread_mutex_destroy(&pool->lock);
    free(pool);
}

/* One that is open already goes first. */
static struct db_place *find(struct db_pool *pool)
{
    struct db_place *closed = NULL;
    for (size_t i = 0; i < pool->count; i++) {
        struct db_place *place = &pool->places[i];
        if (place->busy) continue;
        if (place->db) return place;
        closed = place;
    }
    return closed;
}

static struct db_place *wait_for_one(struct db_pool *pool, wg_duration patience)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += patience / WG_SECOND;
    (void)pthread_mutex_lock(&pool->lock);
    struct db_place *place;
    int code = 0;
    while (!(place = find(pool)) && code == 0)
        code = pthread_cond_timedwait(&pool->freed, &pool->lock, &until);
    if (place) place->busy = true;
    if (place) pool->busy++;
    (void)pthread_mutex_unlock(&pool->lock);
    return place;
}

static void give_back(struct db_pool *pool, struct db_place *place)
{
    (void)pthread_mutex_lock(&pool->lock);
    place->busy = false;
    pool->busy--;
    (void)pthread_cond_signal(&pool->freed);
    (void)pthread_mutex_unlock(&pool->lock);
}

static bool take_habits(struct db *db, struct wg_error *err)
{
    bool ok = db != NULL;
    for (size_t i = 0; ok && i < sizeof habits / sizeof habits[0]; i++)
        ok = db_set(db, habits[i].name, habits[i].value, err);
    return ok;
}

/* Whether the server has left meanwhile: who asks next need not be the one to find out. */
static bool still_stands(struct db *db)
{
    bool notified;
    return db && db_is_up(db) && db_drain(db, &notified, NULL);
}

static bool open_place(struct db_pool *pool, struct db_place *place, struct wg_error *err)
{
    if (still_stands(place->db)) return true;
    if (!place->db)
        place->db = db_open(pool->conninfo, "wavegate-api", err);
    else if (!db_reconnect(place->db, err))
        return false;
    return take_habits(place->db, err);
}

struct db *db_pool_borrow(struct db_pool *pool, wg_duration patience, struct wg_error *err)
{
    struct db_place *place = wait_for_one(pool, patience);
    if (!place) {
        (void)wg_fail(err, WG_E_TIMEOUT, "all database connections are in use: ask again");
        return NULL;
    }
    if (open_place(pool, place, err)) return place->db;
    give_back(pool, place);
    return NULL;
}

void db_pool_return(struct db_pool *pool, struct db *db)
{
    if (!db) return;
    db_rollback(db);
    for (size_t i = 0; i < pool->count; i++)
        if (pool->places[i].db == db) give_back(pool, &pool->places[i]);
}

size_t db_pool_busy(struct db_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    size_t busy = pool->busy;
    (void)pthread_mutex_unlock(&pool->lock);
    return busy;
}
