/* parse.h: JSON of a test as a value. */
#ifndef WG_TESTS_UNIT_PEOPLE_PARSE_H
#define WG_TESTS_UNIT_PEOPLE_PARSE_H

#include "common/json.h"
#include "tests/unit/harness.h"

#include <string.h>

static inline json_t *parse(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    return value;
}

/* The canonical text, valid until the next call; takes the value over. */
static inline const char *text_of(json_t *value)
{
    static char text[16384];
    struct wg_buf out;
    struct wg_error err = {0};
    wg_buf_init(&out, sizeof text - 1);
    ASSERT_OK(value && wg_json_canonical(value, &out, &err), &err);
    memcpy(text, wg_buf_str(&out), out.len + 1);
    wg_buf_clear(&out);
    json_decref(value);
    return text;
}

#endif
