/* params.h: numbers as the text parameters of a statement. Internal to the room. */
#ifndef WG_ORCHESTRATOR_STORE_PARAMS_H
#define WG_ORCHESTRATOR_STORE_PARAMS_H

#include "common/buf.h"

#include <stdint.h>

#define PARAM_NUMBER 24

/* Writes the number into out and returns out. */
const char *param_number(char out[PARAM_NUMBER], int64_t number);

/* An array literal that grows element by element; every element quoted. */
struct param_array {
    struct wg_buf text;
};
void param_array_init(struct param_array *array);
void param_array_add(struct param_array *array, const char *text); /* NULL: SQL null */
void param_array_number(struct param_array *array, int64_t number);
/* Closes it; the text belongs to the array. */
const char *param_array_text(struct param_array *array);
WG_MUST_CHECK bool param_array_check(const struct param_array *array, struct wg_error *err);
void param_array_clear(struct param_array *array);

#endif
