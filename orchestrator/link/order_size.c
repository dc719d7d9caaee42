/* order_size.c: what an order can do without. */
#include "orchestrator/link/order_size.h"

static bool measure(const struct wg_order *order, const json_t *warrant, size_t *out,
                    struct wg_error *err)
{
    json_t *body = wg_order_make(order, warrant, err);
    if (!body) return false;
    *out = json_dumpb(body, NULL, 0, JSON_COMPACT);
    json_decref(body);
    return true;
}

static void leave_out_least(struct wg_order *order)
{
    size_t least = 0;
    for (size_t i = 1; i < order->form_count; i++)
        if (wg_order_saving(order, &order->forms[i]) < wg_order_saving(order, &order->forms[least]))
            least = i;
    order->forms[least] = order->forms[--order->form_count];
}

bool order_size_fit(struct wg_order *order, const json_t *warrant, size_t most,
                    struct wg_error *err)
{
    size_t size = 0;
    if (order->companion_count == 0 && order->form_count == 0) return true;
    if (!measure(order, warrant, &size, err)) return false;
    while (size > most && order->form_count > 0) {
        leave_out_least(order);
        if (!measure(order, warrant, &size, err)) return false;
    }
    return size <= most ||
           wg_fail(err, WG_E_DENIED, "the order would have %zu bytes, a message holds %zu", size,
                   most);
}
