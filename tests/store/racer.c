/* racer.c: one thread, and what the server says of its connection. */
#include "tests/store/racer.h"

#include "orchestrator/link/verdict.h"

#include <stdlib.h>

#define PATIENCE 4000 /* looks of 5 ms */

static void *run(void *arg)
{
    struct racer *racer = arg;
    racer->ok = racer->run(racer, &racer->err);
    atomic_store(&racer->done, true);
    return NULL;
}

bool racer_start(struct racer *racer, struct db *watch)
{
    int pid = (int)ground_number(racer->db, "select pg_backend_pid()");
    atomic_init(&racer->done, false);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&racer->thread, NULL, run, racer), 0);
    for (int i = 0; i < PATIENCE; i++) {
        if (atomic_load(&racer->done)) return false;
        if (ground_number(watch, "select count(*) from pg_locks where pid = %d and not granted",
                          pid))
            return true;
        ground_run(watch, "select pg_sleep(0.005)");
    }
    CU_FAIL_FATAL("the other one neither ends nor waits");
    return false;
}

void racer_join(struct racer *racer)
{
    CU_ASSERT_EQUAL_FATAL(pthread_join(racer->thread, NULL), 0);
    ASSERT_OK(racer->ok, &racer->err);
}

bool racer_ending(struct db *db, bool ok, struct wg_error *err)
{
    ok = ok && db_commit(db, err);
    if (!ok) db_rollback(db);
    return ok;
}

bool racer_reports(struct racer *racer, struct wg_error *err)
{
    return intake_commit(racer->db, racer->item, 1, verdict_of_report, NULL, GROUND_NOW,
                         racer->taken, err);
}

struct race race_open(int devices)
{
    struct race race = {.db = ground_fresh(), .watch = ground_open(), .item = ground_items(1)};
    race.racer.db = ground_open();
    race.racer.taken = calloc(1, sizeof *race.racer.taken);
    race.racer.item = race.item;
    ground_devices(race.db, devices);
    return race;
}

void race_close(struct race *race)
{
    ground_check_counts(race->watch);
    db_close(race->db);
    db_close(race->watch);
    db_close(race->racer.db);
    free(race->racer.taken);
    free(race->item);
}

void race_begin(struct race *race)
{
    ASSERT_OK(db_begin(race->db, &race->err), &race->err);
}

void race_commit(struct race *race)
{
    ASSERT_OK(db_commit(race->db, &race->err), &race->err);
}

void race_finish(struct race *race, bool waits)
{
    CU_ASSERT_EQUAL(racer_start(&race->racer, race->watch), waits);
    race_commit(race);
    racer_join(&race->racer);
}
