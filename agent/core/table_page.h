/* table_page.h: the state machine as a page for people, docs/agent-states.md, from the table that
 * runs it. */
#ifndef WG_AGENT_CORE_TABLE_PAGE_H
#define WG_AGENT_CORE_TABLE_PAGE_H

#include "common/buf.h"

/* Markdown, appended to out. */
WG_MUST_CHECK bool table_page(struct wg_buf *out, struct wg_error *err);

#endif
