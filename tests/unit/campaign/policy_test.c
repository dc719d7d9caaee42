/* policy_test.c: gates, pace, budget, windows, schedule, retries and the emergency lane: what they
 * are read as, their one form, what is refused, where, and in which words. */
#include "orchestrator/campaign/campaign.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD                                                                                       \
    "wavegate: 1\ncampaign: c\nrelease: app/1.2.3\nrollback_to: app/1.2.2\ntarget: {tag: t}\n"
#define WAVES "waves: [{name: rest, remaining: true}]\n"
#define CANONICAL_MAX ((size_t)1 << 20)

/* What stands in more follows from line 6 on. */
static struct campaign *read_file(const char *more, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, CANONICAL_MAX);
    wg_buf_printf(&text, HEAD "%s%s", more, strstr(more, "waves:") ? "" : WAVES);
    struct campaign *campaign =
        campaign_parse("c.yaml", wg_buf_str(&text), text.len, NULL, NULL, err);
    wg_buf_clear(&text);
    return campaign;
}

static struct campaign *read_good(const char *more)
{
    struct wg_error err = {0};
    struct campaign *campaign = read_file(more, &err);
    ASSERT_OK(campaign != NULL, &err);
    if (!campaign) abort(); /* for who does not know that the line above does not return */
    return campaign;
}

static void gates_are_read(void)
{
    struct campaign *campaign = read_good(
        "gate:\n"
        "  approvals: {role: owner, count: 3, expires: 36h}\n"
        "  hook: {run: check.sh, timeout: 10m, every: 90s}\n"
        "  health: {metric: restarts, worse: lower, margin: 12.5%, alpha: 0.01%, beta: 20%, "
        "settle: 0s}\n"
        "waves:\n"
        "  - {name: a, count: 1}\n"
        "  - {name: b, count: 1, overlap: true, gate: {hook: {url: 'https://x.y:8443/z?a=b'}}}\n"
        "  - {name: d, count: 1, gate: {hook: none, health: {metric: m}, approvals: {}}}\n"
        "  - {name: e, count: 1, gate: {health: none, approvals: {role: x, count: 0}}}\n");
    const struct policy_gate *gates = campaign->policy.gates;
    ASSERT_TEXT(gates[0].approval_role, "owner");
    CU_ASSERT_EQUAL(gates[0].approval_count, 3);
    CU_ASSERT_EQUAL(gates[0].approval_expires, 36 * WG_HOUR);
    ASSERT_TEXT(gates[0].hook.run, "check.sh");
    ASSERT_TEXT(gates[0].hook.url, "");
    CU_ASSERT_EQUAL(gates[0].hook.timeout, 10 * WG_MINUTE);
    CU_ASSERT_EQUAL(gates[0].hook.every, 90 * WG_SECOND);
    ASSERT_TEXT(gates[0].health.metric, "restarts");
    CU_ASSERT_TRUE(gates[0].health.lower_is_worse);
    CU_ASSERT_EQUAL(gates[0].health.margin_ppm, 125000);
    CU_ASSERT_EQUAL(gates[0].health.alpha_ppm, 100);
    CU_ASSERT_EQUAL(gates[0].health.beta_ppm, 200000);
    CU_ASSERT_EQUAL(gates[0].health.settle, 0);
    ASSERT_TEXT(gates[1].hook.run, "");
    ASSERT_TEXT(gates[1].hook.url, "https://x.y:8443/z?a=b");
    CU_ASSERT_EQUAL(gates[1].hook.timeout, 30 * WG_SECOND);
    CU_ASSERT_EQUAL(gates[1].hook.every, WG_MINUTE);
    ASSERT_TEXT(gates[1].health.metric, "restarts");
    ASSERT_TEXT(gates[2].hook.run, "");
    ASSERT_TEXT(gates[2].approval_role, "rollout-admin");
    CU_ASSERT_EQUAL(gates[2].approval_expires, 0);
    CU_ASSERT_FALSE(gates[2].health.lower_is_worse);
    CU_ASSERT_EQUAL(gates[2].health.margin_ppm, 200000);
    CU_ASSERT_EQUAL(gates[2].health.alpha_ppm, 10000);
    CU_ASSERT_EQUAL(gates[2].health.beta_ppm, 50000);
    CU_ASSERT_EQUAL(gates[2].health.settle, 10 * WG_MINUTE);
    ASSERT_TEXT(gates[3].health.metric, "");
    CU_ASSERT_EQUAL(gates[3].approval_count, 0);
    ASSERT_TEXT(gates[3].hook.run, "check.sh");
    CU_ASSERT_FALSE(campaign->policy.overlap[0]);
    CU_ASSERT_TRUE(campaign->policy.overlap[1]);
    CU_ASSERT_FALSE(campaign->policy.overlap[2]);
    campaign_free(campaign);
}

static void pace_and_budget_are_read(void)
{
    struct campaign *campaign = read_good(
        "pace: {in_flight: 5, per: {site: 2, rack: 1}, rate: {start: 50/min, factor: 1.5}}\n"
        "budget: {failures: 1%, classes: {silent: 0, boot: 2%}, on_exceeded: rollback}\n"
        "retry: {jitter: 0%, classes: {download: {attempts: 5}, shed: {backoff: 1h}}}\n"
        "supersedes: [y, x]\n");
    const struct policy *policy = &campaign->policy;
    CU_ASSERT_EQUAL_FATAL(policy->per_count, 2);
    ASSERT_TEXT(policy->per[0].attribute, "rack");
    CU_ASSERT_EQUAL(policy->per[0].most, 1);
    ASSERT_TEXT(policy->per[1].attribute, "site");
    CU_ASSERT_EQUAL(policy->rate.start, 50);
    CU_ASSERT_EQUAL(policy->rate.factor_ppm, 1500000);
    CU_ASSERT_EQUAL(policy->rate.max, 0);
    CU_ASSERT_TRUE(policy->budget.class_limited[WG_CAUSE_SILENT]);
    CU_ASSERT_FALSE(policy->budget.classes[WG_CAUSE_SILENT].is_share);
    CU_ASSERT_EQUAL(policy->budget.classes[WG_CAUSE_BOOT].value, 20000);
    CU_ASSERT_FALSE(policy->budget.class_limited[WG_CAUSE_HEALTH]);
    CU_ASSERT_EQUAL(policy->budget.on_exceeded, POLICY_ROLLBACK);
    CU_ASSERT_EQUAL(policy->retry.jitter_ppm, 0);
    CU_ASSERT_EQUAL(policy_retry_of(&policy->retry, WG_CAUSE_DOWNLOAD).attempts, 5);
    CU_ASSERT_EQUAL(policy_retry_of(&policy->retry, WG_CAUSE_DOWNLOAD).backoff, 10 * WG_MINUTE);
    CU_ASSERT_EQUAL(policy_retry_of(&policy->retry, WG_CAUSE_SHED).backoff, WG_HOUR);
    CU_ASSERT_FALSE(policy->retry.class_set[WG_CAUSE_INSTALL]);
    CU_ASSERT_EQUAL_FATAL(campaign->supersedes.count, 2);
    ASSERT_TEXT(campaign->supersedes.items[0], "x");
    campaign_free(campaign);
}

static void windows_are_read(void)
{
    struct campaign *campaign =
        read_good("window:\n"
                  "  - {daily: [22:30-05:00, \"12:00-13:00\"], zone: Europe/Berlin, days: [sun, "
                  "mon]}\n"
                  "  - {daily: 02:00-00:00, zone: Europe/Berlin}\n"
                  "  - {daily: 12:00-13:00, zone: Europe/Berlin, days: [mon, sun]}\n");
    const struct wg_windows *windows = &campaign->policy.window;
    CU_ASSERT_EQUAL(windows->kind, WG_WINDOW_NAMED);
    ASSERT_TEXT(windows->zone, "Europe/Berlin");
    CU_ASSERT_EQUAL_FATAL(windows->count, 3);
    CU_ASSERT_EQUAL(windows->items[0].days, 0x41U);
    CU_ASSERT_EQUAL(windows->items[0].from, 12 * 60);
    CU_ASSERT_EQUAL(windows->items[1].from, 22 * 60 + 30);
    CU_ASSERT_EQUAL(windows->items[1].to, 5 * 60);
    CU_ASSERT_EQUAL(windows->items[2].days, WG_DAYS_ALL);
    CU_ASSERT_EQUAL(windows->items[2].to, WG_MINUTES_OF_DAY);
    campaign_free(campaign);
    campaign = read_good("window: {daily: 02:00-05:00, zone: site, days: wed}\n");
    CU_ASSERT_EQUAL(campaign->policy.window.kind, WG_WINDOW_SITE);
    CU_ASSERT_EQUAL(campaign->policy.window.items[0].days, 4U);
    campaign_free(campaign);
    campaign = read_good("");
    CU_ASSERT_EQUAL(campaign->policy.window.count, 0);
    campaign_free(campaign);
}

static void times_are_read(void)
{
    struct campaign *campaign =
        read_good("schedule: {start: 2026-12-01T00:00:00Z, end: \"2026-12-20T01:00:00.5+01:00\"}\n"
                  "approvals: {count: 2, expires: 7d}\n"
                  "emergency: {for: 6h, reason: CVE-2026-1234 is exploited}\n");
    const struct policy *policy = &campaign->policy;
    char text[WG_TIME_TEXT];
    wg_time_text(policy->schedule.start, text);
    ASSERT_TEXT(text, "2026-12-01T00:00:00.000Z");
    wg_time_text(policy->schedule.end, text);
    ASSERT_TEXT(text, "2026-12-20T00:00:00.500Z");
    CU_ASSERT_EQUAL(policy->schedule.at_end, POLICY_END_PAUSE);
    ASSERT_TEXT(policy->start.role, "rollout-admin");
    CU_ASSERT_EQUAL(policy->start.count, 2);
    CU_ASSERT_EQUAL(policy->start.expires, 7 * WG_DAY);
    CU_ASSERT_EQUAL(policy->emergency.length, 6 * WG_HOUR);
    ASSERT_TEXT(policy->emergency.reason, "CVE-2026-1234 is exploited");
    campaign_free(campaign);
}

static void check_form(const char *more, const char *part)
{
    struct wg_error err = {0};
    struct wg_buf canonical, again;
    struct campaign *campaign = read_good(more);
    wg_buf_init(&canonical, CANONICAL_MAX);
    wg_buf_init(&again, CANONICAL_MAX);
    ASSERT_OK(campaign_canonical(campaign, &canonical, &err), &err);
    struct campaign *back =
        campaign_parse("canonical", canonical.data, canonical.len, NULL, NULL, &err);
    ASSERT_OK(back != NULL, &err);
    ASSERT_OK(campaign_canonical(back, &again, &err), &err);
    ASSERT_TEXT(wg_buf_str(&again), wg_buf_str(&canonical));
    if (!strstr(wg_buf_str(&canonical), part))
        printf("\n    %s\n    expected %s\n", wg_buf_str(&canonical), part);
    CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&canonical), part));
    wg_buf_clear(&canonical);
    wg_buf_clear(&again);
    campaign_free(campaign);
    campaign_free(back);
}

static void policies_have_one_form(void)
{
    static const struct {
        const char *more, *canonical;
    } rows[] = {
        {"", "\"retry\":{\"attempts\":1,\"backoff\":\"10m\",\"jitter\":\"20%\"},\"rollback_to\""},
        {"", "\"pace\":{\"in_flight\":100},\"priority\""},
        {"", "\"budget\":{\"at_least\":0,\"failures\":0,\"on_exceeded\":\"pause\"},\"campaign\""},
        {"gate: {hook: {run: x}}\n",
         "\"hook\":{\"every\":\"1m\",\"run\":\"x\",\"timeout\":\"30s\"},"},
        {"gate: {hook: {url: https://x}}\n",
         "\"hook\":{\"every\":\"1m\",\"timeout\":\"30s\",\"url\":\"https://x\"},"},
        {"gate: {hook: {run: x}}\nwaves: [{name: a, count: 1, gate: {hook: none}}]\n",
         "\"gate\":{\"sample\":\"100%\",\"soak\":\"0s\",\"success\":\">= 100%\"}"},
        {"gate: {health: {metric: m}}\n",
         "\"health\":{\"alpha\":\"1%\",\"beta\":\"5%\",\"margin\":\"20%\",\"metric\":\"m\","
         "\"settle\":\"10m\",\"worse\":\"higher\"},"},
        {"gate: {approvals: {expires: 168h}}\n",
         "\"approvals\":{\"count\":1,\"expires\":\"7d\",\"role\":\"rollout-admin\"},"},
        {"pace: {per: {}}\n", "\"pace\":{\"in_flight\":100},"},
        {"pace: {per: {b: 2, a: 1}}\n", "\"per\":{\"a\":1,\"b\":2}}"},
        {"pace: {rate: {start: 50/min}}\n", "\"rate\":{\"factor\":\"2\",\"start\":\"50/min\"}}"},
        {"pace: {rate: {start: 50/min, factor: '2.50', max: 50/min}}\n",
         "\"rate\":{\"factor\":\"2.5\",\"max\":\"50/min\",\"start\":\"50/min\"}}"},
        {"budget: {classes: {boot: 2.0%, silent: 0}}\n",
         "\"classes\":{\"boot\":\"2%\",\"silent\":0},"},
        {"budget: {on_exceeded: rollback}\n", "\"on_exceeded\":\"rollback\""},
        {"retry: {jitter: 0.0%}\n", "\"jitter\":\"0%\""},
        {"retry: {classes: {shed: {backoff: 60m}, install: {attempts: 2}}}\n",
         "\"classes\":{\"install\":{\"attempts\":2},\"shed\":{\"backoff\":\"1h\"}},"},
        {"window: {daily: 22:30-00:00}\n",
         "\"window\":{\"daily\":[\"22:30-24:00\"],\"days\":[\"mon\",\"tue\",\"wed\",\"thu\","
         "\"fri\",\"sat\",\"sun\"],\"zone\":\"device\"}}"},
        {"window: [{daily: 02:00-03:00, days: [sun, sat]}, {daily: 01:00-02:00, days: [sat, "
         "sun]}]\n",
         "\"window\":{\"daily\":[\"01:00-02:00\",\"02:00-03:00\"],\"days\":[\"sat\",\"sun\"],"},
        {"window: [{daily: 02:00-03:00, days: sun, zone: UTC}, {daily: 01:00-02:00, days: mon, "
         "zone: UTC}]\n",
         "\"window\":[{\"daily\":[\"01:00-02:00\"],\"days\":[\"mon\"],\"zone\":\"UTC\"},"
         "{\"daily\":[\"02:00-03:00\"],\"days\":[\"sun\"],\"zone\":\"UTC\"}]"},
        {"schedule: {start: 2026-12-01T01:00:00+01:00}\n",
         "\"schedule\":{\"start\":\"2026-12-01T00:00:00.000Z\"}"},
        {"schedule: {end: 2026-12-01T00:00:00Z}\n",
         "\"schedule\":{\"at_end\":\"pause\",\"end\":\"2026-12-01T00:00:00.000Z\"}"},
        {"approvals: {}\n", "{\"approvals\":{\"count\":1,\"role\":\"rollout-admin\"},"},
        {"approvals: {count: 0}\n", "{\"budget\""},
        {"approvals: {count: 2}\nemergency: {for: 90m, reason: 'it burns'}\n",
         "\"emergency\":{\"for\":\"1h30m\",\"reason\":\"it burns\"}"},
        {"supersedes: z\n", "\"supersedes\":[\"z\"]"},
        {"waves: [{name: a, count: 1}, {name: b, count: 1, overlap: true}]\n",
         "\"name\":\"b\",\"overlap\":true}"},
        {"waves: [{name: a, count: 1, overlap: false}]\n", "\"name\":\"a\"}]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_form(rows[i].more, rows[i].canonical);
}

struct refused {
    const char *more, *expected;
};

static void check_problems(const struct refused *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct wg_error err = {0};
        struct campaign *campaign = read_file(rows[i].more, &err);
        if (campaign || !strstr(err.text, rows[i].expected))
            printf("\n    %s    got      %s\n    expected %s\n", rows[i].more,
                   campaign ? "nothing" : err.text, rows[i].expected);
        CU_ASSERT_PTR_NULL(campaign);
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].expected));
        campaign_free(campaign);
    }
}

static void gates_are_refused_at_their_place(void)
{
    static const struct refused rows[] = {
        {"gate: {hook: {run: a, url: 'https://b'}}\n",
         "c.yaml:6:14: error: hook: expected one of \"run\" and \"url\", got both"},
        {"gate: {hook: {every: 1m}}\n", "6:14: error: hook: expected one of \"run\" and \"url\", "
                                        "got neither"},
        {"gate: {hook: {run: bin/a}}\n", "6:20: error: run: expected letters, digits, '.', '_' or "
                                         "'-', starting with a letter or digit, got \"bin/a\": the "
                                         "program's name alone"},
        {"gate: {hook: {url: 'http://a'}}\n",
         "6:20: error: url: expected https://HOST/PATH, got \"http://a\": who answers has to be "
         "known for sure"},
        {"gate: {hook: {url: 'https://a@b/'}}\n", "6:20: error: url: expected https://HOST/PATH"},
        {"gate: {hook: {url: 'https://a:65536'}}\n", "6:20: error: url: expected"},
        {"gate: {hook: {run: a, timeout: 11m}}\n",
         "6:32: error: timeout: expected 1s to 10m, got 11m"},
        {"gate: {hook: {run: a, every: 0s}}\n", "6:30: error: every: expected 1s to 1d, got 0s"},
        {"gate: {health: {worse: higher}}\n", "6:16: error: health: the key \"metric\" is missing"},
        {"gate: {health: {metric: a b}}\n", "6:25: error: metric: expected letters"},
        {"gate: {health: {metric: m, worse: up}}\n",
         "6:35: error: worse: expected higher or lower, got \"up\""},
        {"gate: {health: {metric: m, margin: 0.5%}}\n",
         "6:36: error: margin: expected a percentage from 1% to 100%, got \"0.5%\""},
        {"gate: {health: {metric: m, margin: 5}}\n", "got \"5\": did you mean \"5%\"?"},
        {"gate: {health: {metric: m, alpha: 0.001%}}\n",
         "6:35: error: alpha: expected a percentage from 0.01% to 20%, got \"0.001%\""},
        {"gate: {health: {metric: m, beta: 20.1%}}\n", "6:34: error: beta: expected a percentage"},
        {"gate: {approvals: {count: 11}}\n", "6:27: error: count: expected a whole number from 0"},
        {"gate: {approvals: {expires: 30s}}\n",
         "6:29: error: expires: expected 1m to 365d, got 30s"},
        {"waves: [{name: a, count: 1, overlap: true}]\n",
         "6:38: error: overlap: there is no wave before the first"},
    };
    check_problems(rows, sizeof rows / sizeof rows[0]);
}

static void pace_and_budget_are_refused_at_their_place(void)
{
    static const struct refused rows[] = {
        {"pace: {per: {a: 1, b: 1, c: 1, d: 1, e: 1}}\n",
         "6:13: error: per: more than 4 attributes"},
        {"pace: {per: {a: 0}}\n", "6:17: error: a: expected a whole number from 1 to 1000000"},
        {"pace: {per: {a b: 1}}\n", "6:14: error: per: expected letters, digits"},
        {"pace: {rate: {max: 5/min}}\n", "6:14: error: rate: the key \"start\" is missing"},
        {"pace: {rate: {start: 50}}\n", "6:22: error: start: expected devices a minute, 1/min to "
                                        "1000000/min, got \"50\": did you mean \"50/min\"?"},
        {"pace: {rate: {start: 50/h}}\n", "got \"50/h\": rates are counted by the minute: 50/min"},
        {"pace: {rate: {start: 0/min}}\n", "got \"0/min\""},
        {"pace: {rate: {start: 50/min, max: 49/min}}\n",
         "6:35: error: max: expected at least the 50/min of start, got 49/min"},
        {"pace: {rate: {start: 50/min, factor: 0.9}}\n",
         "6:38: error: factor: expected a number from 1 to 10 with at most 4 decimals, got "
         "\"0.9\""},
        {"budget: {classes: {refused: 1}}\n", "6:20: error: classes has no key \"refused\": its "
                                              "keys are verify, download, install, boot, health, "
                                              "silent and timeout"},
        {"budget: {classes: {silnt: 1}}\n", "did you mean \"silent\"?"},
        {"budget: {classes: {boot: 101%}}\n", "6:26: error: boot: expected a percentage"},
        {"retry: {jitter: 60%}\n",
         "6:17: error: jitter: expected a percentage from 0% to 50%, got \"60%\""},
        {"retry: {classes: {boot: {attempts: 2}}}\n",
         "6:19: error: classes has no key \"boot\": its keys are download, install, timeout, "
         "deferred, offline and shed"},
        {"retry: {classes: {shed: {attempts: 2}}}\n", "6:26: error: shed has no key \"attempts\""},
        {"retry: {classes: {install: {}}}\n",
         "6:28: error: install: expected attempts or backoff, got nothing"},
        {"supersedes: [a, c]\n", "6:17: error: supersedes: a campaign cannot name itself"},
        {"supersedes: [a, b, a]\n", "6:20: error: supersedes: \"a\" stands here twice"},
        {"after: [b, a]\nsupersedes: a\n",
         "7:13: error: supersedes: \"a\" stands under \"after\" too"},
    };
    check_problems(rows, sizeof rows / sizeof rows[0]);
}

static void times_are_refused_at_their_place(void)
{
    static const struct refused rows[] = {
        {"window: {daily: 22:30}\n",
         "6:17: error: daily: expected a window like \"02:00-05:00\", got \"22:30\""},
        {"window: {daily: 2:00 - 5:00}\n", "got \"2:00 - 5:00\": did you mean \"02:00-05:00\"?"},
        {"window: 02:00-05:00\n", "did you mean {daily: \"02:00-05:00\"}?"},
        {"window: {daily: 02:00-02:00}\n", "6:17: error: daily: the window \"02:00-02:00\" has no "
                                           "length: the whole day is \"00:00-24:00\""},
        {"window: {days: [sat]}\n", "6:9: error: window: the key \"daily\" is missing"},
        {"window: {daily: 02:00-05:00, days: [sat, Sunday]}\n",
         "6:42: error: days: expected mon, tue, wed, thu, fri, sat or sun, got \"Sunday\": did you "
         "mean \"sun\"?"},
        {"window: {daily: 02:00-05:00, days: [sat, sat]}\n",
         "6:42: error: days: \"sat\" stands here twice"},
        {"window: {daily: 02:00-05:00, zone: Berlin}\n",
         "6:36: error: zone: expected device, site or an IANA time zone like Europe/Berlin, got "
         "\"Berlin\": did you mean \"Europe/Berlin\"?"},
        {"window: {daily: 02:00-05:00, zone: devise}\n", "did you mean \"device\"?"},
        {"window: [{daily: 02:00-05:00, zone: UTC}, {daily: 12:00-13:00}]\n",
         "6:43: error: zone: the windows of a campaign are all in one zone"},
        {"schedule: {start: 2026-12-01}\n",
         "6:19: error: start: expected a time like 2026-12-01T00:00:00Z or "
         "2026-12-01T09:30:00+01:00, got \"2026-12-01\": did you mean \"2026-12-01T00:00:00Z\"?"},
        {"schedule: {start: 2026-12-01T00:00:00}\n",
         "did you mean \"2026-12-01T00:00:00Z\", in UTC?"},
        {"schedule: {start: 1970-01-01T00:00:00Z}\n", "6:19: error: start: expected a time like"},
        {"schedule: {start: 2026-12-01T00:00:00Z, end: 2026-12-01T00:00:00Z}\n",
         "6:46: error: end: expected a time after the start"},
        {"schedule: {at_end: abort}\n", "6:20: error: at_end: the schedule has no \"end\""},
        {"emergency: {for: 6h, reason: x}\n",
         "6:12: error: emergency: expected \"approvals\" with a count of at least 2, got 0"},
        {"approvals: {}\nemergency: {for: 6h, reason: x}\n",
         "6:12: error: emergency: expected \"approvals\" with a count of at least 2, got 1"},
        {"approvals: {count: 2}\nemergency: {for: 8d}\n",
         "7:12: error: emergency: the key \"reason\" is missing"},
        {"approvals: {count: 2}\nemergency: {for: 8d, reason: x}\n",
         "7:18: error: for: expected 1m to 7d, got 8d"},
        {"approvals: {count: 2}\nwindow: {daily: 02:00-05:00}\nemergency: {for: 6h, reason: x}\n",
         "7:9: error: window: an emergency skips windows"},
        {"approvals: {count: 2}\nmembership: continuous\nemergency: {for: 6h, reason: x}\n",
         "7:13: error: membership: an emergency is for who matches"},
    };
    check_problems(rows, sizeof rows / sizeof rows[0]);
}

/* As many as an order can carry, told once. */
static void windows_have_a_bound(void)
{
    for (int count = WG_WINDOWS_MAX; count <= WG_WINDOWS_MAX + 2; count++) {
        struct wg_error err = {0};
        struct wg_buf text;
        wg_buf_init(&text, 1024);
        wg_buf_text(&text, "window: {daily: [");
        for (int i = 0; i < count; i++)
            wg_buf_printf(&text, "%02d:00-%02d:30, %02d:00-%02d:30, ", i, i, i, i);
        wg_buf_text(&text, "]}\n");
        struct campaign *campaign = read_file(wg_buf_str(&text), &err);
        CU_ASSERT_EQUAL(campaign != NULL, count == WG_WINDOWS_MAX);
        if (count > WG_WINDOWS_MAX)
            ASSERT_TEXT(strstr(err.text, "error:"), "error: window: more than 16 windows");
        campaign_free(campaign);
        wg_buf_clear(&text);
    }
}

WG_SUITE("policy", {"gates are read", gates_are_read},
         {"pace and budget are read", pace_and_budget_are_read},
         {"windows are read", windows_are_read}, {"times are read", times_are_read},
         {"policies have one form", policies_have_one_form},
         {"gates are refused at their place", gates_are_refused_at_their_place},
         {"pace and budget are refused at their place", pace_and_budget_are_refused_at_their_place},
         {"times are refused at their place", times_are_refused_at_their_place},
         {"windows have a bound", windows_have_a_bound})
