/* view.c: the same numbers as a picture and as a line. */
#include "tests/sim/fleet/view.h"

#include <inttypes.h>

#define BAR 50
#define HOME_AND_CLEAR "\033[H\033[J"

static double rate(uint64_t now, uint64_t before, double seconds)
{
    return seconds > 0 ? (double)(now - before) / seconds : 0;
}

static void add_head(const struct view *view, const struct tally *tally, uint64_t elapsed,
                     struct wg_buf *out)
{
    double seconds = (double)(elapsed - view->elapsed) / 1e6;
    wg_buf_printf(out,
                  "%6.1f s  %" PRIu64 "/%" PRIu64 " connected  %.0f up/s  %.0f down/s  %" PRIu64
                  " wait  %" PRIu64 " errors",
                  (double)elapsed / 1e6, tally->connected, tally->devices,
                  rate(tally->counts[TALLY_MESSAGES_OUT], view->out, seconds),
                  rate(tally->counts[TALLY_MESSAGES_IN], view->in, seconds), tally->pending,
                  tally_errors(tally));
}

static const char *state_text(size_t state)
{
    return state == WG_WAITING ? "no order" : wg_state_text((enum wg_state)state);
}

static void add_line(const struct tally *tally, struct wg_buf *out)
{
    for (size_t i = 0; i < WG_STATES; i++)
        if (tally->states[i] > 0)
            wg_buf_printf(out, "  %s %" PRIu64, state_text(i), tally->states[i]);
    wg_buf_char(out, '\n');
}

static void add_time(const struct tally *tally, enum tally_time time, const char *what,
                     struct wg_buf *out)
{
    const struct histogram *times = &tally->times[time];
    wg_buf_printf(out, "  %-26s p50 %8.1f ms  p99 %8.1f ms  max %8.1f ms\n", what,
                  (double)histogram_percentile(times, 50) / 1000,
                  (double)histogram_percentile(times, 99) / 1000, (double)times->most / 1000);
}

static void add_picture(const struct tally *tally, struct wg_buf *out)
{
    wg_buf_text(out, "\n\n");
    for (size_t i = 0; i < WG_STATES; i++) {
        uint64_t bar = tally->devices ? tally->states[i] * BAR / tally->devices : 0;
        if (tally->states[i] == 0) continue;
        wg_buf_printf(out, "  %-12s %8" PRIu64 " ", state_text(i), tally->states[i]);
        for (uint64_t k = 0; k < bar || k < 1; k++) wg_buf_char(out, '#');
        wg_buf_char(out, '\n');
    }
    wg_buf_printf(out, "\n  %" PRIu64 " orders, %" PRIu64 " reports, %" PRIu64 " acknowledged\n",
                  tally->counts[TALLY_ORDERS], tally->counts[TALLY_REPORTS],
                  tally->counts[TALLY_ACKNOWLEDGED]);
    add_time(tally, TALLY_ORDER_REPORT, "order to first report", out);
    add_time(tally, TALLY_ORDER_ACK, "order to acknowledgement", out);
    add_time(tally, TALLY_REPORT_ACK, "report to acknowledgement", out);
    for (size_t i = TALLY_ERROR_CONNECT; i < TALLY_COUNTS; i++)
        if (tally->counts[i] > 0)
            wg_buf_printf(out, "  error %s: %" PRIu64 "\n", tally_count_text((enum tally_count)i),
                          tally->counts[i]);
}

void view_add(struct view *view, const struct tally *tally, uint64_t elapsed, struct wg_buf *out)
{
    if (view->picture) wg_buf_text(out, HOME_AND_CLEAR);
    add_head(view, tally, elapsed, out);
    if (view->picture)
        add_picture(tally, out);
    else
        add_line(tally, out);
    view->drawn = true;
    view->elapsed = elapsed;
    view->in = tally->counts[TALLY_MESSAGES_IN];
    view->out = tally->counts[TALLY_MESSAGES_OUT];
}
