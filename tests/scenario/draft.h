/* draft.h: campaign files in short form, completed and written out. */
#ifndef WG_TESTS_SCENARIO_DRAFT_H
#define WG_TESTS_SCENARIO_DRAFT_H

#include "common/buf.h"
#include "common/text.h"
#include "orchestrator/yaml/yaml_doc.h"

#define DRAFTS_MAX 8
#define DRAFT_KEYS_MAX 24

/* Keys and values are the document's. */
struct draft {
    char name[WG_NAME_MAX + 1];
    size_t count;
    const char *keys[DRAFT_KEYS_MAX];
    const struct yaml_value *values[DRAFT_KEYS_MAX];
};

struct drafts {
    size_t count;
    struct draft items[DRAFTS_MAX];
};

struct draft *drafts_find(struct drafts *drafts, const char *name);
/* A new one of a map with the key "campaign"; NULL: what is wrong became a problem. */
struct draft *drafts_add(struct drafts *drafts, struct yaml_doc *doc, const struct yaml_value *map);
/* Keys of the map replace those of the draft; "none" alone takes one out. */
void draft_change(struct draft *draft, struct yaml_doc *doc, const struct yaml_value *map);
/* Appends the whole file, as YAML in one line. */
void draft_text(const struct draft *draft, struct wg_buf *out);

#endif
