/* pages.h: man pages and docs/command.md from the table of commands and words.c. */
#ifndef WG_ORCHESTRATOR_CLI_PAGES_H
#define WG_ORCHESTRATOR_CLI_PAGES_H

#include "common/buf.h"

/* Append; what goes wrong is in out->failed. man(7), for mandoc and groff. */
void pages_man(struct wg_buf *out);                        /* wavegate(1) */
void pages_man_noun(const char *noun, struct wg_buf *out); /* wavegate-NOUN(1) */
void pages_man_exits(struct wg_buf *out);                  /* wavegate-exit-codes(7) */
void pages_markdown(struct wg_buf *out);                   /* docs/command.md */

/* Calls each with the name of every page, "wavegate-device.1". */
bool pages_each(bool (*page)(void *ctx, const char *name, const struct wg_buf *text,
                             struct wg_error *err),
                void *ctx, struct wg_error *err);

#endif
