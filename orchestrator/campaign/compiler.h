/* compiler.h: how the files of this room turn a selector into SQL. Internal to the room. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_COMPILER_H
#define WG_ORCHESTRATOR_CAMPAIGN_COMPILER_H

#include "orchestrator/campaign/target.h"

struct compiler {
    struct target *target;
    struct wg_error *err;
    size_t negations; /* around what is compiled: there what is not known has to stay unknown */
};

/* Takes over text; returns its number, 0 on failure. */
size_t compiler_bind(struct compiler *compiler, char *text);
size_t compiler_bind_number(struct compiler *compiler, int64_t number);
size_t compiler_bind_list(struct compiler *compiler, const struct text_list *list);

/* Appends the condition of one selector that has no children. */
WG_MUST_CHECK bool compile_leaf(struct compiler *compiler, const struct selector *selector,
                                struct wg_buf *sql);
WG_MUST_CHECK bool compile_ware(struct compiler *compiler, const struct selector *selector,
                                struct wg_buf *sql);
WG_MUST_CHECK bool compile_attribute(struct compiler *compiler, const struct selector *selector,
                                     struct wg_buf *sql);
WG_MUST_CHECK bool compile_place(struct compiler *compiler, const struct selector *selector,
                                 struct wg_buf *sql);
/* " and (span or span)" over a column of sort keys; nothing when everything is in. */
WG_MUST_CHECK bool compile_range(struct compiler *compiler, const char *column,
                                 const struct wg_range *range, struct wg_buf *sql);
/* The selector for people. */
void selector_words(const struct selector *selector, struct wg_buf *out);

#endif
