/* id_list.c: lines to ids. */
#include "orchestrator/registry/id_list.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>

void id_list_init(struct id_list *list)
{
    *list = (struct id_list){.ids = NULL};
}

void id_list_clear(struct id_list *list)
{
    free(list->ids);
    id_list_init(list);
}

bool id_list_add(struct id_list *list, const char *id, struct wg_error *err)
{
    if (list->count == list->cap) {
        size_t cap = list->cap > 0 ? list->cap * 2 : 64;
        const char **ids = realloc(list->ids, cap * sizeof *ids);
        if (!ids) return wg_fail_memory(err, "reading device ids");
        list->ids = ids;
        list->cap = cap;
    }
    list->ids[list->count++] = id;
    return true;
}

bool id_list_read(struct id_list *list, char *text, struct wg_error *err)
{
    char *rest = text;
    for (list->line = 1; rest && *rest; list->line++) {
        char *id = strsep(&rest, "\n");
        id[strcspn(id, "#")] = '\0';
        id += strspn(id, " \t\r");
        id[strcspn(id, " \t\r")] = '\0';
        if (!*id) continue;
        if (!wg_name_is_valid(id))
            return wg_fail(err, WG_E_BAD_FILE, "\"%.80s\" is no device id", id);
        if (!id_list_add(list, id, err)) return false;
    }
    return true;
}
