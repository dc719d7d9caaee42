/* keep.c: the least that durable intake can be: one session hears reports, each lot of them is one
 * COPY into one table without an index and one commit, and each is acknowledged. It looks at
 * nothing: no device, no order, no number that was there before. */
#include "tests/bench/load/sessions.h"
#include "tests/bench/load/verbs.h"

#include "common/buf.h"
#include "common/message.h"

#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOT_MAX 4096 /* reports of one commit */
#define LOT_BYTES ((size_t)4 * 1024 * 1024)

const struct flag keep_flags[] = {{"filter", "TOPIC", "that the only session hears"},
                                  {"database", "DSN", "in which the table kept is made"},
                                  {NULL, NULL, NULL}};

static volatile sig_atomic_t ended;

struct told {
    char device[WG_NAME_MAX + 1];
    int64_t seq;
};

struct keeping {
    struct sessions *sessions;
    PGconn *conn;
    struct wg_buf rows; /* of the lot, as COPY wants them */
    size_t count;
    int64_t received, lots, odd;
    struct told told[LOT_MAX];
};

static void on_end(int number)
{
    (void)number;
    ended = 1;
}

static void on_message(void *ctx, size_t session, const char *topic, const char *payload,
                       size_t len)
{
    struct keeping *keeping = ctx;
    const char *device = strstr(topic, "/d/");
    const char *seq = len > 0 ? strstr(payload, "\"seq\":") : NULL;
    size_t length = device ? strcspn(device + 3, "/") : 0;
    (void)session;
    keeping->received++;
    if (!seq || length == 0 || length > WG_NAME_MAX || keeping->count == LOT_MAX) {
        keeping->odd++;
        return;
    }
    struct told *told = &keeping->told[keeping->count++];
    memcpy(told->device, device + 3, length);
    told->device[length] = '\0';
    told->seq = strtoll(seq + strlen("\"seq\":"), NULL, 10);
    wg_buf_printf(&keeping->rows, "%s\t%lld\t", told->device, (long long)told->seq);
    wg_buf_add(&keeping->rows, payload, len);
    wg_buf_char(&keeping->rows, '\n');
}

static bool done(PGconn *conn, PGresult *result, ExecStatusType wanted, struct wg_error *err)
{
    bool ok = PQresultStatus(result) == wanted;
    PQclear(result);
    return ok || wg_fail(err, WG_E_DATABASE, "%s", PQerrorMessage(conn));
}

static bool commit(struct keeping *keeping, struct wg_error *err)
{
    PGconn *conn = keeping->conn;
    if (!wg_buf_check(&keeping->rows, err, "reports") ||
        !done(conn, PQexec(conn, "copy kept from stdin"), PGRES_COPY_IN, err))
        return false;
    if (PQputCopyData(conn, keeping->rows.data, (int)keeping->rows.len) != 1 ||
        PQputCopyEnd(conn, NULL) != 1 || !done(conn, PQgetResult(conn), PGRES_COMMAND_OK, err))
        return wg_fail(err, WG_E_DATABASE, "%s", PQerrorMessage(conn));
    PQclear(PQgetResult(conn));
    keeping->rows.len = 0;
    keeping->lots++;
    return true;
}

static bool acknowledge(struct keeping *keeping, struct wg_error *err)
{
    for (size_t i = 0; i < keeping->count; i++) {
        char topic[WG_TOPIC_MAX], payload[64];
        const struct told *told = &keeping->told[i];
        int len = snprintf(payload, sizeof payload, "{\"v\":1,\"seq\":%lld}", (long long)told->seq);
        if (!wg_topic_make(WG_TOPIC_DOWN_ACK, told->device, topic) ||
            !sessions_tell(keeping->sessions, 0, topic, payload, (size_t)len, err))
            return false;
    }
    keeping->count = 0;
    return true;
}

static bool keep(struct keeping *keeping, struct wg_error *err)
{
    struct sigaction action = {.sa_handler = on_end};
    (void)sigaction(SIGTERM, &action, NULL);
    if (puts("ready") < 0 || fflush(stdout) != 0) return wg_fail_errno(err, "writing");
    while (!ended) {
        size_t before = 0;
        if (!sessions_step(keeping->sessions, 100, err)) return false;
        while (keeping->count > before && keeping->count < LOT_MAX / 2) {
            before = keeping->count;
            if (!sessions_step(keeping->sessions, 0, err)) return false;
        }
        if (keeping->count > 0 && (!commit(keeping, err) || !acknowledge(keeping, err)))
            return false;
    }
    (void)printf("{\"received\": %lld, \"lots\": %lld, \"odd\": %lld}\n",
                 (long long)keeping->received, (long long)keeping->lots, (long long)keeping->odd);
    return true;
}

static bool open_table(struct keeping *keeping, const char *database, struct wg_error *err)
{
    keeping->conn = PQconnectdb(database);
    return (PQstatus(keeping->conn) == CONNECTION_OK ||
            wg_fail(err, WG_E_DATABASE, "%s", PQerrorMessage(keeping->conn))) &&
           done(keeping->conn,
                PQexec(keeping->conn, "drop table if exists kept; "
                                      "create table kept (device text, seq bigint, report text)"),
                PGRES_COMMAND_OK, err);
}

bool keep_run(const struct args *args, struct wg_error *err)
{
    const char *filter = args_value(args, "filter"), *database = args_value(args, "database");
    if (!filter || !database) return wg_fail(err, WG_E_USAGE, "expected --filter and --database");
    struct keeping *keeping = calloc(1, sizeof *keeping);
    if (!keeping) return wg_fail_memory(err, "starting");
    const struct session_events events = {keeping, on_message, NULL};
    wg_buf_init(&keeping->rows, LOT_BYTES);
    bool ok = open_table(keeping, database, err) &&
              (keeping->sessions = sessions_open(args, 1, &events, err)) &&
              sessions_subscribe(keeping->sessions, 0, &filter, 1, err) && keep(keeping, err);
    sessions_close(keeping->sessions);
    PQfinish(keeping->conn);
    wg_buf_clear(&keeping->rows);
    free(keeping);
    return ok;
}
