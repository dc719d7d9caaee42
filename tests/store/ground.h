/* ground.h: a migrated, empty database for each case, and the few things every case needs on it.
 * PGHOST and its like say where it is: with_postgres.sh sets them. What fails here ends the case.
 */
#ifndef WG_TESTS_STORE_GROUND_H
#define WG_TESTS_STORE_GROUND_H

#include "orchestrator/store/campaign_row.h"
#include "orchestrator/store/device_row.h"
#include "orchestrator/store/intake.h"
#include "orchestrator/store/migrate.h"
#include "orchestrator/store/place.h"
#include "orchestrator/store/plan_row.h"
#include "tests/unit/harness.h"

#define GROUND_NOW ((wg_time)1764547200000) /* 2025-12-01T00:00:00Z */
#define GROUND_BOOT "b0000000000000000000000000000001"
#define GROUND_JOURNAL "a0000000000000000000000000000001"

struct db *ground_open(void);  /* another connection, as it is */
struct db *ground_fresh(void); /* migrated, every table empty */

void ground_run(struct db *db, const char *format, ...) WG_PRINTF(2, 3);
int64_t ground_number(struct db *db, const char *format, ...) WG_PRINTF(2, 3);
/* The first cell, valid until the next call. */
const char *ground_text(struct db *db, const char *format, ...) WG_PRINTF(2, 3);

/* Items; more can be set on them before they are taken in. */
struct intake_item *ground_items(size_t count); /* zeroed; free it */
void ground_hello(struct intake_item *item, const char *device);
void ground_will(struct intake_item *item, const char *device, const char *boot);
void ground_report(struct intake_item *item, const char *device, int64_t seq, const char *order,
                   enum wg_state state);
/* Takes the items in as one batch; the result is the helper's, valid until the next call. */
const struct intake_result *ground_take(struct db *db, const struct intake_item *items,
                                        size_t count);
/* The acknowledged number of the device in the last answer; -1 when it has none. */
int64_t ground_answer(const struct intake_result *result, const char *device);

void ground_devices(struct db *db, int count); /* dev-000 .., online by a hello */
/* Releases app 2.0.0 and a running campaign of all devices that match, in waves of these sizes. */
int64_t ground_campaign(struct db *db, const char *name, size_t waves, const int64_t *sizes);
int64_t ground_claim(struct db *db, int64_t campaign, size_t wave, int64_t limit, wg_time now);
/* The order id of the device's last attempt. */
void ground_order(struct db *db, int64_t campaign, const char *device, char out[WG_ORDER_ID_MAX]);
const char *ground_state(struct db *db, int64_t campaign, const char *device); /* "failed boot" */
void ground_check_counts(struct db *db); /* the counters equal a recount of the places */

/* Reads a lot and clears it; the caller frees what comes. */
struct order_due *ground_orders(struct order_lot *lot, size_t *count);

#endif
