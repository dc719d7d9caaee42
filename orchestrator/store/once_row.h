/* once_row.h: answers to writes that were asked under a key, so that a repeated one is not done
 * again. */
#ifndef WG_ORCHESTRATOR_STORE_ONCE_ROW_H
#define WG_ORCHESTRATOR_STORE_ONCE_ROW_H

#include "orchestrator/store/db.h"

#define ONCE_LIFE WG_DAY
#define ONCE_UNDER_WAY (2 * WG_MINUTE) /* then whoever began is believed to be dead */
#define ONCE_KEY_MAX 128

struct once_row {
    const char *person, *key; /* borrowed, also below */
    const char *request;      /* hash of method, path and body */
};
enum once_state {
    ONCE_FRESH,    /* it is ours to do */
    ONCE_UNDERWAY, /* somebody does it now */
    ONCE_OTHER,    /* the key was used for another request */
    ONCE_ANSWERED
};
struct once_answer {
    unsigned status;
    char type[80];
    char *body; /* owned by the caller: free it */
};

/* Outside a transaction. */
WG_MUST_CHECK bool once_row_begin(struct db *db, const struct once_row *row, wg_time now,
                                  enum once_state *state, struct once_answer *out,
                                  struct wg_error *err);
/* Keeps the answer; body: with NUL. */
WG_MUST_CHECK bool once_row_end(struct db *db, const struct once_row *row, unsigned status,
                                const char *type, const char *body, struct wg_error *err);
/* It was not done: the next one may try. */
WG_MUST_CHECK bool once_row_drop(struct db *db, const struct once_row *row, struct wg_error *err);
WG_MUST_CHECK bool once_row_sweep(struct db *db, wg_time now, struct wg_error *err);

#endif
