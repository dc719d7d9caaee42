/* watch.c: libpq without the product's wrapper, so that its faults stay out of here. */
#include "tests/sim/run/watch.h"

#include "orchestrator/store/migrate.h"
#include "tests/sim/run/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOG_MAX ((size_t)1024 * 1024)

struct watch {
    PGconn *conn;
    char floor[32]; /* transactions before this one are over, and read */
    char *reset;    /* SQL, owned */
    off_t logged;
};

/* One row a thing; xmin says who wrote it last. */
static const char read_sql[] =
    "with recent as materialized (select $1::bigint as floor) "
    "select 'p', p.campaign_id::text, p.device_id, p.wave::text, p.state, p.cause, p.attempt::text,"
    " coalesce(p.order_id::text, ''), wg_ms(p.state_at)::text, wg_ms(p.retry_at)::text,"
    " wg_ms(p.ready_at)::text, p.spent::text from place p, recent"
    " where p.xmin::text::bigint >= floor "
    "union all select 'c', c.id::text, c.name, c.state, c.digest, c.revision::text,"
    " c.members::text, c.held::text, wg_ms(c.started_at)::text, c.stop, c.cause,"
    " wg_ms(c.state_at)::text from campaign c, recent where c.xmin::text::bigint >= floor "
    "union all select 'w', w.campaign_id::text, w.number::text, w.name, w.state,"
    " wg_ms(w.state_at)::text, w.members::text, wg_ms(w.last_finish)::text, w.manual, w.cause, '',"
    " '' from wave w, recent where w.xmin::text::bigint >= floor "
    "union all select 'n', n.campaign_id::text, n.wave::text, n.state, n.cause, n.devices::text,"
    " '', '', '', '', '', '' from wave_count n, recent where n.xmin::text::bigint >= floor "
    "union all select 'd', d.id, d.online::text, d.zone, d.boot, d.order_counter::text,"
    " d.report_seq::text, wg_ms(d.revoked_at)::text, d.journal, coalesce(wg_ms(d.settled_at), "
    "0)::text, '', ''"
    " from device d, recent where d.xmin::text::bigint >= floor "
    "union all select 'l', l.campaign_id::text, l.holder, wg_ms(l.until)::text, '', '', '', '', '',"
    " '', '', '' from lease l, recent where l.xmin::text::bigint >= floor "
    "union all select 'x', pg_snapshot_xmin(pg_current_snapshot())::text,"
    " (select count(*) from place)::text, '', '', '', '', '', '', '', '', ''";

static bool fail(struct watch *watch, const char *what, struct wg_error *err)
{
    return wg_fail(err, WG_E_DATABASE, "%s: %.200s", what, PQerrorMessage(watch->conn));
}

static bool run(struct watch *watch, const char *sql, struct wg_error *err)
{
    PGresult *result = PQexec(watch->conn, sql);
    ExecStatusType status = PQresultStatus(result);
    bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    PQclear(result);
    return ok || fail(watch, "the simulation's own statement", err);
}

static void quiet(void *ctx, const PGresult *result)
{
    (void)ctx, (void)result;
}

static bool migrate_it(const char *conninfo, struct wg_error *err)
{
    struct db *db = db_open(conninfo, "sim", err);
    bool ok = db && migrate(db, NULL, err);
    db_close(db);
    return ok;
}

/* Who waits for a lock of somebody that stands still would wait for ever: everything here is one
 * thread. Rows lie in the order in which they were written, and plans stay as they are. */
static bool prepare(struct watch *watch, struct wg_error *err)
{
    static const char settings[] = "alter system set autovacuum = off; ";
    char name[512];
    char *quoted = PQescapeIdentifier(watch->conn, PQdb(watch->conn), strlen(PQdb(watch->conn)));
    if (!quoted) return wg_fail_memory(err, "setting up the database");
    (void)snprintf(name, sizeof name,
                   "alter database %.200s set lock_timeout = '20ms'; "
                   "alter database %.200s set plan_cache_mode = force_generic_plan",
                   quoted, quoted);
    PQfreemem(quoted);
    if (!run(watch, settings, err) || !run(watch, "select pg_reload_conf()", err) ||
        !run(watch, name, err))
        return false;
    PGresult *prepared = PQprepare(watch->conn, "sim_read", read_sql, 1, NULL);
    bool ok = PQresultStatus(prepared) == PGRES_COMMAND_OK;
    PQclear(prepared);
    return ok || fail(watch, "preparing", err);
}

static bool make_reset(struct watch *watch, struct wg_error *err)
{
    static const char list[] =
        "select 'truncate ' || string_agg(quote_ident(tablename), ', ') || ' restart identity'"
        " from pg_tables where schemaname = 'public'"
        " and tablename not in ('spatial_ref_sys', 'schema_migration', 'migration')";
    PGresult *result = watch_ask(watch, list, NULL, 0, err);
    if (!result) return false;
    watch->reset = strdup(PQgetvalue(result, 0, 0));
    PQclear(result);
    return watch->reset || wg_fail_memory(err, "setting up the database");
}

struct watch *watch_new(const char *conninfo, struct wg_error *err)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch) {
        (void)wg_fail_memory(err, "watching");
        return NULL;
    }
    bool ok = migrate_it(conninfo, err);
    if (ok) {
        watch->conn = PQconnectdb(conninfo);
        ok = PQstatus(watch->conn) == CONNECTION_OK || fail(watch, "connecting", err);
    }
    if (ok) (void)PQsetNoticeReceiver(watch->conn, quiet, NULL);
    if (ok && prepare(watch, err) && make_reset(watch, err)) return watch;
    watch_free(watch);
    return NULL;
}

void watch_free(struct watch *watch)
{
    if (!watch) return;
    PQfinish(watch->conn);
    free(watch->reset);
    free(watch);
}

bool watch_reset(struct watch *watch, struct wg_error *err)
{
    (void)snprintf(watch->floor, sizeof watch->floor, "0");
    return run(watch, watch->reset, err);
}

PGresult *watch_read(struct watch *watch, bool all, struct wg_error *err)
{
    const char *const params[] = {all ? "0" : watch->floor};
    PGresult *result = PQexecPrepared(watch->conn, "sim_read", 1, params, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        (void)fail(watch, "reading for the rules", err);
        PQclear(result);
        return NULL;
    }
    int last = PQntuples(result) - 1;
    (void)wg_copy(watch->floor, sizeof watch->floor, PQgetvalue(result, last, 1));
    return result;
}

PGresult *watch_ask(struct watch *watch, const char *sql, const char *const *params, int count,
                    struct wg_error *err)
{
    PGresult *result = PQexecParams(watch->conn, sql, count, NULL, params, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
    (void)fail(watch, "asking for the rules", err);
    PQclear(result);
    return NULL;
}

/* How many it had to end. */
static int end_once(struct watch *watch, const char *application)
{
    static const char sql[] =
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1";
    const char *const params[] = {application};
    struct wg_error err = {0};
    PGresult *result = watch_ask(watch, sql, params, 1, &err);
    int rows = result ? PQntuples(result) : 0;
    PQclear(result);
    return rows;
}

void watch_end_session(struct sim *sim, const char *application)
{
    static const struct timespec moment = {.tv_nsec = 200000};
    while (end_once(sim->ground->watch, application) > 0) (void)nanosleep(&moment, NULL);
}

/* Errors that the simulation has brought about itself. */
static bool is_expected(const char *line)
{
    static const char *const words[] = {
        "lock timeout", "55P03", "connection was lost", "connection refused", "the run has ended",
        "terminat",     NULL};
    for (size_t i = 0; words[i]; i++)
        if (strstr(line, words[i])) return true;
    return false;
}

static void judge_line(struct sim *sim, const char *who, bool hurt, const char *line)
{
    const char *at = strstr(line, "level=error");
    if (!at || hurt || is_expected(line)) return;
    rule_broken(sim, 8, who, NULL, "fails with nothing wrong: %.300s", at);
}

void watch_log(struct sim *sim, const char *who, bool hurt)
{
    struct watch *watch = sim->ground->watch;
    off_t end = lseek(sim->ground->log, 0, SEEK_END);
    if (end <= watch->logged) return;
    size_t len = (size_t)(end - watch->logged);
    char *text = len < LOG_MAX ? malloc(len + 1) : NULL;
    ssize_t got = text ? pread(sim->ground->log, text, len, watch->logged) : -1;
    watch->logged = end;
    if (got > 0) {
        text[got] = '\0';
        char *rest = NULL;
        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
            judge_line(sim, who, hurt, line);
    }
    free(text);
}
