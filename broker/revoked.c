/* revoked.c: an array that is sorted when it is first asked. */
#include "broker/revoked.h"

#include "common/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool serial_set(struct serial *serial, const uint8_t *bytes, size_t len)
{
    for (; len > 0 && *bytes == 0; bytes++) len--;
    if (len == 0 || len > SERIAL_MAX) return false;
    *serial = (struct serial){.len = (uint8_t)len};
    memcpy(serial->bytes, bytes, len);
    return true;
}

bool serial_parse(struct serial *serial, const char *hex, size_t len)
{
    char lower[2 * SERIAL_MAX + 1];
    uint8_t bytes[SERIAL_MAX];
    if (len == 0 || len % 2 != 0 || len >= sizeof lower) return false;
    for (size_t i = 0; i < len; i++) lower[i] = (char)tolower((unsigned char)hex[i]);
    lower[len] = '\0';
    return wg_unhex(lower, bytes, len / 2) && serial_set(serial, bytes, len / 2);
}

void revoked_init(struct revoked *revoked)
{
    *revoked = (struct revoked){.sorted = true};
}

void revoked_clear(struct revoked *revoked)
{
    free(revoked->items);
    revoked_init(revoked);
}

bool revoked_add(struct revoked *revoked, const struct serial *serial, struct wg_error *err)
{
    if (revoked->count == REVOKED_MAX)
        return wg_fail(err, WG_E_LIMIT, "more than %d revoked certificates", REVOKED_MAX);
    if (revoked->count == revoked->room) {
        size_t room = revoked->room ? 2 * revoked->room : 64;
        struct serial *items = realloc(revoked->items, room * sizeof *items);
        if (!items) return wg_fail_memory(err, "keeping revoked certificates");
        revoked->items = items;
        revoked->room = room;
    }
    revoked->items[revoked->count++] = *serial;
    revoked->sorted = false;
    return true;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct serial));
}

bool revoked_has(struct revoked *revoked, const struct serial *serial)
{
    if (revoked->count == 0) return false;
    if (!revoked->sorted) qsort(revoked->items, revoked->count, sizeof revoked->items[0], compare);
    revoked->sorted = true;
    return bsearch(serial, revoked->items, revoked->count, sizeof revoked->items[0], compare) !=
           NULL;
}
