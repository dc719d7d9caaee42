/* campaign_test.c: a campaign file as a model, its canonical form, and every problem told at its
 * place. */
#include "orchestrator/campaign/campaign.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "wavegate: 1\ncampaign: c\nrelease: app/1.2.3\n"
#define TARGET "target: {tag: [t]}\n"
#define WAVES "waves: [{name: all, remaining: true}]\n"

static const char full[] =
    "wavegate: 1\n"
    "campaign: brake-2.4.1\n"
    "release: brake-controller/2.4.1\n"
    "membership: snapshot\n"
    "target:\n"
    "  all:\n"
    "    - hardware: {model: brake-controller, revision: \">=C\"}\n"
    "    - software: {brake-controller: \">=2.3.0 <2.4.1\", boot: \"*\"}\n"
    "    - any:\n"
    "        - region: [DE, AT, US-CA]\n"
    "        - {tag: [alps], device: [dev-9]}\n"
    "  not:\n"
    "    - device: [dev-000017]\n"
    "    - tag: [do-not-disturb]\n"
    "waves:\n"
    "  - {name: lab, devices: {file: lab.txt}}\n"
    "  - {name: canary, percent: 1.5, gate: {approvals: {role: rollout-admin, count: 2}}}\n"
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
    CU_ASSERT_EQUAL(campaign->policy.wave_count, 4);
    CU_ASSERT_EQUAL(campaign->waves[0].devices.count, 2);
    ASSERT_TEXT(campaign->waves[0].devices.items[0], "lab-1");
    CU_ASSERT_EQUAL(campaign->waves[1].percent_ppm, 15000);
    CU_ASSERT_EQUAL(campaign->policy.gates[1].approval_count, 2);
    CU_ASSERT_EQUAL(campaign->policy.gates[1].success_ppm, 990000);
    CU_ASSERT_EQUAL(campaign->policy.gates[1].soak, WG_DAY);
    CU_ASSERT_EQUAL(campaign->policy.gates[2].success_ppm, 995000);
    CU_ASSERT_EQUAL(campaign->policy.gates[2].sample.value, 800000);
    CU_ASSERT_EQUAL(campaign->policy.gates[3].approval_count, 0);
    CU_ASSERT_EQUAL(campaign->policy.budget.on_exceeded, POLICY_ABORT);
    CU_ASSERT_EQUAL(campaign->policy.retry.attempts, 3);
    CU_ASSERT_EQUAL(campaign->target->child_count, 6);
    campaign_free(campaign);
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
    CU_ASSERT_EQUAL(memcmp(&campaign->policy, &back->policy, sizeof campaign->policy), 0);
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
        {HEAD TARGET "waves: [{name: a, count: 1, percent: 2}]\n",
         "exactly one of devices, percent"},
        {HEAD TARGET "waves: []\n", "expected a list of 1 to 32 waves"},
        {HEAD WAVES, "the key \"target\" is missing"},
        {HEAD "target: {}\n" WAVES, "expected at least one key"},
        {HEAD "target: {region: [XX]}\n" WAVES,
         "c.yaml:4:19: error: region: expected an ISO 3166 code"},
        {HEAD "target: {hardware: {revision: \">=C\"}}\n" WAVES, "the key \"model\" is missing"},
        {HEAD "target: {software: {app: \">=1.x\"}}\n" WAVES,
         "is not a version: expected MAJOR.MINOR.PATCH"},
        {HEAD "target: {within: {lat: 1, lon: 2, km: 3}}\n" WAVES,
         "this version does not act on it"},
        {HEAD TARGET WAVES "window: {daily: \"02:00-05:00\"}\n",
         "c.yaml:6:1: error: \"window\" is part of"},
        {HEAD TARGET WAVES "pace: {rate: {max: 5}}\n", "\"rate\" is part of the campaign language"},
        {HEAD TARGET WAVES "budget: {on_exceeded: rollback}\n", "use pause or abort"},
        {HEAD TARGET WAVES "membership: continuous\n", "use snapshot"},
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
         {"the canonical form reads back to itself", the_canonical_form_reads_back_to_itself},
         {"problems are told at their place", problems_are_told_at_their_place},
         {"all problems come at once", all_problems_come_at_once},
         {"the same meaning has the same digest", the_same_meaning_has_the_same_digest},
         {"mutations never crash", mutations_never_crash})
