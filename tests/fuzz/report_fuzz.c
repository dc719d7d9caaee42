/* report_fuzz.c: how far a device is: what was taken from the wire is written back and read again
 * as the same. */
#include "common/message.h"
#include "tests/fuzz/target.h"

static void same(const struct wg_report *a, const struct wg_report *b)
{
    SAME_TEXT(a->journal, b->journal);
    SAME_NUMBER(a->seq, b->seq);
    SAME_TEXT(a->order, b->order);
    SAME_TEXT(a->campaign, b->campaign);
    SAME_NUMBER(a->attempt, b->attempt);
    SAME_NUMBER(a->state, b->state);
    SAME_NUMBER(a->cause, b->cause);
    SAME_TEXT(a->detail, b->detail);
    SAME_NUMBER(a->bytes, b->bytes);
    SAME_NUMBER(a->bytes_total, b->bytes_total);
    SAME_NUMBER(a->at, b->at);
    SAME_NUMBER(a->component_count, b->component_count);
    for (size_t i = 0; i < a->component_count; i++) {
        SAME_TEXT(a->components[i].name, b->components[i].name);
        SAME_TEXT(a->components[i].version, b->components[i].version);
    }
}

static void write_back(const struct wg_report *report, struct wg_buf *out)
{
    struct wg_error err = {0};
    wg_buf_init(out, WG_MESSAGE_MAX);
    MUST(wg_report_encode(report, out, &err), "%s", err.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_report report, again;
    struct wg_error err = {0};
    struct wg_buf first, second;
    if (!wg_report_decode((const char *)data, size, &report, &err)) {
        target_refused(&err);
        return 0;
    }
    write_back(&report, &first);
    MUST(wg_report_decode(first.data, first.len, &again, &err), "%s: %s", err.text, first.data);
    same(&report, &again);
    write_back(&again, &second);
    target_same(&second, &first, "report");
    wg_buf_clear(&first);
    wg_buf_clear(&second);
    return 0;
}
