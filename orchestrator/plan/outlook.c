/* outlook.c: pace, rate, caps, windows, check-ins and soaks added up. */
#include "orchestrator/plan/outlook.h"

#define WEEK_MINUTES 10080
#define RAMP_MAX WEEK_MINUTES /* of a growing rate, minutes that are looked at */

/* ---- rate ---- */

/* Minutes until the last of so many is offered, when no more than rate are in any minute. */
static int64_t minutes_of(int64_t devices, int64_t rate)
{
    return (devices + rate - 1) / rate - 1;
}

/* The same while the rate grows as devices succeed, each so many minutes (lag) after its offer. */
static int64_t ramp_minutes(const struct policy_rate *rate, int64_t before, int64_t devices,
                            int64_t lag)
{
    int64_t offered[RAMP_MAX] = {0}, sum = 0;
    for (int64_t minute = 0; minute < RAMP_MAX; minute++) {
        int64_t done = minute > lag ? offered[minute - lag - 1] : 0;
        int64_t now = policy_rate_of(rate, before + done);
        if (now >= devices - sum) return minute;
        if (rate->max > 0 && now >= rate->max) return minute + minutes_of(devices - sum, now);
        offered[minute] = sum += now;
    }
    return RAMP_MAX + (rate->max > 0 ? minutes_of(devices - sum, rate->max) : 0);
}

/* From the first offer to the last, when so many devices succeeded before. */
static wg_duration offering(const struct policy_rate *rate, int64_t before, int64_t devices,
                            wg_duration typical_update)
{
    if (rate->start == 0) return 0;
    int64_t lag = typical_update / WG_MINUTE;
    bool grows = rate->factor_ppm > POLICY_PPM && lag < RAMP_MAX;
    return WG_MINUTE * (grows ? ramp_minutes(rate, before, devices, lag)
                              : minutes_of(devices, policy_rate_of(rate, before)));
}

/* ---- windows ---- */

static void mark_open(const struct wg_window *window, bool open[WEEK_MINUTES])
{
    int length = window->to - window->from;
    if (length <= 0) length += WG_MINUTES_OF_DAY;
    for (int day = 0; day < WG_DAYS; day++)
        for (int i = 0; i < length && window->days & 1U << day; i++)
            open[(day * WG_MINUTES_OF_DAY + window->from + i) % WEEK_MINUTES] = true;
}

/* Of a week: minutes that are open, and the longest opening. */
static void measure(const struct wg_windows *windows, int64_t *sum, int64_t *longest)
{
    bool open[WEEK_MINUTES] = {false};
    int64_t run = 0;
    *sum = *longest = 0;
    for (size_t i = 0; i < windows->count; i++) mark_open(&windows->items[i], open);
    for (int i = 0; i < WEEK_MINUTES; i++) *sum += open[i];
    for (int i = 0; i < 2 * WEEK_MINUTES; i++) { /* an opening may cross its end */
        run = open[i % WEEK_MINUTES] ? run + 1 : 0;
        if (run > *longest) *longest = run;
    }
}

/* How long it takes to work so long where that is only done in windows. */
static wg_duration stretched(const struct wg_windows *windows, wg_duration work)
{
    int64_t open = 0, longest = 0;
    if (windows->count == 0) return work;
    measure(windows, &open, &longest);
    if (open == 0 || open == WEEK_MINUTES || work <= longest * WG_MINUTE) return work;
    return work / open * WEEK_MINUTES + work % open * WEEK_MINUTES / open;
}

/* ---- check-ins ---- */

/* How long after the count devices that were last seen then are back. */
static wg_duration back_after(enum outlook_seen seen)
{
    static const wg_duration after[OUTLOOK_SEEN] = {0, WG_HOUR, WG_DAY, 7 * WG_DAY, 7 * WG_DAY};
    return after[seen];
}

/* Until so many of a wave have been online. */
static wg_duration back_of(const struct outlook_wave *wave, int64_t needed)
{
    int64_t sum = 0;
    int seen = OUTLOOK_ONLINE;
    for (; seen < OUTLOOK_LONGER; seen++) {
        sum += wave->seen[seen];
        if (sum >= needed) break;
    }
    return back_after((enum outlook_seen)seen);
}

/* ---- waves ---- */

int64_t outlook_rounds(int64_t crowd, int64_t most)
{
    return most > 0 ? (crowd + most - 1) / most : 0;
}

/* A wave, and those behind it that open with it. */
struct opening {
    int64_t devices;
    int64_t rounds;    /* one after the other, for caps per attribute */
    wg_duration quiet; /* behind its last success */
    wg_duration
        back; /* until its gates have those that they ask for, from when they were counted */
};

static void add_wave(const struct policy *policy, size_t i, const struct outlook_wave *wave,
                     struct opening *out)
{
    const struct policy_gate *gate = &policy->gates[i];
    wg_duration back = back_of(wave, policy_amount_of(&gate->sample, wave->devices));
    out->devices += wave->devices;
    for (size_t c = 0; c < policy->per_count; c++) {
        int64_t rounds = outlook_rounds(wave->crowd[c], policy->per[c].most);
        if (rounds > out->rounds) out->rounds = rounds;
    }
    if (gate->soak > out->quiet) out->quiet = gate->soak;
    if (gate->health.metric[0] && gate->health.settle > out->quiet)
        out->quiet = gate->health.settle;
    if (back > out->back) out->back = back;
}

static struct opening opening_at(const struct policy *policy, const struct outlook_wave *waves,
                                 size_t from, size_t *next)
{
    struct opening out = {0};
    for (*next = from; *next < policy->wave_count; ++*next) {
        if (*next > from && !policy->overlap[*next]) break;
        if (waves[*next].devices > 0) add_wave(policy, *next, &waves[*next], &out);
    }
    return out;
}

/* From its first offer to its last success, when everybody is online. */
static wg_duration work_of(const struct policy *policy, const struct opening *opening,
                           int64_t before, wg_duration typical_update)
{
    int64_t rounds = (opening->devices + policy->in_flight - 1) / policy->in_flight;
    if (opening->rounds > rounds) rounds = opening->rounds;
    wg_duration work = rounds * typical_update;
    wg_duration rated =
        offering(&policy->rate, before, opening->devices, typical_update) + typical_update;
    return stretched(&policy->window, rated > work ? rated : work);
}

static wg_duration later(wg_duration a, wg_duration b)
{
    return a > b ? a : b;
}

wg_duration outlook_shortest(const struct policy *policy, const struct outlook_wave *waves,
                             wg_duration typical_update)
{
    wg_duration sum = 0;
    int64_t before = 0;
    for (size_t i = 0, next = 0; i < policy->wave_count; i = next) {
        struct opening opening = opening_at(policy, waves, i, &next);
        if (opening.devices == 0) continue;
        sum += work_of(policy, &opening, before, typical_update) + opening.quiet;
        before += opening.devices;
    }
    return sum;
}

wg_duration outlook_expected(const struct policy *policy, const struct outlook_wave *waves,
                             wg_duration typical_update, wg_duration lead)
{
    wg_duration sum = 0, last = 0;
    int64_t before = 0;
    for (size_t i = 0, next = 0; i < policy->wave_count; i = next) {
        struct opening opening = opening_at(policy, waves, i, &next);
        if (opening.devices == 0) continue;
        wg_duration back = opening.back > 0 ? opening.back - lead + typical_update : 0;
        sum += work_of(policy, &opening, before, typical_update);
        sum = later(sum, back) + opening.quiet;
        before += opening.devices;
    }
    for (size_t i = 0; i < policy->wave_count; i++)
        last = later(last, back_of(&waves[i], waves[i].devices));
    return last > 0 ? later(sum, last - lead + typical_update) : sum;
}

wg_time outlook_start(const struct policy *policy, const struct wg_tz *tz, wg_time now)
{
    wg_time start = policy->schedule.start > now ? policy->schedule.start : now;
    if (policy->window.count == 0 || policy->window.kind != WG_WINDOW_NAMED) return start;
    wg_time opens = wg_windows_next(&policy->window, tz, start);
    return opens > 0 ? opens : start;
}

wg_time outlook_cut(const struct policy *policy, wg_time start)
{
    wg_time end = policy->schedule.end;
    if (policy->emergency.length == 0) return end;
    wg_time over = start + policy->emergency.length;
    return end > 0 && end < over ? end : over;
}
