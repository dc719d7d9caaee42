/* order_row.c: orders that are due to be sent. */
#include "orchestrator/store/order_row.h"

#include "orchestrator/store/params.h"
#include "orchestrator/store/place.h"

#include <stdlib.h>
#include <string.h>

static bool read_file(const json_t *entry, char sha256[WG_SHA256_HEX], int64_t *length,
                      bool *sealed)
{
    const char *text = json_string_value(json_object_get(entry, "sha256"));
    *length = json_integer_value(json_object_get(entry, "length"));
    *sealed = json_is_true(json_object_get(entry, "sealed"));
    return text && wg_copy(sha256, WG_SHA256_HEX, text);
}

/* The place of one more: behind the others, or, where there is no room, that of the one that saves
 * least, if this one saves more. NULL: none. */
static struct wg_order_form *place_of(struct order_due *out, const struct wg_order_form *form,
                                      bool **sealed)
{
    struct wg_order *order = &out->order;
    size_t at = 0;
    if (order->form_count < WG_FORMS_MAX) {
        at = order->form_count++;
    } else {
        for (size_t i = 1; i < WG_FORMS_MAX; i++)
            if (wg_order_saving(order, &order->forms[i]) <
                wg_order_saving(order, &order->forms[at]))
                at = i;
        if (wg_order_saving(order, form) <= wg_order_saving(order, &order->forms[at])) return NULL;
    }
    *sealed = &out->form_sealed[at];
    return &order->forms[at];
}

/* [{"sha256", "length", "sealed"}], as the statement made it. */
static void read_forms(const json_t *list, size_t member, struct order_due *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct wg_order_form form = {.member = member};
        bool is_sealed = false, *sealed = NULL;
        if (!read_file(json_array_get(list, i), form.sha256, &form.length, &is_sealed)) continue;
        struct wg_order_form *place = place_of(out, &form, &sealed);
        if (!place) continue;
        *place = form;
        *sealed = is_sealed;
    }
}

/* [{"component", "version", "sha256", "length", "sealed", "forms"}]; more than an order takes are
 * refused when a release is added. */
static void read_companions(const char *text, struct order_due *out)
{
    struct wg_order *order = &out->order;
    json_t *list = json_loads(text, 0, NULL);
    for (size_t i = 0; i < json_array_size(list) && i < WG_COMPANIONS_MAX; i++) {
        const json_t *entry = json_array_get(list, i);
        struct wg_order_companion *companion = &order->companions[order->companion_count];
        const char *component = json_string_value(json_object_get(entry, "component"));
        const char *version = json_string_value(json_object_get(entry, "version"));
        if (!component || !version ||
            !wg_copy(companion->component, sizeof companion->component, component) ||
            !wg_copy(companion->version, sizeof companion->version, version) ||
            !read_file(entry, companion->sha256, &companion->length,
                       &out->companion_sealed[order->companion_count]))
            continue;
        order->companion_count++;
        read_forms(json_object_get(entry, "forms"), order->companion_count, out);
    }
    json_decref(list);
}

static void read_own_forms(const char *text, struct order_due *out)
{
    json_t *list = json_loads(text, 0, NULL);
    read_forms(list, 0, out);
    json_decref(list);
}

static void read_order(const PGresult *result, int row, struct order_due *out)
{
    struct wg_order *order = &out->order;
    db_copy(result, row, 0, order->id, sizeof order->id);
    order->kind =
        strcmp(db_text(result, row, 1), "withdraw") == 0 ? WG_ORDER_WITHDRAW : WG_ORDER_INSTALL;
    db_copy(result, row, 2, order->device, sizeof order->device);
    db_copy(result, row, 3, order->campaign, sizeof order->campaign);
    db_copy(result, row, 4, order->digest, sizeof order->digest);
    order->attempt = db_int(result, row, 5);
    order->counter = db_int(result, row, 6);
    db_copy(result, row, 7, order->boot, sizeof order->boot);
    order->not_before = db_int(result, row, 8);
    order->expires = db_int(result, row, 9);
    out->campaign_id = db_int(result, row, 15);
    db_copy(result, row, 16, out->site_zone, sizeof out->site_zone);
    db_copy(result, row, 18, out->wave, sizeof out->wave);
    db_copy(result, row, 25, out->broker, sizeof out->broker);
    if (order->kind == WG_ORDER_WITHDRAW) return;
    db_copy(result, row, 21, out->enrolment, sizeof out->enrolment);
    out->sealed = db_bool(result, row, 19);
    out->was_refused = db_bool(result, row, 22);
    db_copy(result, row, 20, out->age_recipient, sizeof out->age_recipient);
    db_copy(result, row, 17, order->rolls_back, sizeof order->rolls_back);
    db_copy(result, row, 10, order->component, sizeof order->component);
    db_copy(result, row, 11, order->version, sizeof order->version);
    db_copy(result, row, 12, order->hardware_model, sizeof order->hardware_model);
    db_copy(result, row, 13, order->sha256, sizeof order->sha256);
    order->length = db_int(result, row, 14);
    read_own_forms(db_text(result, row, 23), out);
    read_companions(db_text(result, row, 24), out);
}

bool order_lot_next(struct order_lot *lot, struct order_due *out)
{
    int rows = lot->rows ? PQntuples(lot->rows) : 0;
    while (lot->row < rows && lot->mark && !db_bool(lot->rows, lot->row, lot->mark)) lot->row++;
    if (lot->row == rows) return false;
    memset(out, 0, sizeof *out);
    read_order(lot->rows, lot->row++, out);
    return true;
}

void order_lot_clear(struct order_lot *lot)
{
    PQclear(lot->rows);
    *lot = (struct order_lot){0};
}

/* Takes over found: the ids of orders. */
static bool take(struct db *db, PGresult *found, const struct order_times *times, size_t limit,
                 struct order_lot *out, struct wg_error *err)
{
    char at[PARAM_NUMBER], again[PARAM_NUMBER], life[PARAM_NUMBER];
    struct param_array ids;
    *out = (struct order_lot){0};
    if (!found) return false;
    int rows = PQntuples(found);
    param_array_init(&ids);
    for (int row = 0; row < rows; row++) param_array_add(&ids, db_text(found, row, 0));
    PQclear(found);
    const char *const params[] = {param_array_text(&ids), param_number(at, times->now),
                                  param_number(again, times->resend),
                                  param_number(life, times->lifetime)};
    if (rows > 0 && param_array_check(&ids, err))
        out->rows = db_query(db, SQL_ORDER_TAKE, 4, params, err);
    if (out->rows) out->count = (size_t)PQntuples(out->rows);
    out->more = out->count > 0 && (size_t)rows == limit;
    param_array_clear(&ids);
    return rows == 0 || out->rows;
}

bool order_take_fresh(struct db *db, const struct order_times *times, size_t limit,
                      struct order_lot *out, struct wg_error *err)
{
    char most[PARAM_NUMBER];
    const char *const params[] = {param_number(most, (int64_t)limit)};
    return take(db, db_query(db, SQL_ORDER_FRESH, 1, params, err), times, limit, out, err);
}

bool order_take_due(struct db *db, const struct order_times *times, size_t limit,
                    struct order_lot *out, struct wg_error *err)
{
    char before[PARAM_NUMBER], most[PARAM_NUMBER];
    const char *const params[] = {param_number(before, times->now - times->resend),
                                  param_number(most, (int64_t)limit)};
    return take(db, db_query(db, SQL_ORDER_DUE, 2, params, err), times, limit, out, err);
}

bool order_take_of(struct db *db, const char *const *devices, size_t device_count,
                   const struct order_times *times, size_t limit, struct order_lot *out,
                   struct wg_error *err)
{
    char before[PARAM_NUMBER], most[PARAM_NUMBER];
    struct param_array ids;
    param_array_init(&ids);
    for (size_t i = 0; i < device_count; i++) param_array_add(&ids, devices[i]);
    const char *const params[] = {param_array_text(&ids),
                                  param_number(before, times->now - times->resend),
                                  param_number(most, (int64_t)limit)};
    PGresult *found =
        param_array_check(&ids, err) ? db_query(db, SQL_ORDER_OF_DEVICES, 3, params, err) : NULL;
    param_array_clear(&ids);
    return take(db, found, times, limit, out, err);
}

bool order_refused(struct db *db, const char *order, const char *why, struct wg_error *err)
{
    char words[ORDER_REFUSAL_MAX];
    (void)wg_copy(words, sizeof words, why);
    const char *const params[] = {order, words};
    return db_run(db, SQL_ORDER_REFUSED, 2, params, NULL, err);
}

bool order_unsigned(struct db *db, int64_t campaign, const char *scopes, int64_t *count,
                    char why[ORDER_REFUSAL_MAX], struct wg_error *err)
{
    char id[PARAM_NUMBER];
    const char *const params[] = {param_number(id, campaign), scopes};
    PGresult *result = db_query(db, SQL_ORDER_UNSIGNED, 2, params, err);
    if (!result) return false;
    *count = db_int(result, 0, 0);
    db_copy(result, 0, 1, why, ORDER_REFUSAL_MAX);
    PQclear(result);
    return true;
}
