/* clause_row.h: which conditions of a compiled target hold for one device now. */
#ifndef WG_ORCHESTRATOR_STORE_CLAUSE_ROW_H
#define WG_ORCHESTRATOR_STORE_CLAUSE_ROW_H

#include "orchestrator/store/db.h"

#include <stdbool.h>

enum clause_answer { CLAUSE_HOLDS_NOT, CLAUSE_HOLDS, CLAUSE_NOT_KNOWN };

struct clause_query { /* borrowed */
    size_t count;
    const char *const *clauses; /* SQL conditions over "device d"; all of params are used */
    size_t param_count;
    const char *const *params;
};

/* answers: as many as there are clauses. WG_E_NOT_FOUND: there is no such device. */
WG_MUST_CHECK bool clause_row_answers(struct db *db, const struct clause_query *query,
                                      const char *device, enum clause_answer *answers,
                                      struct wg_error *err);

#endif
