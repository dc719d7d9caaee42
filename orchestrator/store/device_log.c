/* device_log.c: excerpts put, trimmed, listed. */
#include "orchestrator/store/device_log.h"

#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 10, REJECTED_COLUMNS = 6, COLUMNS_MOST = COLUMNS };

struct columns {
    size_t count;
    struct param_array items[COLUMNS_MOST];
    const char *params[COLUMNS_MOST];
};

static void columns_init(struct columns *columns, size_t count)
{
    columns->count = count;
    for (size_t c = 0; c < count; c++) param_array_init(&columns->items[c]);
}

static void columns_clear(struct columns *columns)
{
    for (size_t c = 0; c < columns->count; c++) param_array_clear(&columns->items[c]);
}

static bool columns_close(struct columns *columns, struct wg_error *err)
{
    bool ok = true;
    for (size_t c = 0; c < columns->count; c++) {
        columns->params[c] = param_array_text(&columns->items[c]);
        ok = ok && param_array_check(&columns->items[c], err);
    }
    return ok;
}

static void add_number_opt(struct param_array *column, int64_t number)
{
    if (number)
        param_array_number(column, number);
    else
        param_array_add(column, NULL);
}

static void add_item(struct columns *columns, const struct device_log_item *item)
{
    const struct wg_log_message *message = &item->message;
    struct param_array *to = columns->items;
    param_array_add(&to[0], item->device);
    param_array_number(&to[1], item->received);
    param_array_add(&to[2], message->journal);
    param_array_number(&to[3], message->seq);
    param_array_add(&to[4], wg_log_source_text(message->source));
    param_array_add(&to[5], message->order);
    param_array_add(&to[6], message->boot);
    add_number_opt(&to[7], message->at);
    param_array_add(&to[8], message->cut ? "true" : "false");
    param_array_add(&to[9], message->text);
}

static bool put_taken(struct db *db, const struct device_log_item *items, size_t count,
                      struct device_log_result *out, struct wg_error *err)
{
    struct columns columns;
    columns_init(&columns, COLUMNS);
    for (size_t i = 0; i < count; i++)
        if (!items[i].refused[0]) add_item(&columns, &items[i]);
    PGresult *result = columns_close(&columns, err)
                           ? db_query(db, SQL_DEVICE_LOG_PUT, COLUMNS, columns.params, err)
                           : NULL;
    if (result) {
        out->stored = db_int(result, 0, 0);
        out->refused = db_int(result, 0, 1);
    }
    PQclear(result);
    columns_clear(&columns);
    return result != NULL;
}

static bool put_refused(struct db *db, const struct device_log_item *items, size_t count,
                        struct device_log_result *out, struct wg_error *err)
{
    struct columns columns;
    char topic[WG_TOPIC_MAX];
    bool any = false;
    columns_init(&columns, REJECTED_COLUMNS);
    for (size_t i = 0; i < count; i++) {
        if (!items[i].refused[0] || !wg_topic_make(WG_TOPIC_UP_LOG, items[i].device, topic))
            continue;
        param_array_number(&columns.items[0], items[i].received);
        param_array_add(&columns.items[1], topic);
        param_array_add(&columns.items[2], items[i].device);
        param_array_add(&columns.items[3], items[i].refused);
        param_array_add(&columns.items[4], "");
        param_array_number(&columns.items[5], (int64_t)items[i].length);
        out->refused++;
        any = true;
    }
    bool ok = columns_close(&columns, err);
    ok = ok &&
         (!any || db_run(db, SQL_REJECTED_INSERT, REJECTED_COLUMNS, columns.params, NULL, err));
    columns_clear(&columns);
    return ok;
}

static bool trim(struct db *db, const struct device_log_item *items, size_t count,
                 struct wg_error *err)
{
    struct param_array devices;
    char kept[PARAM_NUMBER];
    param_array_init(&devices);
    for (size_t i = 0; i < count; i++) {
        bool seen = items[i].refused[0];
        for (size_t j = 0; j < i && !seen; j++)
            seen = strcmp(items[i].device, items[j].device) == 0;
        if (!seen) param_array_add(&devices, items[i].device);
    }
    const char *const params[] = {param_array_text(&devices), param_number(kept, DEVICE_LOG_KEPT)};
    bool ok =
        param_array_check(&devices, err) && db_run(db, SQL_DEVICE_LOG_TRIM, 2, params, NULL, err);
    param_array_clear(&devices);
    return ok;
}

bool device_log_put(struct db *db, const struct device_log_item *items, size_t count,
                    struct device_log_result *out, struct wg_error *err)
{
    *out = (struct device_log_result){.stored = 0};
    if (count == 0) return true;
    if (!db_begin(db, err)) return false;
    bool ok = put_taken(db, items, count, out, err) && put_refused(db, items, count, out, err) &&
              trim(db, items, count, err) && db_commit(db, err);
    if (!ok) db_rollback(db);
    return ok;
}

static void read_row(const PGresult *result, int row, struct device_log_row *out)
{
    out->received = db_int(result, row, 0);
    out->at = db_int(result, row, 1);
    db_copy(result, row, 2, out->campaign, sizeof out->campaign);
    out->attempt = db_int(result, row, 3);
    db_copy(result, row, 4, out->order, sizeof out->order);
    db_copy(result, row, 5, out->source, sizeof out->source);
    out->cut = db_bool(result, row, 6);
    db_copy(result, row, 7, out->text, sizeof out->text);
}

bool device_log_list(struct db *db, const char *device, const char *campaign, size_t limit,
                     struct device_log_row **out, size_t *count, struct wg_error *err)
{
    char most[PARAM_NUMBER];
    const char *const params[] = {device, campaign, param_number(most, (int64_t)limit)};
    PGresult *result = db_query(db, SQL_DEVICE_LOG_LIST, 3, params, err);
    if (!result) return false;
    *count = (size_t)PQntuples(result);
    *out = calloc(*count + 1, sizeof(**out));
    for (size_t i = 0; *out && i < *count; i++) read_row(result, (int)i, &(*out)[i]);
    PQclear(result);
    return *out || wg_fail_memory(err, "listing logs");
}

bool device_log_count(struct db *db, const char *device, const char *campaign, int64_t *count,
                      wg_time *newest, struct wg_error *err)
{
    const char *const params[] = {device, campaign};
    PGresult *result = db_query(db, SQL_DEVICE_LOG_COUNT, 2, params, err);
    if (!result) return false;
    *count = db_int(result, 0, 0);
    *newest = db_int(result, 0, 1);
    PQclear(result);
    return true;
}
