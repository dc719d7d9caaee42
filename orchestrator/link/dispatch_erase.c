/* dispatch_erase.c: an erasure that people have asked for becomes an order. */
#include "orchestrator/link/dispatch_erase.h"

#include "orchestrator/store/erasure_row.h"

#include <stdio.h>

static bool send(const struct dispatch *dispatch, const struct erasure_due *due,
                 const struct wg_buf *bytes)
{
    char topic[WG_TOPIC_MAX], counter[24];
    if (!wg_topic_make(WG_TOPIC_DOWN_ORDER, due->order.device, topic) ||
        !dispatch->publish(dispatch->link, "", topic, bytes->data, bytes->len))
        return false;
    (void)snprintf(counter, sizeof counter, "%lld", (long long)due->order.counter);
    wg_log(WG_LOG_INFO, "told to erase its keys", "device", due->order.device, "order",
           due->order.id, "counter", counter, NULL);
    return true;
}

/* The signer refuses, or is away: the others go on. */
static bool refused(const struct dispatch *dispatch, const struct erasure_due *due, wg_time now,
                    struct wg_error *err)
{
    char why[ORDER_REFUSAL_MAX];
    if (err->code != WG_E_DENIED && err->code != WG_E_NETWORK) return false;
    wg_log(WG_LOG_WARN, "erasure not signed", "device", due->order.device, "reason", err->text,
           NULL);
    (void)wg_copy(why, sizeof why, err->text);
    wg_error_clear(err);
    return erasure_row_signed(dispatch->db, due->order.id, why, now, err);
}

static bool send_one(const struct dispatch *dispatch, const struct erasure_due *due, wg_time now,
                     struct wg_error *err)
{
    const struct director_request request = {
        .order = &due->order, .warrant = due->statements, .wave = "", .enrolment = ""};
    struct wg_buf bytes;
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    bool ok = director_sign(dispatch->director, &request, &bytes, err);
    if (!ok)
        ok = refused(dispatch, due, now, err);
    else if (send(dispatch, due, &bytes))
        ok = erasure_row_signed(dispatch->db, due->order.id, "", now, err);
    wg_buf_clear(&bytes);
    return ok || wg_context(err, "erasure of %s", due->order.device);
}

bool dispatch_erasures(const struct dispatch *dispatch, wg_time now, struct wg_error *err)
{
    struct erasure_due *due = NULL;
    size_t count = 0;
    if (!dispatch->connected(dispatch->link)) return true;
    bool ok = erasure_row_take_due(dispatch->db, now, dispatch->settings->order_resend,
                                   dispatch->settings->order_lifetime, &due, &count, err);
    for (size_t i = 0; ok && i < count; i++) ok = send_one(dispatch, &due[i], now, err);
    erasure_due_free(due, count);
    return ok;
}
