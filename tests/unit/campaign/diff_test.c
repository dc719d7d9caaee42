/* diff_test.c: what one campaign file changes in another: each change once, in words; and which
 * waves keep their devices. */
#include "orchestrator/campaign/campaign_diff.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX ((size_t)1 << 16)

/* What a row does not say. */
#define RELEASE "release: app/1.2.3\n"
#define TARGET "target: {tag: [t]}\n"
#define WAVES                                                                                      \
    "waves:\n"                                                                                     \
    "  - {name: lab, devices: [d1, d2]}\n"                                                         \
    "  - {name: few, percent: 5, spread: [region, timezone]}\n"                                    \
    "  - {name: rest, remaining: true}\n"

static bool load(void *ctx, const char *name, struct wg_buf *out, struct wg_error *err)
{
    (void)ctx;
    wg_buf_text(out, "d2\nd1\n");
    return wg_buf_check(out, err, name);
}

/* The text, and of the parts above those whose key it has not. */
static struct campaign *read_text(const char *text)
{
    static const char *const parts[][2] = {
        {"release:", RELEASE}, {"target:", TARGET}, {"waves:", WAVES}};
    struct wg_error err = {0};
    struct wg_buf whole;
    wg_buf_init(&whole, TEXT_MAX);
    wg_buf_printf(&whole, "wavegate: 1\ncampaign: c\n%s", text);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!strstr(text, parts[i][0])) wg_buf_text(&whole, parts[i][1]);
    struct campaign *campaign =
        campaign_parse("c.yaml", wg_buf_str(&whole), whole.len, load, NULL, &err);
    wg_buf_clear(&whole);
    ASSERT_OK(campaign != NULL, &err);
    return campaign;
}

static void check_diff(const char *from, const char *to, const char *expected)
{
    struct wg_error err = {0};
    struct wg_buf out;
    struct campaign *old = read_text(from), *new = read_text(to);
    wg_buf_init(&out, TEXT_MAX);
    ASSERT_OK(campaign_diff(old, new, &out, &err), &err);
    ASSERT_TEXT(wg_buf_str(&out), expected);
    wg_buf_clear(&out);
    campaign_free(old);
    campaign_free(new);
}

static void each_change_is_told_once(void)
{
    static const struct {
        const char *from, *to, *expected;
    } rows[] = {
        {"", "pace: {in_flight: 200}\n", "pace.in_flight: 100 -> 200\n"},
        {"pace: {in_flight: 200}\n", "", "pace.in_flight: 200 -> 100\n"},
        {"", "release: app/1.2.4\n", "release: app/1.2.3 -> app/1.2.4\n"},
        {"", "membership: continuous\n", "membership: snapshot -> continuous\n"},
        {"", "priority: 51\n", "priority: 50 -> 51\n"},
        {"", "after: [x]\n", "+ after: [\"x\"]\n"},
        {"after: [x]\n", "", "- after: [\"x\"]\n"},
        {"rollback_to: app/1.2.2\n", "rollback_to: app/1.2.1\n",
         "rollback_to: app/1.2.2 -> app/1.2.1\n"},
        {"", "budget: {failures: 1%, at_least: 3}\n",
         "budget.at_least: 0 -> 3\nbudget.failures: 0 -> 1%\n"},
        {"", "retry: {backoff: 20m}\ntimeout: {silent: 2d}\n",
         "retry.backoff: 10m -> 20m\ntimeout.silent: 1d -> 2d\n"},
        {"", "pace: {per: {site: 1}, rate: {start: 5/min}}\n",
         "+ pace.per: {\"site\":1}\n+ pace.rate: {\"factor\":\"2\",\"start\":\"5/min\"}\n"},
        {"pace: {per: {site: 1, rack: 2}, rate: {start: 5/min}}\n",
         "pace: {per: {site: 2, rack: 2}, rate: {start: 5/min, factor: 1, max: 5/min}}\n",
         "pace.per.site: 1 -> 2\npace.rate.factor: 2 -> 1\n+ pace.rate.max: 5/min\n"},
        {"", "budget: {classes: {silent: 0}}\n", "+ budget.classes: {\"silent\":0}\n"},
        {"retry: {classes: {shed: {backoff: 1h}}}\n",
         "retry: {jitter: 5%, classes: {shed: {backoff: 2h}}}\n",
         "retry.classes.shed.backoff: 1h -> 2h\nretry.jitter: 20% -> 5%\n"},
        {"window: {daily: 02:00-05:00, days: sat}\n",
         "window: {daily: 02:00-06:00, days: [sat, sun], zone: site}\n",
         "window.daily: [\"02:00-05:00\"] -> [\"02:00-06:00\"]\n"
         "window.days: [\"sat\"] -> [\"sat\",\"sun\"]\nwindow.zone: device -> site\n"},
        {"schedule: {end: 2026-12-01T00:00:00Z}\n",
         "schedule: {start: 2026-11-01T00:00:00Z, end: 2026-12-01T00:00:00Z, at_end: abort}\n",
         "schedule.at_end: pause -> abort\n+ schedule.start: 2026-11-01T00:00:00.000Z\n"},
        {"", "approvals: {count: 2}\nemergency: {for: 6h, reason: x}\n",
         "+ approvals: {\"count\":2,\"role\":\"rollout-admin\"}\n"
         "+ emergency: {\"for\":\"6h\",\"reason\":\"x\"}\n"},
        {"approvals: {}\n", "approvals: {expires: 7d}\n", "+ approvals.expires: 7d\n"},
        {"supersedes: a\n", "supersedes: [a, b]\n", "supersedes: [\"a\"] -> [\"a\",\"b\"]\n"},
        /* the default gate is that of each wave */
        {"", "gate: {soak: 2h}\n",
         "waves.lab.gate.soak: 0s -> 2h\nwaves.few.gate.soak: 0s -> 2h\n"
         "waves.rest.gate.soak: 0s -> 2h\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_diff(rows[i].from, rows[i].to, rows[i].expected);
}

static void waves_are_told_apart_by_name(void)
{
    static const struct {
        const char *from, *to, *expected;
    } rows[] = {
        {"waves: [{name: a, count: 5}, {name: rest, remaining: true}]\n",
         "waves: [{name: a, count: 6}, {name: rest, remaining: true, gate: {approvals: {}}}]\n",
         "waves.a.count: 5 -> 6\n"
         "+ waves.rest.gate.approvals: {\"count\":1,\"role\":\"rollout-admin\"}\n"},
        {"waves: [{name: a, count: 5}]\n", "waves: [{name: a, percent: 5}]\n",
         "- waves.a.count: 5\n+ waves.a.percent: 5%\n"},
        {"waves: [{name: a, count: 5}, {name: b, count: 1}]\n",
         "waves: [{name: a, count: 5}, {name: b, count: 1, overlap: true, gate: {hook: {run: h}, "
         "health: {metric: m}}}]\n",
         "+ waves.b.gate.health: {\"alpha\":\"1%\",\"beta\":\"5%\",\"margin\":\"20%\",\"metric\":"
         "\"m\",\"settle\":\"10m\",\"worse\":\"higher\"}\n"
         "+ waves.b.gate.hook: {\"every\":\"1m\",\"run\":\"h\",\"timeout\":\"30s\"}\n"
         "+ waves.b.overlap: true\n"},
        {"waves: [{name: a, count: 5}]\n", "waves: [{name: a, count: 5, spread: region}]\n",
         "+ waves.a.spread: [\"region\"]\n"},
        {"waves: [{name: a, count: 5, spread: [region, timezone]}]\n",
         "waves: [{name: a, count: 5, spread: [timezone, region]}]\n",
         "waves.a.spread: [\"region\",\"timezone\"] -> [\"timezone\",\"region\"]\n"},
        {"waves: [{name: a, count: 5}]\n", "waves: [{name: a, count: 5}, {name: b, count: 1}]\n",
         "+ waves.b: {\"count\":1,\"gate\":{\"sample\":\"100%\",\"soak\":\"0s\",\"success\":\">= "
         "100%\"},\"name\":\"b\"}\n"},
        {"waves: [{name: a, count: 5}, {name: b, count: 1}]\n", "waves: [{name: a, count: 5}]\n",
         "- waves.b: {\"count\":1,\"gate\":{\"sample\":\"100%\",\"soak\":\"0s\",\"success\":\">= "
         "100%\"},\"name\":\"b\"}\n"},
        {"waves: [{name: a, count: 5}, {name: b, count: 1}]\n",
         "waves: [{name: b, count: 1}, {name: a, count: 5}]\n", "waves: in another order\n"},
        {"waves: [{name: a, count: 5}, {name: b, count: 1}]\n",
         "waves: [{name: b, count: 1}, {name: a, count: 6}]\n",
         "waves.a.count: 5 -> 6\nwaves: in another order\n"},
        {"waves: [{name: a, count: 5}, {name: b, count: 1}]\n",
         "waves: [{name: b, count: 1}, {name: new, count: 1}, {name: a, count: 5}]\n",
         "+ waves.new: {\"count\":1,\"gate\":{\"sample\":\"100%\",\"soak\":\"0s\",\"success\":\">= "
         "100%\"},\"name\":\"new\"}\nwaves: in another order\n"},
        {"waves: [{name: a, count: 5}, {name: b, count: 1}]\n",
         "waves: [{name: a, count: 5}, {name: c, count: 1}]\n",
         "- waves.b: {\"count\":1,\"gate\":{\"sample\":\"100%\",\"soak\":\"0s\",\"success\":\">= "
         "100%\"},\"name\":\"b\"}\n"
         "+ waves.c: {\"count\":1,\"gate\":{\"sample\":\"100%\",\"soak\":\"0s\",\"success\":\">= "
         "100%\"},\"name\":\"c\"}\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_diff(rows[i].from, rows[i].to, rows[i].expected);
}

static void conditions_are_told_apart(void)
{
    static const struct {
        const char *from, *to, *expected;
    } rows[] = {
        {"{tag: t}", "{tag: t, not: {tag: x}}", "+ target.not: [{\"tag\":[\"x\"]}]\n"},
        {"{tag: t, not: {tag: x}}", "{tag: t}", "- target.not: [{\"tag\":[\"x\"]}]\n"},
        {"{tag: t, region: DE}", "{tag: t, region: [DE, AT]}",
         "target.region: [\"DE\"] -> [\"AT\",\"DE\"]\n"},
        {"{within: {lat: 1, lon: 2, km: 3}}", "{within: {lat: 1, lon: 2, km: 3.5}}",
         "target.within.km: 3 -> 3.5\n"},
        {"{hardware: {model: m}}", "{hardware: {model: m, revision: '>=C'}}",
         "+ target.hardware.revision: >=C\n"},
        {"{software: {a: '>1', b: '>2'}}", "{software: {a: '>1', b: '>3'}}",
         "target.software.b: >2 -> >3\n"},
        {"{software: {a: '>1'}}", "{software: {b: '>1'}}",
         "- target.software.a: >1\n+ target.software.b: >1\n"},
        {"{tag: t}", "{group: t}", "- target.tag: [\"t\"]\n+ target.group: [\"t\"]\n"},
        {"{all: [{tag: a}, {tag: b}, {tag: c}]}", "{all: [{tag: x}, {tag: b}, {tag: y}, {tag: z}]}",
         "target.tag: [\"a\"] -> [\"x\"]\ntarget.tag: [\"c\"] -> [\"y\"]\n+ target.tag: [\"z\"]\n"},
        {"{any: [{tag: a}, {tag: b}]}", "{any: [{tag: a}, {tag: c}]}",
         "target.any: [{\"tag\":[\"a\"]},{\"tag\":[\"b\"]}] -> "
         "[{\"tag\":[\"a\"]},{\"tag\":[\"c\"]}]\n"},
        {"{software: {all: '>1'}, attribute: {all: a}}",
         "{software: {all: '>2'}, attribute: {all: b}}",
         "target.software.all: >1 -> >2\ntarget.attribute.all: [\"a\"] -> [\"b\"]\n"},
        {"{tag: t, group: g}", "{group: g, tag: t}", "target: in another order\n"},
        {"{all: [{tag: t}, {tag: t}]}", "{tag: t}", "target: in another order\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char from[160], to[160];
        (void)snprintf(from, sizeof from, "target: %s\n", rows[i].from);
        (void)snprintf(to, sizeof to, "target: %s\n", rows[i].to);
        check_diff(from, to, rows[i].expected);
    }
    check_diff("waves: [{name: a, select: {tag: x}}]\n",
               "waves: [{name: a, select: {tag: x, region: DE}}]\n",
               "+ waves.a.select.region: [\"DE\"]\n");
}

/* Not two beginnings that are the same. */
static void long_values_are_shown_where_they_differ(void)
{
    char from[2048], to[2048];
    char ids[1024] = "";
    for (int i = 100; i < 180; i++) {
        size_t len = strlen(ids);
        (void)snprintf(ids + len, sizeof ids - len, "d%d, ", i);
    }
    (void)snprintf(from, sizeof from, "waves: [{name: a, devices: [%s d200]}]\n", ids);
    (void)snprintf(to, sizeof to, "waves: [{name: a, devices: [%s d300]}]\n", ids);
    struct campaign *old = read_text(from), *new = read_text(to);
    struct wg_error err = {0};
    struct wg_buf out;
    wg_buf_init(&out, TEXT_MAX);
    ASSERT_OK(campaign_diff(old, new, &out, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&out), "\"d200\"] -> ..."));
    CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&out), "\"d300\"]\n"));
    CU_ASSERT_TRUE(out.len < 120);
    wg_buf_clear(&out);
    campaign_free(old);
    campaign_free(new);
}

static void the_same_meaning_is_no_change(void)
{
    static const struct {
        const char *one, *other;
    } rows[] = {
        {"", "gate: {}\npace: {in_flight: 100}\nmembership: snapshot\npriority: 50\n"},
        {"", TARGET RELEASE WAVES},
        {"target: {tag: [t, s]}\n", "target: {all: [{tag: [s, t, s]}]}\n"},
        {"target: {within: {lat: 48.10, lon: 1, km: 1}}\n",
         "target: {within: {km: '1.000', lat: '48.1', lon: 1.0}}\n"},
        {"target: {inside: 'POLYGON ((5 45, 9 45, 9 48, 5 45))'}\n",
         "target: {inside: {type: Polygon, coordinates: [[[9, 48], [5, 45], [9, 45], [9, "
         "48]]]}}\n"},
        {"target: {attribute: {a: 5}}\n", "target: {attribute: {a: ['5']}}\n"},
        {"waves: [{name: a, devices: [d1, d2]}]\n", "waves: [{name: a, devices: {file: l}}]\n"},
        {"waves: [{name: a, percent: 5}]\n", "waves: [{name: a, percent: '5.00%'}]\n"},
        {"gate: {soak: 24h}\n", "gate: {soak: 1d}\n"},
        {"gate: {soak: 1h}\nwaves: [{name: a, count: 1}]\n",
         "waves: [{name: a, count: 1, gate: {soak: 60m}}]\n"},
        {"after: x\n", "after: [x, x]\n"},
        {"window: {daily: 22:00-00:00}\n",
         "window: [{daily: [\"22:00-24:00\"], zone: device, days: [sun, mon, tue, wed, thu, fri, "
         "sat]}]\n"},
        {"window: [{daily: 02:00-03:00, days: sat}, {daily: 01:00-02:00, days: [sat]}]\n",
         "window: {daily: [01:00-02:00, 02:00-03:00], days: sat}\n"},
        {"schedule: {start: 2026-12-01T00:00:00Z}\n",
         "schedule: {start: \"2026-11-30t23:00:00.000-01:00\"}\n"},
        {"", "schedule: {}\napprovals: {role: x, count: 0, expires: 1d}\n"},
        {"", "pace: {per: {}}\nbudget: {classes: {}}\nretry: {classes: {}, jitter: 20%}\n"},
        {"", "gate: {hook: none, health: none}\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_diff(rows[i].one, rows[i].other, "");
        check_diff(rows[i].other, rows[i].one, "");
    }
}

static void a_wave_keeps_its_devices(void)
{
    static const struct {
        const char *from, *to;
        bool members, gate;
    } rows[] = {
        {"count: 5", "count: 5", true, true},
        {"count: 5", "count: 5, gate: {soak: 1h}", true, false},
        {"count: 5", "count: 5, gate: {approvals: {count: 2}}", true, false},
        {"count: 5, gate: {approvals: {role: x, count: 0}}", "count: 5", true, true},
        {"count: 5, gate: {approvals: {}}", "count: 5, gate: {approvals: {expires: 1d}}", true,
         false},
        {"count: 5", "count: 5, gate: {hook: {run: h}}", true, false},
        {"count: 5, gate: {hook: {run: h}}", "count: 5, gate: {hook: {run: h, every: 2m}}", true,
         false},
        {"count: 5, gate: {hook: {run: h}}", "count: 5, gate: {hook: {run: h, every: 60s}}", true,
         true},
        {"count: 5, gate: {health: {metric: m}}", "count: 5, gate: {health: none}", true, false},
        {"count: 5, gate: {health: {metric: m}}", "count: 5, gate: {health: {metric: m, beta: 6%}}",
         true, false},
        {"count: 5", "count: 6", false, true},
        {"count: 5", "percent: 5", false, true},
        {"percent: 5", "percent: 5.0001", false, true},
        {"percent: 5", "percent: 5%", true, true},
        {"count: 5", "count: 5, spread: region", false, true},
        {"count: 5, spread: [region, timezone]", "count: 5, spread: [timezone, region]", false,
         true},
        {"count: 5, spread: [region]", "count: 5, spread: region", true, true},
        {"devices: [a, b]", "devices: [b, a, b]", true, true},
        {"devices: [a, b]", "devices: [a]", false, true},
        {"devices: [a, b]", "devices: [a, c]", false, true},
        {"select: {tag: a}", "select: {tag: [a, a]}", true, true},
        {"select: {tag: a}", "select: {tag: b}", false, true},
        {"select: {tag: a}", "select: {tag: a, group: g}", false, true},
        {"devices: [a]", "select: {device: [a]}", false, true},
        {"remaining: true", "remaining: true", true, true},
        {"remaining: true", "count: 5", false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char from[160], to[160];
        (void)snprintf(from, sizeof from, "waves: [{name: a, %s}]\n", rows[i].from);
        (void)snprintf(to, sizeof to, "waves: [{name: a, %s}]\n", rows[i].to);
        struct campaign *old = read_text(from), *new = read_text(to);
        bool members = campaign_wave_same_members(old, new, 0);
        bool gate = campaign_wave_same_gate(old, new, 0);
        if (members != rows[i].members || gate != rows[i].gate) printf("\n    %s    %s", from, to);
        CU_ASSERT_EQUAL(members, rows[i].members);
        CU_ASSERT_EQUAL(campaign_wave_same_members(new, old, 0), rows[i].members);
        CU_ASSERT_EQUAL(gate, rows[i].gate);
        campaign_free(old);
        campaign_free(new);
    }
}

static void a_wave_is_known_by_name_and_place(void)
{
    struct campaign *old = read_text("waves: [{name: a, count: 5}, {name: b, count: 6}]\n");
    struct campaign *new = read_text("waves: [{name: x, count: 5}, {name: b, count: 6}]\n");
    CU_ASSERT_FALSE(campaign_wave_same_members(old, new, 0));
    CU_ASSERT_TRUE(campaign_wave_same_members(old, new, 1));
    campaign_free(old);
    campaign_free(new);
}

WG_SUITE("diff", {"each change is told once", each_change_is_told_once},
         {"waves are told apart by name", waves_are_told_apart_by_name},
         {"conditions are told apart", conditions_are_told_apart},
         {"long values are shown where they differ", long_values_are_shown_where_they_differ},
         {"the same meaning is no change", the_same_meaning_is_no_change},
         {"a wave keeps its devices", a_wave_keeps_its_devices},
         {"a wave is known by name and place", a_wave_is_known_by_name_and_place})
