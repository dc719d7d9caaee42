/* order_check.c: judges an order against what the device knows of itself. */
#include "agent/core/order_check.h"

#include <inttypes.h>
#include <string.h>

static enum order_verdict judge_dates(const struct order_check *known, const struct wg_order *order)
{
    if (known->wall == 0) return ORDER_FITS;
    if (known->wall < order->not_before - CORE_CLOCK_SKEW) return ORDER_EARLY;
    return known->wall > order->expires + CORE_CLOCK_SKEW ? ORDER_EXPIRED : ORDER_FITS;
}

static enum order_verdict judge_release(const struct order_check *known,
                                        const struct wg_order *order)
{
    if (order->kind != WG_ORDER_INSTALL) return ORDER_FITS;
    if (order->hardware_model[0] && strcmp(order->hardware_model, known->hardware_model) != 0)
        return ORDER_UNFIT;
    return order->timeout_probation <= known->soak ? ORDER_HOPELESS : ORDER_FITS;
}

static enum order_verdict judge(const struct order_check *known, const struct wg_order *order)
{
    if (strcmp(order->device, known->device) != 0) return ORDER_OTHER_DEVICE;
    if (order->counter <= known->counter) return ORDER_STALE;
    if (strcmp(order->boot, known->boot) != 0) return ORDER_OTHER_BOOT;
    enum order_verdict dates = judge_dates(known, order);
    return dates != ORDER_FITS ? dates : judge_release(known, order);
}

static void say_date(char *out, size_t size, const char *what, wg_time date, wg_time wall)
{
    char then[WG_TIME_TEXT], now[WG_TIME_TEXT];
    wg_time_text(date, then);
    wg_time_text(wall, now);
    (void)wg_format(out, size, "%s %s, this device's clock says %s", what, then, now);
}

static void say(const struct order_check *known, const struct wg_order *order,
                enum order_verdict verdict, char *out, size_t size)
{
    char limit[WG_TIME_TEXT], soak[WG_TIME_TEXT];
    out[0] = '\0';
    switch (verdict) {
    case ORDER_OTHER_DEVICE:
        (void)wg_format(out, size, "names device %s, this is %s", order->device, known->device);
        break;
    case ORDER_STALE:
        (void)wg_format(out, size, "counter %" PRId64 " is not greater than %" PRId64,
                        order->counter, known->counter);
        break;
    case ORDER_OTHER_BOOT:
        (void)wg_format(out, size, "is for boot %s, this is boot %s", order->boot, known->boot);
        break;
    case ORDER_EARLY:
        say_date(out, size, "not valid before", order->not_before, known->wall);
        break;
    case ORDER_EXPIRED:
        say_date(out, size, "expired", order->expires, known->wall);
        break;
    case ORDER_UNFIT:
        (void)wg_format(out, size, "the artifact fits hardware %s, this is %s",
                        order->hardware_model, known->hardware_model);
        break;
    case ORDER_HOPELESS:
        wg_duration_text(order->timeout_probation, limit);
        wg_duration_text(known->soak, soak);
        (void)wg_format(out, size,
                        "timeout.probation is %s; this device needs more than its soak time of %s",
                        limit, soak);
        break;
    case ORDER_FITS:
    case ORDER_VERDICTS:
        break;
    }
}

void order_judge(const struct order_check *known, const struct wg_order *order,
                 struct order_judgement *out)
{
    out->verdict = judge(known, order);
    say(known, order, out->verdict, out->text, sizeof out->text);
}

enum wg_cause order_verdict_cause(enum order_verdict verdict)
{
    static const enum wg_cause causes[ORDER_VERDICTS] = {
        [ORDER_EARLY] = WG_CAUSE_REFUSED,
        [ORDER_EXPIRED] = WG_CAUSE_REFUSED,
        [ORDER_UNFIT] = WG_CAUSE_INCOMPATIBLE,
        [ORDER_HOPELESS] = WG_CAUSE_REFUSED,
    };
    return (unsigned)verdict < ORDER_VERDICTS ? causes[verdict] : WG_CAUSE_NONE;
}

bool order_is_open(const struct core_config *config, const struct wg_order *order, wg_time wall,
                   char *why, size_t size)
{
    const struct wg_windows *windows = &order->windows;
    char words[WG_WINDOWS_WORDS];
    if (windows->count == 0 || wall == 0) return true;
    const char *zone = windows->kind == WG_WINDOW_DEVICE ? "" : windows->zone;
    const struct wg_tz *tz = config->tz ? config->tz(config->tz_ctx, zone) : NULL;
    if (!tz) {
        (void)wg_format(why, size, "its window cannot be judged: %s%s is not known here",
                        zone[0] ? "time zone " : "the device's own time zone", zone);
        return false;
    }
    if (wg_windows_open(windows, tz, wall)) return true;
    wg_windows_words(windows, tz, wall, words);
    (void)wg_format(why, size, "outside its window, %s", words);
    return false;
}
