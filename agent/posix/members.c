/* members.c: what an order brings. */
#include "agent/posix/members.h"

#include "common/text.h"

static void fill(struct slot_release *out, const char *component, const char *version,
                 const char *sha256, int64_t length)
{
    *out = (struct slot_release){.length = length};
    (void)wg_copy(out->component, sizeof out->component, component);
    (void)wg_copy(out->version, sizeof out->version, version);
    (void)wg_copy(out->sha256, sizeof out->sha256, sha256);
}

static void fill_companion(struct slot_release *out, const struct wg_order *order,
                           const struct core_release *release, size_t companion)
{
    const struct wg_order_companion *named = &order->companions[companion];
    fill(out, named->component, named->version, release->companions[companion].sha256,
         release->companions[companion].length);
}

void members_init(struct members *members, const struct wg_order *order,
                  const struct core_release *release)
{
    members->count = 1;
    members->numbers[0] = 0;
    if (!release) {
        fill(&members->releases[0], order->component, order->version, order->sha256, order->length);
        return;
    }
    members->count = release->companion_count + 1;
    for (size_t i = 0; i < members->count; i++) {
        size_t number = members->count > 1 ? release->sequence[i] : 0;
        members->numbers[i] = number;
        if (number > 0)
            fill_companion(&members->releases[i], order, release, number - 1);
        else
            fill(&members->releases[i], order->component, order->version, release->sha256,
                 release->length);
    }
}
