/* id_list.h: ids of devices, one a line; empty lines and what follows '#' do not count. */
#ifndef WG_ORCHESTRATOR_REGISTRY_ID_LIST_H
#define WG_ORCHESTRATOR_REGISTRY_ID_LIST_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define ID_LIST_BYTES_MAX ((size_t)80 * 1024 * 1024) /* a million ids of any length */

struct id_list {
    const char **ids; /* owned; the texts are borrowed */
    size_t count, cap;
    int64_t line; /* that is bad */
};

void id_list_init(struct id_list *list);
void id_list_clear(struct id_list *list);
WG_MUST_CHECK bool id_list_add(struct id_list *list, const char *id, struct wg_error *err);
/* All of the text, which is changed and must outlive the list. WG_E_BAD_FILE with the line. */
WG_MUST_CHECK bool id_list_read(struct id_list *list, char *text, struct wg_error *err);

#endif
