/* db_session.c: what holds for a connection as long as it stands, also where no connection stands.
 *
 * A pooler such as PgBouncer in transaction mode gives each transaction whichever server process is
 * free. What one sets there for itself would be another's later, and gone for who set it: so there
 * settings go with each transaction, nothing is prepared under a name, and nobody is notified. */
#include "orchestrator/store/db_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTINGS_TEXT_MAX ((size_t)64 * 1024)

/* Who stalls within a transaction must not hold its locks for long: others take over. Compiling a
 * statement costs more than the time that ours take, and PostgreSQL before 17 keeps of each what it
 * compiled, until the connection ends. */
static const struct {
    const char *name, *value;
} habits[] = {{"statement_timeout", "60s"},
              {"idle_in_transaction_session_timeout", "10s"},
              {"jit", "off"},
              {"TimeZone", "UTC"},
              {"DateStyle", "ISO"}};

void db_session_clear(struct db *db)
{
    for (size_t i = 0; i < db->setting_count; i++) free(db->settings[i].value);
    db->setting_count = 0;
}

static bool remember(struct db *db, const char *name, const char *value, struct wg_error *err)
{
    size_t at = 0;
    while (at < db->setting_count && strcmp(db->settings[at].name, name) != 0) at++;
    if (at == DB_SETTINGS_MAX)
        return wg_fail(err, WG_E_DATABASE, "more than %d settings of a connection",
                       DB_SETTINGS_MAX);
    char *copy = strdup(value);
    if (!copy) return wg_fail_memory(err, "connecting to the database");
    if (at == db->setting_count)
        db->setting_count++;
    else
        free(db->settings[at].value);
    db->settings[at] = (struct db_setting){.name = name, .value = copy};
    return true;
}

static void put(struct db *db, const struct db_setting *setting, struct wg_buf *out)
{
    char *literal = PQescapeLiteral(db->conn, setting->value, strlen(setting->value));
    if (!literal) {
        wg_buf_text(out, "null");
        return;
    }
    wg_buf_printf(out, "set_config('%s', %s, %s)", setting->name, literal,
                  db->pooled ? "true" : "false");
    PQfreemem(literal);
}

/* The statement, if there is one, and the settings from this one on. */
static bool settle(struct db *db, const char *begin, size_t from, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, SETTINGS_TEXT_MAX);
    wg_buf_printf(&text, "%sselect ", begin);
    for (size_t i = from; i < db->setting_count; i++) {
        if (i > from) wg_buf_text(&text, ", ");
        put(db, &db->settings[i], &text);
    }
    bool ok = wg_buf_check(&text, err, "a connection's settings");
    if (ok) {
        PGresult *result = db_checked(db, PQexec(db->conn, wg_buf_str(&text)), "begin", err);
        ok = result != NULL;
        PQclear(result);
    }
    wg_buf_clear(&text);
    return ok;
}

/* A pooler gives its clients process ids that are not the server's. */
static bool find_pooler(struct db *db, struct wg_error *err)
{
    PGresult *result =
        db_checked(db, PQexec(db->conn, "select pg_backend_pid()"), "connecting", err);
    if (!result) return false;
    db->pooled = db_int(result, 0, 0) != PQbackendPID(db->conn);
    PQclear(result);
    return true;
}

bool db_session_begin(struct db *db, struct wg_error *err)
{
    db_session_clear(db);
    bool ok = find_pooler(db, err);
    for (size_t i = 0; ok && i < sizeof habits / sizeof habits[0]; i++)
        ok = remember(db, habits[i].name, habits[i].value, err);
    return ok && (db->pooled || settle(db, "", 0, err));
}

bool db_session_transaction(struct db *db, const char *begin, struct wg_error *err)
{
    char first[128];
    (void)snprintf(first, sizeof first, "%s; ", begin);
    return settle(db, first, 0, err);
}

bool db_is_pooled(const struct db *db)
{
    return db->pooled;
}

bool db_set(struct db *db, const char *name, const char *value, struct wg_error *err)
{
    const char *const params[] = {name, value, db->pooled ? "true" : "false"};
    if (db->pooled && !remember(db, name, value, err)) return false;
    return (db->pooled && !db->in_transaction) || db_run(db, SQL_SESSION_SET, 3, params, NULL, err);
}
