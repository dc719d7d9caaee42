/* campaign_test.c: a campaign file as a model, its canonical form, and every problem told at its
 * place. */
#include "orchestrator/campaign/campaign.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "wavegate: 1\ncampaign: c\nrelease: app/1.2.3\n"
#define TARGET "target: {tag: [t]}\n"
#define WAVES "waves: [{name: rest, remaining: true}]\n"

static const char full[] =
    "wavegate: 1\n"
    "campaign: brake-2.4.1\n"
    "release: brake-controller/2.4.1\n"
    "rollback_to: brake-controller/2.3.7\n"
    "membership: continuous\n"
    "priority: 80\n"
    "after: [gateway-5.1.0]\n"
    "excludes: [trial-2, trial-1]\n"
    "target:\n"
    "  all:\n"
    "    - hardware: {model: brake-controller, revision: \">=C\"}\n"
    "    - software: {brake-controller: \">=2.3.0 <2.4.1\", boot: \"*\"}\n"
    "    - any:\n"
    "        - region: [DE, AT, US-CA]\n"
    "        - {tag: [alps], device: [dev-9, 'x-*']}\n"
    "        - {within: {lat: 48.14, lon: -11.58, km: 250}, timezone: ['Europe/*', UTC]}\n"
    "        - {bbox: {west: 170, south: -1, east: -170, north: 1}, last_seen: {before: 30d}}\n"
    "        - inside: {type: Polygon, coordinates: [[[5, 45], [9, 45], [9, 48], [5, 45]]]}\n"
    "    - attribute: {site: [a, b], battery: '>= 20', owner: '!= x', cam: {exists: true}}\n"
    "    - software: {os: {scheme: debian, version: '>= 1:2'}, fw: {scheme: opaque, version: "
    "[r1]}}\n"
    "  not:\n"
    "    - device: [dev-000017]\n"
    "    - tag: [do-not-disturb]\n"
    "    - {installed: app/1.0.0, not_installed: [app/1.0.1], failed_in: [old], group: g}\n"
    "waves:\n"
    "  - {name: lab, devices: {file: lab.txt}}\n"
    "  - {name: friends, select: {tag: beta}}\n"
    "  - {name: canary, percent: 1.5, spread: [region, software.boot], gate: {approvals: {role: "
    "rollout-admin, count: 2}}}\n"
    "  - {name: early, count: 5000, gate: {success: \">= 99.5%\", sample: 80%}}\n"
    "  - {name: rest, remaining: true}\n"
    "gate: {success: \">= 99%\", soak: 24h}\n"
    "pace: {in_flight: 500}\n"
    "budget: {failures: 1%, at_least: 3, on_exceeded: abort}\n"
    "retry: {attempts: 3, backoff: 10m}\n"
    "timeout: {download: 4h, install: 30m, probation: 15m, silent: 24h}\n";

static bool load(void *ctx, const char *name, struct wg_buf *out, struct wg_error *err)
{
    (void)ctx;
    if (strcmp(name, "lab.txt") != 0) return wg_fail(err, WG_E_NOT_FOUND, "%s: not there", name);
    wg_buf_text(out, "# the lab\nlab-2\n\n  lab-1  # bench\nlab-2\n");
    return true;
}

static struct campaign *parse(const char *text, struct wg_error *err)
{
    return campaign_parse("c.yaml", text, strlen(text), load, NULL, err);
}

static void a_whole_file_is_read(void)
{
    struct wg_error err = {0};
    struct campaign *campaign = parse(full, &err);
    ASSERT_OK(campaign != NULL, &err);
    ASSERT_TEXT(campaign->name, "brake-2.4.1");
    ASSERT_TEXT(campaign->component, "brake-controller");
    ASSERT_TEXT(campaign->version, "2.4.1");
    ASSERT_TEXT(campaign->rollback, "2.3.7");
    CU_ASSERT_TRUE(campaign->policy.continuous);
    CU_ASSERT_EQUAL(campaign->priority, 80);
    CU_ASSERT_EQUAL_FATAL(campaign->after.count, 1);
    ASSERT_TEXT(campaign->after.items[0], "gateway-5.1.0");
    CU_ASSERT_EQUAL_FATAL(campaign->excludes.count, 2);
    ASSERT_TEXT(campaign->excludes.items[0], "trial-1");
    CU_ASSERT_EQUAL(campaign->target->child_count, 13);
    campaign_free(campaign);
}

static void the_waves_are_read(void)
{
    struct wg_error err = {0};
    struct campaign *campaign = parse(full, &err);
    ASSERT_OK(campaign != NULL, &err);
    const struct campaign_wave *waves = campaign->waves;
    const struct policy_gate *gates = campaign->policy.gates;
    CU_ASSERT_EQUAL(campaign->policy.wave_count, 5);
    CU_ASSERT_EQUAL(waves[0].kind, WAVE_DEVICES);
    CU_ASSERT_EQUAL(waves[0].devices.count, 2);
    ASSERT_TEXT(waves[0].devices.items[0], "lab-1");
    CU_ASSERT_EQUAL(waves[1].kind, WAVE_SELECT);
    CU_ASSERT_EQUAL(waves[1].select->children[0]->kind, SELECT_TAG);
    CU_ASSERT_EQUAL(waves[2].kind, WAVE_PERCENT);
    CU_ASSERT_EQUAL(waves[2].percent_ppm, 15000);
    CU_ASSERT_EQUAL(waves[2].spread_count, 2);
    ASSERT_TEXT(waves[2].spread[1], "software.boot");
    CU_ASSERT_EQUAL(waves[3].count, 5000);
    CU_ASSERT_EQUAL(waves[4].kind, WAVE_REMAINING);
    CU_ASSERT_EQUAL(gates[2].approval_count, 2);
    CU_ASSERT_EQUAL(gates[2].success_ppm, 990000);
    CU_ASSERT_EQUAL(gates[2].soak, WG_DAY);
    CU_ASSERT_EQUAL(gates[3].success_ppm, 995000);
    CU_ASSERT_EQUAL(gates[3].sample.value, 800000);
    CU_ASSERT_EQUAL(gates[4].approval_count, 0);
    CU_ASSERT_EQUAL(campaign->policy.budget.on_exceeded, POLICY_ABORT);
    CU_ASSERT_EQUAL(campaign->policy.retry.attempts, 3);
    campaign_free(campaign);
}

static void check_same_gate(const struct policy_gate *a, const struct policy_gate *b)
{
    CU_ASSERT_EQUAL(a->success_ppm, b->success_ppm);
    CU_ASSERT_EQUAL(a->sample.is_share, b->sample.is_share);
    CU_ASSERT_EQUAL(a->sample.value, b->sample.value);
    CU_ASSERT_EQUAL(a->soak, b->soak);
    CU_ASSERT_EQUAL(a->approval_count, b->approval_count);
    ASSERT_TEXT(a->approval_role, b->approval_role);
}

static void check_same_policy(const struct policy *a, const struct policy *b)
{
    CU_ASSERT_EQUAL(a->continuous, b->continuous);
    CU_ASSERT_EQUAL_FATAL(a->wave_count, b->wave_count);
    for (size_t i = 0; i < a->wave_count; i++) check_same_gate(&a->gates[i], &b->gates[i]);
    CU_ASSERT_EQUAL(a->in_flight, b->in_flight);
    CU_ASSERT_EQUAL(a->budget.failures.is_share, b->budget.failures.is_share);
    CU_ASSERT_EQUAL(a->budget.failures.value, b->budget.failures.value);
    CU_ASSERT_EQUAL(a->budget.at_least, b->budget.at_least);
    CU_ASSERT_EQUAL(a->budget.on_exceeded, b->budget.on_exceeded);
    CU_ASSERT_EQUAL(a->retry.attempts, b->retry.attempts);
    CU_ASSERT_EQUAL(a->retry.backoff, b->retry.backoff);
    CU_ASSERT_EQUAL(memcmp(&a->timeout, &b->timeout, sizeof a->timeout), 0);
}

static void the_canonical_form_reads_back_to_itself(void)
{
    struct wg_error err = {0};
    struct wg_buf first, second;
    char digest[WG_SHA256_HEX], again[WG_SHA256_HEX];
    struct campaign *campaign = parse(full, &err);
    ASSERT_OK(campaign != NULL, &err);
    wg_buf_init(&first, 1000000);
    wg_buf_init(&second, 1000000);
    ASSERT_OK(campaign_canonical(campaign, &first, &err), &err);
    ASSERT_OK(campaign_digest(campaign, digest, &err), &err);
    struct campaign *back =
        campaign_parse("canonical", wg_buf_str(&first), first.len, NULL, NULL, &err);
    ASSERT_OK(back != NULL, &err);
    ASSERT_OK(campaign_canonical(back, &second, &err), &err);
    ASSERT_OK(campaign_digest(back, again, &err), &err);
    ASSERT_TEXT(wg_buf_str(&second), wg_buf_str(&first));
    ASSERT_TEXT(again, digest);
    check_same_policy(&campaign->policy, &back->policy);
    wg_buf_clear(&first);
    wg_buf_clear(&second);
    campaign_free(campaign);
    campaign_free(back);
}

static void problems_are_told_at_their_place(void)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {HEAD TARGET "waves: [{name: a, remaning: true}]\n",
         "c.yaml:5:19: error: wave has no key \"remaning\": did you mean \"remaining\"?"},
        {HEAD TARGET "waves: [{name: a, percent: 140}]\n",
         "c.yaml:5:28: error: percent: expected a percentage like 12.5%, more than 0"},
        {HEAD TARGET "waves: [{name: a, percent: 0}]\n",
         "percent: expected a percentage like 12.5%, more than 0"},
        {HEAD TARGET "waves: [{name: a, percent: 60}, {name: b, percent: 41}]\n",
         "add up to more than 100"},
        {HEAD TARGET "waves: [{name: a, remaining: true}, {name: b, count: 1}]\n",
         "only the last wave"},
        {HEAD TARGET "waves: [{name: a, count: 1}, {name: a, count: 1}]\n",
         "two waves are named \"a\""},
        {HEAD TARGET "waves: [{name: all, remaining: true}]\n",
         "plan --devices means something else by \"all\""},
        {HEAD TARGET "waves: [{name: a, count: 1}, {name: left-out, count: 1}]\n",
         "plan --devices means something else by \"left-out\""},
        {HEAD TARGET "waves: [{name: a, count: 1, percent: 2}]\n",
         "exactly one of devices, select, percent"},
        {HEAD TARGET "waves: []\n", "expected a list of 1 to 32 waves"},
        {HEAD WAVES, "the key \"target\" is missing"},
        {HEAD "target: {}\n" WAVES, "expected at least one key"},
        {HEAD "target: {region: [XX]}\n" WAVES,
         "c.yaml:4:19: error: region: expected an ISO 3166 code"},
        {HEAD "target: {hardware: {revision: \">=C\"}}\n" WAVES, "the key \"model\" is missing"},
        {HEAD "target: {software: {app: \">=1.y\"}}\n" WAVES, "c.yaml:4:26: error: app: "},
        {HEAD TARGET WAVES "windw: {daily: \"02:00-05:00\"}\n",
         "c.yaml:6:1: error: a campaign has no key \"windw\": did you mean \"window\"?"},
        {HEAD TARGET WAVES "budget: {on_exceeded: rollback}\n",
         "c.yaml:6:23: error: on_exceeded: rollback needs the key \"rollback_to\""},
        {HEAD TARGET WAVES "membership: continous\n", "expected snapshot or continuous"},
        {HEAD TARGET WAVES "gate: {success: \"99%\"}\n", "expected \">= PERCENT%\""},
        {HEAD TARGET WAVES "gate: {soak: soon}\n", "expected a duration like 90s"},
        {HEAD TARGET WAVES "retry: {attempts: 11}\n",
         "expected a whole number from 1 to 10, got \"11\""},
        {"wavegate: 2\ncampaign: c\nrelease: app/1.2.3\n" TARGET WAVES,
         "c.yaml:1:11: error: wavegate: expected"},
        {"campaign: c\nrelease: app/1.2.3\n" TARGET WAVES, "the key \"wavegate\" is missing"},
        {"wavegate: 1\ncampaign: c\nrelease: app\n" TARGET WAVES, "expected COMPONENT/VERSION"},
        {"wavegate: 1\ncampaign: c\nrelease: app/1.2\n" TARGET WAVES, "expected MAJOR.MINOR.PATCH"},
        {"wavegate: 1\ncampaign: a b\nrelease: app/1.2.3\n" TARGET WAVES,
         "c.yaml:2:11: error: campaign:"},
        {HEAD TARGET "waves: [{name: a, devices: {file: ../x}}]\n",
         "expected a file in the campaign's folder"},
        {HEAD TARGET "waves: [{name: a, devices: {file: /etc/passwd}}]\n",
         "expected a file in the campaign's folder"},
        {HEAD TARGET "waves: [{name: a, devices: {file: gone.txt}}]\n", "gone.txt: not there"},
        {HEAD TARGET "waves: [{name: a, devices: [\"a/b\"]}]\n", "is no device id"},
        {"[]\n", "expected a map of keys and values, got a list"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_error err = {0};
        struct campaign *campaign = parse(rows[i].text, &err);
        CU_ASSERT_PTR_NULL(campaign);
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
        if (!strstr(err.text, rows[i].expected)) printf("\n    row %zu: %s\n", i, err.text);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].expected));
        campaign_free(campaign);
    }
}

static void all_problems_come_at_once(void)
{
    struct wg_error err = {0};
    CU_ASSERT_PTR_NULL(
        parse("wavegate: 1\ncampaign: ''\nrelease: x\ntarget: {tg: [a]}\nwaves: 3\n", &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "c.yaml:2:11"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "c.yaml:3:10"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "c.yaml:4:10"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "c.yaml:5:8"));
}

static void the_same_meaning_has_the_same_digest(void)
{
    struct wg_error err = {0};
    char one[WG_SHA256_HEX], two[WG_SHA256_HEX];
    struct campaign *a = parse(HEAD "target: {all: [{region: [DE, AT]}]}\n" WAVES, &err);
    struct campaign *b = parse("release: app/1.2.3\n" WAVES "target:\n  region: [AT, DE, AT]\n"
                               "campaign: c\nwavegate: 1\npace: {in_flight: 100}\n",
                               &err);
    ASSERT_OK(a && b, &err);
    ASSERT_OK(campaign_digest(a, one, &err) && campaign_digest(b, two, &err), &err);
    ASSERT_TEXT(one, two);
    campaign_free(a);
    campaign_free(b);
}

static char *data_file(const char *name)
{
    char path[512], *text = calloc(1, 8192);
    (void)snprintf(path, sizeof path, WG_TEST_DATA "/good/%s", name);
    FILE *file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_TRUE(fread(text, 1, 8191, file) > 0);
    (void)fclose(file);
    return text;
}

/* defaults.yaml has them all, as the schema names them. */
static void defaults_may_be_written_out(void)
{
    struct wg_error err = {0};
    char one[WG_SHA256_HEX], two[WG_SHA256_HEX];
    char *least = data_file("minimal.yaml"), *all = data_file("defaults.yaml");
    struct campaign *a = parse(least, &err), *b = parse(all, &err);
    ASSERT_OK(a && b, &err);
    ASSERT_OK(campaign_digest(a, one, &err) && campaign_digest(b, two, &err), &err);
    ASSERT_TEXT(one, two);
    campaign_free(a);
    campaign_free(b);
    free(least);
    free(all);
}

static void mutations_never_crash(void)
{
    uint64_t seed = 11;
    char *copy = malloc(sizeof full);
    for (int round = 0; copy && round < 3000; round++) {
        struct wg_error err = {0};
        memcpy(copy, full, sizeof full);
        for (int i = 0; i < 2; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            copy[(seed >> 33) % (sizeof full - 1)] = (char)(' ' + (seed >> 24) % 95);
        }
        struct campaign *campaign = parse(copy, &err);
        CU_ASSERT_EQUAL(campaign == NULL, err.code != WG_OK);
        campaign_free(campaign);
    }
    free(copy);
}

WG_SUITE("campaign", {"a whole file is read", a_whole_file_is_read},
         {"the waves are read", the_waves_are_read},
         {"defaults may be written out", defaults_may_be_written_out},
         {"the canonical form reads back to itself", the_canonical_form_reads_back_to_itself},
         {"problems are told at their place", problems_are_told_at_their_place},
         {"all problems come at once", all_problems_come_at_once},
         {"the same meaning has the same digest", the_same_meaning_has_the_same_digest},
         {"mutations never crash", mutations_never_crash})
