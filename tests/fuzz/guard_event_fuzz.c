/* guard_event_fuzz.c: what the broker's guard tells: what was taken from the wire is written back
 * and read again as the same. */
#include "common/message_guard.h"
#include "tests/fuzz/target.h"

static void same(const struct wg_guard_event *a, const struct wg_guard_event *b)
{
    SAME_TEXT(a->device, b->device);
    SAME_NUMBER(a->kind, b->kind);
    SAME_NUMBER(a->count, b->count);
    SAME_NUMBER(a->lost, b->lost);
    SAME_NUMBER(a->at, b->at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_guard_event event, again;
    struct wg_error err = {0};
    struct wg_buf out;
    if (!wg_guard_event_decode((const char *)data, size, &event, &err)) {
        target_refused(&err);
        return 0;
    }
    wg_buf_init(&out, WG_MESSAGE_MAX);
    MUST(wg_guard_event_encode(&event, &out, &err), "%s", err.text);
    MUST(wg_guard_event_decode(out.data, out.len, &again, &err), "%s: %s", err.text, out.data);
    same(&event, &again);
    wg_buf_clear(&out);
    return 0;
}
