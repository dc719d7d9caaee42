/* copy.c: COPY FROM STDIN over libpq. */
#include "tests/sim/copy.h"

#include "common/text.h"

#include <string.h>

#define ROWS_MAX ((size_t)256 * 1024 * 1024)

void copy_init(struct copy *copy, const char *table, const char *columns)
{
    *copy = (struct copy){.table = table, .columns = columns};
    wg_buf_init(&copy->rows, ROWS_MAX);
}

void copy_clear(struct copy *copy)
{
    wg_buf_clear(&copy->rows);
}

static void next_column(struct copy *copy)
{
    if (copy->row_open) wg_buf_char(&copy->rows, '\t');
    copy->row_open = true;
}

void copy_plain(struct copy *copy, const char *text)
{
    next_column(copy);
    wg_buf_text(&copy->rows, text);
}

void copy_text(struct copy *copy, const char *text)
{
    static const char special[] = "\\\t\n\r", letters[] = "\\tnr";
    next_column(copy);
    for (size_t plain; *text; text += plain) {
        plain = strcspn(text, special);
        wg_buf_add(&copy->rows, text, plain);
        if (!text[plain]) return;
        wg_buf_char(&copy->rows, '\\');
        wg_buf_char(&copy->rows, letters[strchr(special, text[plain]) - special]);
        plain++;
    }
}

void copy_null(struct copy *copy)
{
    copy_plain(copy, "\\N");
}

void copy_time(struct copy *copy, wg_time time)
{
    char text[WG_TIME_TEXT];
    if (time == 0) {
        copy_null(copy);
        return;
    }
    wg_time_text(time, text);
    copy_plain(copy, text);
}

static void add_double(struct wg_buf *out, double value)
{
    uint64_t bits;
    uint8_t bytes[sizeof bits];
    char hex[2 * sizeof bits + 1];
    memcpy(&bits, &value, sizeof bits);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(bits >> (8 * i));
    wg_hex(bytes, sizeof bytes, hex);
    wg_buf_text(out, hex);
}

/* EWKB, little endian: a point with SRID 4326. Four times quicker to read than its words. */
void copy_point(struct copy *copy, double lat, double lon)
{
    copy_plain(copy, "0101000020e6100000");
    add_double(&copy->rows, lon);
    add_double(&copy->rows, lat);
}

void copy_end_row(struct copy *copy)
{
    wg_buf_char(&copy->rows, '\n');
    copy->row_open = false;
    copy->count++;
}

static enum wg_error_code code_of(const char *state)
{
    static const struct {
        const char *state;
        enum wg_error_code code;
    } known[] = {{"23505", WG_E_CONFLICT}, {"42P01", WG_E_NOT_FOUND}, {"42703", WG_E_NOT_FOUND}};
    for (size_t i = 0; state && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(state, known[i].state) == 0) return known[i].code;
    return WG_E_DATABASE;
}

/* PostgreSQL's own words; of a connection that broke, the first line. */
static bool fail(PGconn *connection, const PGresult *result, struct wg_error *err)
{
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *lost = PQerrorMessage(connection);
    enum wg_error_code code = code_of(PQresultErrorField(result, PG_DIAG_SQLSTATE));
    if (!primary) return wg_fail(err, code, "%.*s", (int)strcspn(lost, "\n"), lost);
    (void)wg_fail(err, code, "%s%s%s", primary, detail ? ": " : "", detail ? detail : "");
    if (code == WG_E_NOT_FOUND)
        return wg_context(err, "the schema is not the one this program fills (start wavegated, it "
                               "brings the schema forward)");
    return false;
}

static bool finish(PGconn *connection, PGresult *result, ExecStatusType expected,
                   struct wg_error *err)
{
    bool ok = PQresultStatus(result) == expected || fail(connection, result, err);
    PQclear(result);
    return ok;
}

bool copy_run(PGconn *connection, const char *sql, struct wg_error *err)
{
    PGresult *result = PQexec(connection, sql);
    bool rows = PQresultStatus(result) == PGRES_TUPLES_OK;
    return finish(connection, result, rows ? PGRES_TUPLES_OK : PGRES_COMMAND_OK, err);
}

bool copy_send(struct copy *copy, PGconn *connection, struct wg_error *err)
{
    char sql[640];
    if (!wg_buf_check(&copy->rows, err, "a batch of rows")) return false;
    if (copy->rows.len == 0) return true;
    if (!wg_format(sql, sizeof sql, "copy %s (%s) from stdin", copy->table, copy->columns))
        return wg_fail(err, WG_E_LIMIT, "too many columns of %s", copy->table);
    if (!finish(connection, PQexec(connection, sql), PGRES_COPY_IN, err)) return false;
    bool sent = PQputCopyData(connection, copy->rows.data, (int)copy->rows.len) == 1 &&
                PQputCopyEnd(connection, NULL) == 1;
    copy->rows.len = 0;
    bool ok = finish(connection, PQgetResult(connection), PGRES_COMMAND_OK, err);
    for (PGresult *more; (more = PQgetResult(connection));) PQclear(more);
    return ok && (sent || wg_fail(err, WG_E_DATABASE, "%s", PQerrorMessage(connection)));
}
