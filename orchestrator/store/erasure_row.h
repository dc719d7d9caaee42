/* erasure_row.h: devices that are to destroy their keys: who asked, what was told, what they say.
 */
#ifndef WG_ORCHESTRATOR_STORE_ERASURE_ROW_H
#define WG_ORCHESTRATOR_STORE_ERASURE_ROW_H

#include "common/message.h"
#include "orchestrator/store/db.h"

struct erasure_asking { /* borrowed */
    const char *device, *by, *reason;
    const char *statement; /* signed (common/trust/statement.h) */
};
/* *asked: so many people have asked by now. In the caller's transaction. WG_E_NOT_FOUND: there is
 * no such device. */
WG_MUST_CHECK bool erasure_row_ask(struct db *db, const struct erasure_asking *asking, wg_time now,
                                   int64_t *asked, struct wg_error *err);
/* Takes back what is open; *any: something was. */
WG_MUST_CHECK bool erasure_row_drop(struct db *db, const char *device, wg_time now, bool *any,
                                    struct wg_error *err);

struct erasure_due {
    struct wg_order order;
    json_t *statements; /* an array of envelopes; owned */
};
#define ERASURE_DUE_MAX 64
/* Of devices that are there: never sent for their present boot, or not answered for so long. */
WG_MUST_CHECK bool erasure_row_take_due(struct db *db, wg_time now, wg_duration resend,
                                        wg_duration lifetime, struct erasure_due **out,
                                        size_t *count, struct wg_error *err);
void erasure_due_free(struct erasure_due *due, size_t count);
/* The order went out; or why it was not signed. */
WG_MUST_CHECK bool erasure_row_signed(struct db *db, const char *order, const char *why,
                                      wg_time now, struct wg_error *err);

/* What one device says. */
struct erasure_word {
    const char *device; /* borrowed */
    bool done;          /* else it has begun */
    wg_time at;
};
/* At most one word a device. In the caller's transaction. */
WG_MUST_CHECK bool erasure_row_hear(struct db *db, const struct erasure_word *words, size_t count,
                                    struct wg_error *err);

struct erasure_row {
    wg_time asked_at; /* 0: it never was */
    char asked_by[WG_NAME_MAX + 1];
    char reason[WG_DETAIL_MAX + 1];
    char refusal[256]; /* why it is not signed; "" it is, or was not tried yet */
    wg_time told_at, started_at, done_at, dropped_at;
    int64_t asked; /* people */
};
/* The newest of the device. */
WG_MUST_CHECK bool erasure_row_get(struct db *db, const char *device, struct erasure_row *out,
                                   struct wg_error *err);

#endif
