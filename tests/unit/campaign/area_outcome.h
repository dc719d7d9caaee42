/* area_outcome.h: what becomes of an area as it is written: for tables of examples. */
#ifndef WG_TESTS_UNIT_CAMPAIGN_AREA_OUTCOME_H
#define WG_TESTS_UNIT_CAMPAIGN_AREA_OUTCOME_H

#include "orchestrator/campaign/area.h"
#include "tests/unit/harness.h"

#include <stdlib.h>
#include <string.h>

#define AREA_OUTCOME_MAX ((size_t)4 * 1024 * 1024)
#define POLYGON(rings) "{\"type\": \"Polygon\", \"coordinates\": [" rings "]}"
#define SQUARE "[[0,0],[9,0],[9,9],[0,9],[0,0]]"
#define MULTI(text) "MULTIPOLYGON (" text ")"

/* The canonical text, or the problems as a person sees them; owned by the caller. */
static inline char *outcome(const char *bytes, size_t len)
{
    struct yaml_doc doc;
    struct wg_error err = {0};
    struct wg_buf text;
    struct area *area = NULL;
    wg_buf_init(&text, AREA_OUTCOME_MAX);
    if (yaml_doc_parse(&doc, "a", bytes, len, &err)) area = area_read(&doc, doc.root);
    if (area) {
        CU_ASSERT_TRUE(area_wkt(area, &text, &err));
    } else {
        (void)yaml_doc_fail(&doc, &err);
        wg_buf_text(&text, err.text);
    }
    CU_ASSERT_EQUAL(area == NULL, doc.problem_count > 0);
    yaml_doc_clear(&doc);
    area_free(area);
    return wg_buf_take(&text);
}

struct example {
    const char *bytes, *expected;
};

/* Each good text reads back to itself, too. */
static inline void check(const struct example *examples, size_t count, bool good)
{
    for (size_t i = 0; i < count; i++) {
        char *text = outcome(examples[i].bytes, strlen(examples[i].bytes));
        ASSERT_TEXT(text, examples[i].expected);
        char *again = good && text ? outcome(text, strlen(text)) : NULL;
        if (good) ASSERT_TEXT(again, examples[i].expected);
        free(again);
        free(text);
    }
}

#define CHECK(examples, good) check(examples, sizeof(examples) / sizeof *(examples), good)

#endif
