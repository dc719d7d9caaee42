/* db_copy.c: many rows at once, by COPY. */
#include "orchestrator/store/db_part.h"

#include <stdlib.h>
#include <string.h>

#define COPY_BLOCK ((size_t)64 * 1024) /* sent at once */

bool db_copy_begin(struct db *db, enum sql_name name, struct wg_error *err)
{
    PGresult *result = PQexec(db->conn, db_statement_text(name));
    bool ok = PQresultStatus(result) == PGRES_COPY_IN;
    if (!ok) (void)db_fail_statement(db, result, db_statement_name(name), err);
    PQclear(result);
    db->copying = ok ? db_statement_name(name) : NULL;
    db->copy.len = 0;
    return ok;
}

/* Text form of COPY: tab, line breaks and backslash are escaped. */
static void copy_cell(struct wg_buf *out, const char *text)
{
    static const char special[] = "\\\t\n\r", escaped[] = "\\tnr";
    for (;;) {
        size_t len = strcspn(text, special);
        wg_buf_add(out, text, len);
        text += len;
        if (!*text) return;
        wg_buf_char(out, '\\');
        wg_buf_char(out, escaped[strchr(special, *text) - special]);
        text++;
    }
}

static bool copy_send(struct db *db, struct wg_error *err)
{
    if (!wg_buf_check(&db->copy, err, db->copying)) return false;
    if (db->copy.len > 0 && PQputCopyData(db->conn, db->copy.data, (int)db->copy.len) != 1)
        return db_fail_connection(db, err);
    db->copy.len = 0;
    return true;
}

bool db_copy_row(struct db *db, size_t count, const char *const *cells, struct wg_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0) wg_buf_char(&db->copy, '\t');
        if (cells[i])
            copy_cell(&db->copy, cells[i]);
        else
            wg_buf_text(&db->copy, "\\N");
    }
    wg_buf_char(&db->copy, '\n');
    return db->copy.len < COPY_BLOCK || copy_send(db, err);
}

/* Takes over what the server still has to say; true when it was all good. */
static bool copy_result(struct db *db, int64_t *rows, struct wg_error *err)
{
    PGresult *result;
    bool ok = true;
    while ((result = PQgetResult(db->conn)) != NULL) {
        if (PQresultStatus(result) == PGRES_COMMAND_OK) {
            if (rows) *rows = strtoll(PQcmdTuples(result), NULL, 10);
        } else if (ok) {
            ok = db_fail_statement(db, result, db->copying, err);
        }
        PQclear(result);
    }
    db->copying = NULL;
    return ok;
}

bool db_copy_end(struct db *db, int64_t *rows, struct wg_error *err)
{
    if (rows) *rows = 0;
    if (!copy_send(db, err)) {
        db_copy_abandon(db);
        return false;
    }
    if (PQputCopyEnd(db->conn, NULL) != 1) return db_fail_connection(db, err);
    return copy_result(db, rows, err);
}

void db_copy_abandon(struct db *db)
{
    if (!db->copying) return;
    if (PQputCopyEnd(db->conn, "given up") == 1) (void)copy_result(db, NULL, NULL);
    wg_buf_clear(&db->copy);
}
