/* tally.c: numbers added up, and as words. */
#include "tests/sim/fleet/tally.h"

#include <inttypes.h>

#define MILLION 1000000.0

static const double percentiles[] = {50, 95, 99};
static const char *const percentile_names[] = {"p50", "p95", "p99"};
#define PERCENTILES (sizeof percentiles / sizeof percentiles[0])

const char *tally_count_text(enum tally_count count)
{
    static const char *const texts[TALLY_COUNTS] = {
        [TALLY_CONNECTS] = "connects",
        [TALLY_RECONNECTS] = "reconnects",
        [TALLY_DROPPED] = "dropped",
        [TALLY_HELLOS] = "hellos_sent",
        [TALLY_REPORTS_SENT] = "reports_sent",
        [TALLY_PROGRESS] = "progress_sent",
        [TALLY_AGAIN] = "reports_sent_again",
        [TALLY_REPORTS] = "reports",
        [TALLY_ACKNOWLEDGED] = "reports_acknowledged",
        [TALLY_PUBACKS] = "pubacks",
        [TALLY_ORDERS] = "orders",
        [TALLY_ORDERS_AGAIN] = "orders_again",
        [TALLY_ACKS] = "acks",
        [TALLY_MESSAGES_IN] = "messages_in",
        [TALLY_MESSAGES_OUT] = "messages_out",
        [TALLY_BYTES_IN] = "bytes_in",
        [TALLY_BYTES_OUT] = "bytes_out",
        [TALLY_LOST_IN] = "lost_in",
        [TALLY_LOST_OUT] = "lost_out",
        [TALLY_REBOOTS] = "reboots",
        [TALLY_ERROR_CONNECT] = "connect",
        [TALLY_ERROR_REFUSED] = "refused",
        [TALLY_ERROR_BROKEN] = "broken",
        [TALLY_ERROR_DENIED] = "denied",
        [TALLY_ERROR_PUBLISH] = "publish",
        [TALLY_ERROR_MESSAGE] = "message",
    };
    return texts[count];
}

const char *tally_time_text(enum tally_time time)
{
    static const char *const texts[TALLY_TIMES] = {
        [TALLY_CONNECT] = "connect",
        [TALLY_HELLO] = "hello_to_ack",
        [TALLY_ISSUE_ORDER] = "issue_to_order",
        [TALLY_ORDER_REPORT] = "order_to_report",
        [TALLY_ORDER_ACK] = "order_to_ack",
        [TALLY_REPORT_PUBACK] = "report_to_puback",
        [TALLY_REPORT_ACK] = "report_to_ack",
    };
    return texts[time];
}

static void add(uint64_t *into, const uint64_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++) into[i] += from[i];
}

void tally_merge(struct tally *into, const struct tally *from)
{
    into->devices += from->devices;
    into->connected += from->connected;
    into->hung += from->hung;
    into->asleep += from->asleep;
    into->pending += from->pending;
    into->told += from->told;
    into->ordered += from->ordered;
    into->memory_empty += from->memory_empty;
    into->memory += from->memory;
    into->cpu += from->cpu;
    add(into->states, from->states, WG_STATES);
    add(into->causes, from->causes, WG_CAUSES);
    add(into->counts, from->counts, TALLY_COUNTS);
    for (size_t i = 0; i < TALLY_TIMES; i++) histogram_merge(&into->times[i], &from->times[i]);
}

uint64_t tally_errors(const struct tally *tally)
{
    uint64_t sum = 0;
    for (size_t i = TALLY_ERROR_CONNECT; i < TALLY_COUNTS; i++) sum += tally->counts[i];
    return sum;
}

static double memory_each(const struct tally *tally)
{
    if (tally->devices == 0 || tally->memory < tally->memory_empty) return 0;
    return (double)(tally->memory - tally->memory_empty) / (double)tally->devices;
}

static void add_states(const struct tally *tally, struct wg_buf *out)
{
    wg_buf_printf(out,
                  "devices   %" PRIu64 ": %" PRIu64 " connected, %" PRIu64 " hung, %" PRIu64
                  " asleep; %" PRIu64 " reports wait\n",
                  tally->devices, tally->connected, tally->hung, tally->asleep, tally->pending);
    for (size_t i = 0; i < WG_STATES; i++)
        if (tally->states[i] > 0)
            wg_buf_printf(out, "  %-12s %10" PRIu64 "\n",
                          i == WG_WAITING ? "no order" : wg_state_text((enum wg_state)i),
                          tally->states[i]);
    for (size_t i = 1; i < WG_CAUSES; i++)
        if (tally->causes[i] > 0)
            wg_buf_printf(out, "  of them because of %-12s %10" PRIu64 "\n",
                          wg_cause_text((enum wg_cause)i), tally->causes[i]);
}

static void add_times(const struct tally *tally, struct wg_buf *out)
{
    wg_buf_printf(out, "latency, ms %20s %10s %10s %10s %10s\n", "count", "p50", "p95", "p99",
                  "max");
    for (size_t i = 0; i < TALLY_TIMES; i++) {
        const struct histogram *times = &tally->times[i];
        if (times->count == 0) continue;
        wg_buf_printf(out, "  %-18s %11" PRIu64, tally_time_text((enum tally_time)i), times->count);
        for (size_t p = 0; p < PERCENTILES; p++)
            wg_buf_printf(out, " %10.1f",
                          (double)histogram_percentile(times, percentiles[p]) / 1000);
        wg_buf_printf(out, " %10.1f\n", (double)times->most / 1000);
    }
}

void tally_text(const struct tally *tally, uint64_t elapsed, struct wg_buf *out)
{
    double seconds = (double)elapsed / MILLION;
    add_states(tally, out);
    add_times(tally, out);
    wg_buf_text(out, "counted\n");
    for (size_t i = 0; i < TALLY_ERROR_CONNECT; i++)
        wg_buf_printf(out, "  %-22s %10" PRIu64 "\n", tally_count_text((enum tally_count)i),
                      tally->counts[i]);
    wg_buf_printf(out, "errors    %" PRIu64 "\n", tally_errors(tally));
    for (size_t i = TALLY_ERROR_CONNECT; i < TALLY_COUNTS; i++)
        if (tally->counts[i] > 0)
            wg_buf_printf(out, "  %-22s %10" PRIu64 "\n", tally_count_text((enum tally_count)i),
                          tally->counts[i]);
    wg_buf_printf(out, "cost      %.1f s, %.1f s of processor time, %.1f kB resident a device\n",
                  seconds, (double)tally->cpu / MILLION, memory_each(tally) / 1000);
}

static json_t *times_json(const struct histogram *times)
{
    json_t *found = json_pack("{s:I}", "count", (json_int_t)times->count);
    bool ok = found != NULL;
    for (size_t p = 0; ok && p < PERCENTILES; p++)
        ok = json_object_set_new(
                 found, percentile_names[p],
                 json_real((double)histogram_percentile(times, percentiles[p]) / 1000)) == 0;
    double mean = times->count ? (double)times->sum / (double)times->count / 1000 : 0;
    if (ok && json_object_set_new(found, "max", json_real((double)times->most / 1000)) == 0 &&
        json_object_set_new(found, "mean", json_real(mean)) == 0)
        return found;
    json_decref(found);
    return NULL;
}

static bool set_number(json_t *object, const char *name, uint64_t number)
{
    return json_object_set_new(object, name, json_integer((json_int_t)number)) == 0;
}

/* counts from..to-1 as an object under that name. */
static bool set_counts(json_t *object, const char *name, const struct tally *tally, size_t from,
                       size_t to)
{
    json_t *counts = json_object();
    bool ok = json_object_set_new(object, name, counts) == 0;
    for (size_t i = from; ok && i < to; i++)
        ok = set_number(counts, tally_count_text((enum tally_count)i), tally->counts[i]);
    return ok;
}

static bool set_states(json_t *object, const struct tally *tally)
{
    json_t *states = json_object(), *causes = json_object();
    bool ok = json_object_set_new(object, "states", states) == 0;
    ok = json_object_set_new(object, "causes", causes) == 0 && ok;
    for (size_t i = 0; ok && i < WG_STATES; i++)
        if (tally->states[i] > 0)
            ok = set_number(states, wg_state_text((enum wg_state)i), tally->states[i]);
    for (size_t i = 1; ok && i < WG_CAUSES; i++)
        if (tally->causes[i] > 0)
            ok = set_number(causes, wg_cause_text((enum wg_cause)i), tally->causes[i]);
    return ok;
}

static bool set_times(json_t *object, const struct tally *tally)
{
    json_t *times = json_object();
    bool ok = json_object_set_new(object, "latency_ms", times) == 0;
    for (size_t i = 0; ok && i < TALLY_TIMES; i++)
        ok = json_object_set_new(times, tally_time_text((enum tally_time)i),
                                 times_json(&tally->times[i])) == 0;
    return ok;
}

json_t *tally_json(const struct tally *tally, uint64_t elapsed)
{
    json_t *found =
        json_pack("{s:f,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:f,s:f}", "seconds", (double)elapsed / MILLION,
                  "devices", (json_int_t)tally->devices, "connected", (json_int_t)tally->connected,
                  "hung", (json_int_t)tally->hung, "asleep", (json_int_t)tally->asleep, "pending",
                  (json_int_t)tally->pending, "told", (json_int_t)tally->told, "ordered",
                  (json_int_t)tally->ordered, "cpu_seconds", (double)tally->cpu / MILLION,
                  "memory_bytes_each", memory_each(tally));
    if (found && set_states(found, tally) && set_times(found, tally) &&
        set_counts(found, "counts", tally, 0, TALLY_ERROR_CONNECT) &&
        set_counts(found, "errors", tally, TALLY_ERROR_CONNECT, TALLY_COUNTS))
        return found;
    json_decref(found);
    return NULL;
}
