/* boots.c: which boot of a device came back, and whether that can be one device's doing. */
#include "orchestrator/store/boots.h"

#include <stdlib.h>
#include <string.h>

static size_t find(const struct boots *boots, const char *boot)
{
    size_t i = 0;
    while (i < boots->before_count && strcmp(boots->before[i].boot, boot) != 0) i++;
    return i;
}

/* The present boot goes to the front of the earlier ones, in the place of number gap or of the
 * oldest. */
static void push(struct boots *boots, size_t gap)
{
    if (!boots->now.boot[0]) return;
    if (gap == boots->before_count && boots->before_count < BOOTS_BEFORE) boots->before_count++;
    if (gap >= BOOTS_BEFORE) gap = BOOTS_BEFORE - 1;
    memmove(&boots->before[1], &boots->before[0], gap * sizeof boots->before[0]);
    boots->before[0] = boots->now;
}

static void enter(struct boots *boots, const char *boot, int64_t link, wg_time received)
{
    boots->now = (struct boot_link){.link = link};
    (void)wg_copy(boots->now.boot, sizeof boots->now.boot, boot);
    boots->at = received;
}

static bool is_believed(struct boots *boots, wg_time received)
{
    bool believed = boots->returns >= BOOTS_RETURNS ||
                    (boots->back_from && received - boots->back_from > BOOTS_LATE);
    if (!believed) return false;
    boots->returns = 1;
    boots->back_from = 0;
    return true;
}

static bool come_back(struct boots *boots, size_t place, int64_t link, wg_time received)
{
    const struct boot_link was = boots->before[place];
    wg_time other_at = boots->at;
    bool copy = link > 0 && link <= was.link;
    bool first = boots->returns == 0;
    push(boots, place);
    enter(boots, was.boot, link > was.link ? link : was.link, received);
    if (boots->returns > 1 && received - other_at > BOOTS_MEMORY) boots->returns = 1;
    if (first || !copy) boots->returns++;
    boots->back_from = first && !copy ? other_at : 0;
    return !copy && is_believed(boots, received);
}

bool boots_hear(struct boots *boots, const char *boot, int64_t link, wg_time received)
{
    if (strcmp(boots->now.boot, boot) == 0) {
        if (link > boots->now.link) boots->now.link = link;
        return is_believed(boots, received);
    }
    size_t place = find(boots, boot);
    if (place < boots->before_count) return come_back(boots, place, link, received);
    push(boots, boots->before_count);
    enter(boots, boot, link, received);
    boots->returns = 0;
    boots->back_from = 0;
    return false;
}

void boots_text(const struct boots *boots, char out[BOOTS_TEXT])
{
    out[0] = '\0';
    for (size_t i = 0; i < boots->before_count; i++) {
        size_t len = strlen(out);
        (void)wg_format(out + len, BOOTS_TEXT - len, "%s%s/%lld", i ? " " : "",
                        boots->before[i].boot, (long long)boots->before[i].link);
    }
}

void boots_parse(struct boots *boots, const char *text)
{
    boots->before_count = 0;
    while (*text && boots->before_count < BOOTS_BEFORE) {
        struct boot_link *out = &boots->before[boots->before_count];
        const char *slash = strchr(text, '/');
        char *end = NULL;
        if (!slash || !wg_copy_n(out->boot, sizeof out->boot, text, (size_t)(slash - text))) return;
        out->link = strtoll(slash + 1, &end, 10);
        if (end == slash + 1 || (*end && *end != ' ')) return;
        boots->before_count++;
        text = *end ? end + 1 : end;
    }
}
