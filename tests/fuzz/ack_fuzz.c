/* ack_fuzz.c: what is committed, and may it switch over: what was taken from the wire is written
 * back and read again as the same. */
#include "common/message.h"
#include "tests/fuzz/target.h"

static void same(const struct wg_ack *a, const struct wg_ack *b)
{
    SAME_TEXT(a->journal, b->journal);
    SAME_NUMBER(a->seq, b->seq);
    SAME_TEXT(a->order, b->order);
    SAME_NUMBER(a->go, b->go);
    SAME_NUMBER(a->link, b->link);
    SAME_TEXT(a->boot, b->boot);
    MUST(!a->go || a->order[0], "go without an order");
}

static void write_back(const struct wg_ack *ack, struct wg_buf *out)
{
    struct wg_error err = {0};
    wg_buf_init(out, WG_MESSAGE_MAX);
    MUST(wg_ack_encode(ack, out, &err), "%s", err.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_ack ack, again;
    struct wg_error err = {0};
    struct wg_buf first, second;
    if (!wg_ack_decode((const char *)data, size, &ack, &err)) {
        target_refused(&err);
        return 0;
    }
    write_back(&ack, &first);
    MUST(wg_ack_decode(first.data, first.len, &again, &err), "%s: %s", err.text, first.data);
    same(&ack, &again);
    write_back(&again, &second);
    target_same(&second, &first, "ack");
    wg_buf_clear(&first);
    wg_buf_clear(&second);
    return 0;
}
