/* agenda.c: a binary heap. */
#include "tests/sim/agenda.h"

#include <stdlib.h>

void agenda_init(struct agenda *agenda)
{
    *agenda = (struct agenda){0};
}

void agenda_clear(struct agenda *agenda)
{
    for (size_t i = 0; i < agenda->count; i++) free(agenda->heap[i].bytes);
    free(agenda->heap);
    agenda_init(agenda);
}

static bool is_before(const struct event *a, const struct event *b)
{
    return a->at != b->at ? a->at < b->at : a->turn < b->turn;
}

static void swap(struct event *a, struct event *b)
{
    struct event held = *a;
    *a = *b;
    *b = held;
}

static bool grow(struct agenda *agenda)
{
    if (agenda->count < agenda->room) return true;
    size_t room = agenda->room ? agenda->room * 2 : 256;
    struct event *heap = realloc(agenda->heap, room * sizeof *heap);
    if (!heap) return false;
    agenda->heap = heap;
    agenda->room = room;
    return true;
}

void agenda_add(struct agenda *agenda, const struct event *event)
{
    if (!grow(agenda)) {
        agenda->failed = true;
        free(event->bytes);
        return;
    }
    size_t at = agenda->count++;
    agenda->heap[at] = *event;
    agenda->heap[at].turn = agenda->turn++;
    for (size_t up; at > 0 && (up = (at - 1) / 2, is_before(&agenda->heap[at], &agenda->heap[up]));
         at = up)
        swap(&agenda->heap[at], &agenda->heap[up]);
}

wg_time agenda_next(const struct agenda *agenda)
{
    return agenda->count ? agenda->heap[0].at : 0;
}

struct event agenda_take(struct agenda *agenda)
{
    struct event first = agenda->heap[0];
    agenda->heap[0] = agenda->heap[--agenda->count];
    for (size_t at = 0;;) {
        size_t least = at, left = 2 * at + 1;
        for (size_t child = left; child < left + 2 && child < agenda->count; child++)
            if (is_before(&agenda->heap[child], &agenda->heap[least])) least = child;
        if (least == at) return first;
        swap(&agenda->heap[at], &agenda->heap[least]);
        at = least;
    }
}
