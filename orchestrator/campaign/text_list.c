/* text_list.c: lists of names in a campaign. */
#include "orchestrator/campaign/text_list.h"

#include <stdlib.h>
#include <string.h>

bool text_list_add(struct text_list *list, const char *text)
{
    /* grows when the count reaches a power of two */
    if ((list->count & (list->count - 1)) == 0) {
        size_t cap = list->count ? list->count * 2 : 1;
        char **items = realloc(list->items, cap * sizeof(*items));
        if (!items) return false;
        list->items = items;
    }
    char *copy = strdup(text);
    if (!copy) return false;
    list->items[list->count++] = copy;
    return true;
}

void text_list_clear(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++) free(list->items[i]);
    free(list->items);
    *list = (struct text_list){0};
}

static int by_bytes(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

void text_list_sort(struct text_list *list)
{
    size_t kept = 0;
    if (list->count == 0) return;
    qsort(list->items, list->count, sizeof(*list->items), by_bytes);
    for (size_t i = 1; i < list->count; i++) {
        if (strcmp(list->items[i], list->items[kept]) == 0)
            free(list->items[i]);
        else
            list->items[++kept] = list->items[i];
    }
    /* the room stays that of a larger list, which text_list_add would not know of */
    size_t count = kept + 1, cap = 1;
    while (cap < count) cap *= 2;
    char **items = realloc(list->items, cap * sizeof(*items));
    if (items) list->items = items;
    list->count = count;
}
