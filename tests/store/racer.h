/* racer.h: the second of two connections. The first one is the test's: it begins a transaction,
 * does its work and waits. The second one runs on a thread until it is done or waits for a lock,
 * which the server tells. */
#ifndef WG_TESTS_STORE_RACER_H
#define WG_TESTS_STORE_RACER_H

#include "tests/store/ground.h"

#include <pthread.h>
#include <stdatomic.h>

struct racer {
    pthread_t thread;
    struct db *db;
    bool (*run)(struct racer *racer, struct wg_error *err);
    void *ctx; /* and what it is about: */
    int64_t campaign, limit;
    const char *per; /* at most one of each value of the attribute; NULL: no cap */
    const struct intake_item *item;
    struct intake_result *taken;
    int64_t number; /* what it did */
    bool found;
    atomic_bool done;
    bool ok;
    struct wg_error err;
};

/* True when it waits for a lock, false when it is done. */
bool racer_start(struct racer *racer, struct db *watch);
/* It must have come through. */
void racer_join(struct racer *racer);

/* Commits, or rolls back what went wrong. */
bool racer_ending(struct db *db, bool ok, struct wg_error *err);
/* Its one item is taken in. */
bool racer_reports(struct racer *racer, struct wg_error *err);

/* Both of them, with one item for either, and a third connection that looks on. */
struct race {
    struct db *db, *watch;
    struct racer racer;
    struct intake_item *item;
    int64_t campaign; /* the racer's too; 0: none yet */
    struct wg_error err;
};

/* In a fresh database with the devices dev-000 ..; _close checks that its counters agree. */
struct race race_open(int devices);
void race_close(struct race *race);
void race_begin(struct race *race);
void race_commit(struct race *race);
/* The racer runs, waits for what is not committed or does not, and comes through. */
void race_finish(struct race *race, bool waits);

#endif
