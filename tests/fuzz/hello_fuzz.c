/* hello_fuzz.c: what a device says of itself, and its Last Will: what was taken from the wire is
 * written back and read again as the same. */
#include "common/message.h"
#include "tests/fuzz/target.h"

#include <math.h>

#define ROUNDED 1e-12 /* degrees that the 15 digits on the wire may be off */
#define ROUNDED_SHARE 1e-14

/* Rounded to 15 digits, or to what the smallest numbers have. */
static void same_metrics(const struct wg_hello *a, const struct wg_hello *b)
{
    SAME_NUMBER(a->metric_count, b->metric_count);
    for (size_t i = 0; i < a->metric_count; i++) {
        double one = a->metrics[i].value, other = b->metrics[i].value;
        SAME_TEXT(a->metrics[i].name, b->metrics[i].name);
        MUST(fabs(one - other) <= fabs(one) * ROUNDED_SHARE, "%.17g, before %.17g", other, one);
    }
}

static void same(const struct wg_hello *a, const struct wg_hello *b)
{
    SAME_NUMBER(a->online, b->online);
    SAME_TEXT(a->boot, b->boot);
    if (!a->online) return;
    SAME_TEXT(a->journal, b->journal);
    SAME_NUMBER(a->seq, b->seq);
    SAME_TEXT(a->agent, b->agent);
    SAME_TEXT(a->hardware_model, b->hardware_model);
    SAME_TEXT(a->hardware_revision, b->hardware_revision);
    SAME_TEXT(a->slot, b->slot);
    SAME_TEXT(a->zone, b->zone);
    SAME_TEXT(a->region, b->region);
    SAME_NUMBER(a->has_position, b->has_position);
    if (a->has_position)
        MUST(fabs(a->lat - b->lat) < ROUNDED && fabs(a->lon - b->lon) < ROUNDED,
             "%.17g %.17g, before %.17g %.17g", b->lat, b->lon, a->lat, a->lon);
    SAME_NUMBER(a->component_count, b->component_count);
    for (size_t i = 0; i < a->component_count; i++) {
        SAME_TEXT(a->components[i].name, b->components[i].name);
        SAME_TEXT(a->components[i].version, b->components[i].version);
    }
    SAME_TEXT(a->attributes, b->attributes);
    same_metrics(a, b);
}

static void write_back(const struct wg_hello *hello, struct wg_buf *out)
{
    struct wg_error err = {0};
    wg_buf_init(out, WG_MESSAGE_MAX);
    MUST(wg_hello_encode(hello, out, &err), "%s", err.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_hello hello, again;
    struct wg_error err = {0};
    struct wg_buf first, second;
    if (!wg_hello_decode((const char *)data, size, &hello, &err)) {
        target_refused(&err);
        return 0;
    }
    write_back(&hello, &first);
    MUST(wg_hello_decode(first.data, first.len, &again, &err), "%s: %s", err.text, first.data);
    same(&hello, &again);
    write_back(&again, &second);
    target_same(&second, &first, "hello");
    wg_buf_clear(&first);
    wg_buf_clear(&second);
    return 0;
}
