/* explanation_words_test.c: explanations as people read them, behind the device's name. */
#include "tests/unit/harness.h"
#include "tests/unit/status/scene.h"

#include <string.h>

struct sample {
    const char *text;
    enum plight plight;
    enum campaign_state campaign; /* draft: running */
    const char *cause_of_campaign, *waits_for;
    bool pending; /* its own wave, and the one before it is: */
    enum wave_state before;
    int64_t approvals, faults, ahead;
    enum wg_state state;
    enum wg_cause cause;
    int64_t attempt;
    const char *detail;
};

static void check_sample(const struct sample *sample)
{
    static struct scene scene;
    struct explanation why;
    struct engine_wave *half = &scene.view.waves[BEFORE];
    scene_init(&scene);
    if (sample->campaign) scene.view.state = sample->campaign;
    if (sample->cause_of_campaign)
        (void)wg_copy(scene.place.campaign_cause, sizeof scene.place.campaign_cause,
                      sample->cause_of_campaign);
    if (sample->waits_for)
        (void)wg_copy(scene.view.waits_for, sizeof scene.view.waits_for, sample->waits_for);
    if (sample->pending) {
        half->state = sample->before;
        scene.view.waves[OWN].state = WAVE_PENDING;
    }
    if (sample->pending && sample->before == WAVE_OPEN)
        half->count[WG_SUCCEEDED] = half->count[WG_DOWNLOADING] = 2;
    half->approvals = sample->approvals;
    half->faults = sample->faults;
    half->count[WG_ROLLED_BACK] = sample->faults;
    half->count[WG_SUCCEEDED] -= sample->faults;
    scene.place.ahead = sample->ahead;
    scene.place.state = sample->state;
    scene.place.cause = sample->cause;
    scene.place.attempt = sample->attempt;
    if (sample->detail)
        (void)wg_copy(scene.place.detail, sizeof scene.place.detail, sample->detail);
    set_plight(&scene, sample->plight);
    explanation_of(&scene.facts, &why);
    ASSERT_TEXT(why.text, sample->text);
}

static void waiting_reads_well(void)
{
    static const struct sample samples[] = {
        {"is offered the update next; no device of its wave is before it", .ahead = 0},
        {"is offered the update next; 1 device of its wave is before it", .ahead = 1},
        {"waits: 3 of 3 updates run at once; 7 devices of its wave are before it",
         .plight = CAP_FULL, .ahead = 7},
        {"waits: of 3 updates at once 3 can still start, kept for 3 waiting devices of the waves "
         "before its own",
         .plight = SLOTS_KEPT},
        {"waits: the device has been offline for 1h; it is offered the update when it is back",
         .plight = OFFLINE},
        {"waits: the device has never been online; it is offered the update when it is",
         .plight = NEVER_ONLINE},
        {"is not offered the update: it was revoked at 2024-10-03T00:00:00.000Z",
         .plight = REVOKED},
        {"waits: it does one update at a time, and that of campaign engines is in hand",
         .plight = HELD_IN_HAND},
        {"waits: campaign engines offers it an update first (priority 80, this one 50)",
         .plight = HELD_BY_PRIORITY},
        {"waits: attempt 2 of 3 ended (download: connection reset); it is tried again at "
         "2024-10-04T00:01:00.000Z",
         .plight = RETRY_LATER, .cause = WG_CAUSE_DOWNLOAD, .attempt = 2,
         .detail = "connection reset"},
        {"waits: attempt 2 of 3 ended (timeout); it is tried again at 2024-10-04T00:01:00.000Z",
         .plight = RETRY_LATER, .cause = WG_CAUSE_TIMEOUT, .attempt = 2},
        {"waits: attempt 5 ended (shed: memory is short); it is tried again at "
         "2024-10-04T00:01:00.000Z",
         .plight = RETRY_LATER, .cause = WG_CAUSE_SHED, .attempt = 5, .detail = "memory is short"},
        {"waits: attempt 1 was not answered in time; it is tried again at "
         "2024-10-04T00:01:00.000Z; it has been offline for 1h",
         .plight = RETRY_LATER_OFFLINE, .cause = WG_CAUSE_OFFLINE, .attempt = 1},
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) check_sample(&samples[i]);
}

static void campaigns_and_waves_read_well(void)
{
    static const struct sample samples[] = {
        {"waits: the campaign starts when engines has finished", .campaign = CAMPAIGN_SCHEDULED,
         .waits_for = "engines"},
        {"waits: the campaign starts when engines, gateways have finished",
         .campaign = CAMPAIGN_SCHEDULED, .waits_for = "engines, gateways"},
        {"waits: the campaign starts at the engine's next look", .campaign = CAMPAIGN_SCHEDULED},
        {"waits: the campaign is paused (paused by alice: lunch); wavegate campaign resume brakes "
         "lets it go on",
         .campaign = CAMPAIGN_PAUSED, .cause_of_campaign = "paused by alice: lunch"},
        {"waits: the failure budget of the campaign is exceeded: 2 of 16 devices failed, 1 "
         "tolerated; it is paused, and cannot go on with this budget",
         .campaign = CAMPAIGN_PAUSED, .cause_of_campaign = "failure budget exceeded: 1 of 2",
         .faults = 2},
        {"is not offered the update: the campaign is stopping (aborted by alice: enough)",
         .campaign = CAMPAIGN_STOPPING, .cause_of_campaign = "aborted by alice: enough"},
        {"waits: its own wave rest opens at the engine's next look", .pending = true,
         .before = WAVE_PASSED},
        {"waits: its wave rest has not opened; wave half is open: 2 of 5 devices finished, 5 asked "
         "for",
         .pending = true, .before = WAVE_OPEN},
        {"waits: its wave rest has not opened; wave half opens at the engine's next look",
         .pending = true, .before = WAVE_PENDING},
        {"waits: its wave rest has not opened; wave half soaks until 2024-10-04T00:59:00.000Z",
         .pending = true, .before = WAVE_SOAKING},
        {"waits: its wave rest has not opened; wave half is at its gate: 1 of 2 approvals by "
         "rollout-admin",
         .pending = true, .before = WAVE_AT_GATE, .approvals = 1},
        {"waits: its wave rest has not opened; wave half is at its gate: 80% of 5 succeeded, 99% "
         "wanted",
         .pending = true, .before = WAVE_AT_GATE, .faults = 1},
        {"waits: its wave rest has not opened; wave half passes its gate at the engine's next look",
         .pending = true, .before = WAVE_AT_GATE, .approvals = 2},
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) check_sample(&samples[i]);
}

static void moving_reads_well(void)
{
    static const struct sample samples[] = {
        {"was offered the update 1m ago and has not answered yet; it has been offline for 1h",
         .plight = OFFLINE, .state = WG_OFFERED, .attempt = 1},
        {"accepted its order 1m ago", .state = WG_ACCEPTED, .attempt = 1},
        {"put the update off itself, 1m ago: the engine runs; it is asked again at "
         "2024-10-04T00:09:00.000Z",
         .state = WG_DEFERRED, .attempt = 1, .detail = "the engine runs"},
        {"put the update off itself, 1m ago: the engine runs; the campaign is paused",
         .campaign = CAMPAIGN_PAUSED, .state = WG_DEFERRED, .attempt = 1,
         .detail = "the engine runs"},
        {"has been downloading the artifact for 1m", .state = WG_DOWNLOADING, .attempt = 1},
        {"has been downloading the artifact for 1m; the campaign is stopping, and this update is "
         "being withdrawn",
         .campaign = CAMPAIGN_STOPPING, .state = WG_DOWNLOADING, .attempt = 1},
        {"has been installing into its idle slot for 1m", .campaign = CAMPAIGN_STOPPING,
         .state = WG_INSTALLING, .attempt = 1},
        {"has been rebooting into the new slot for 1m; it has been offline for 1h",
         .plight = OFFLINE, .state = WG_REBOOTING, .attempt = 1},
        {"has been running the new version on probation for 1m", .state = WG_PROBATION,
         .attempt = 1},
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) check_sample(&samples[i]);
}

static void ends_read_well(void)
{
    static const struct sample samples[] = {
        {"succeeded: booted, healthy and reporting app 2.4.1; now it runs no app",
         .state = WG_SUCCEEDED, .attempt = 1},
        {"failed in attempt 3 of 3 (install: disk full)", .state = WG_FAILED,
         .cause = WG_CAUSE_INSTALL, .attempt = 3, .detail = "disk full"},
        {"failed in attempt 1 of 3 (verify)", .state = WG_FAILED, .cause = WG_CAUSE_VERIFY,
         .attempt = 1},
        {"refused the update (not signed by a director)", .state = WG_FAILED,
         .cause = WG_CAUSE_REFUSED, .attempt = 1, .detail = "not signed by a director"},
        {"said that the release does not fit it", .state = WG_FAILED,
         .cause = WG_CAUSE_INCOMPATIBLE, .attempt = 1},
        {"went back to its old slot by itself (health: pedal sensor does not answer)",
         .state = WG_ROLLED_BACK, .cause = WG_CAUSE_HEALTH, .attempt = 1,
         .detail = "pedal sensor does not answer"},
        {"rebooted into the new version and was not heard of again in time", .state = WG_SILENT,
         .cause = WG_CAUSE_SILENT, .attempt = 1},
        {"was not updated: its place was withdrawn when the campaign was stopped (aborted by "
         "alice: enough)",
         .campaign = CAMPAIGN_ABORTED, .cause_of_campaign = "aborted by alice: enough",
         .state = WG_WITHDRAWN, .cause = WG_CAUSE_WITHDRAWN},
        {"was not updated: a later campaign took its place", .state = WG_SUPERSEDED},
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) check_sample(&samples[i]);
}

static void expect(struct scene *scene, const char *text)
{
    struct explanation why;
    explanation_of(&scene->facts, &why);
    ASSERT_TEXT(why.text, text);
}

static void a_success_says_what_runs_now(void)
{
    static struct scene scene;
    scene_init(&scene);
    scene.place.state = WG_SUCCEEDED;
    scene.device.component_count = 1;
    scene.device.components[0] = (struct wg_component){"app", "2.4.1"};
    expect(&scene, "runs app 2.4.1: booted, healthy and reporting it");
    scene.device.components[0] = (struct wg_component){"app", "2.5.0"};
    expect(&scene, "succeeded: booted, healthy and reporting app 2.4.1; now it runs 2.5.0");
}

static void figures_and_ties_are_told(void)
{
    static struct scene scene;
    scene_init(&scene);
    scene.holder = (struct device_holder_row){"engines", false, 50, 50};
    expect(&scene, "waits: campaign engines offers it an update first (both have priority 50; that "
                   "one is older)");
    scene_init(&scene);
    scene.place.state = WG_DOWNLOADING;
    scene.place.bytes = 10;
    scene.place.bytes_total = 20;
    expect(&scene, "has been downloading the artifact for 1m (10 of 20 bytes)");
    scene_init(&scene);
    scene.policy.budget.on_exceeded = POLICY_ABORT;
    scene.view.waves[0].faults = 2;
    expect(&scene, "is not offered the update: the failure budget of the campaign is exceeded: 2 "
                   "of 16 devices failed, 1 tolerated; it stops at the engine's next look");
}

/* A device's own words, however long, are never cut. */
static void the_longest_words_fit(void)
{
    static struct scene scene;
    struct explanation why;
    scene_init(&scene);
    memset(scene.place.detail, 'x', WG_DETAIL_MAX);
    scene.place.state = WG_DEFERRED;
    scene.device.online = false;
    explanation_of(&scene.facts, &why);
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, scene.place.detail));
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "; it has been offline for 1h"));
}

static void what_is_over_does_not_end_in_the_past(void)
{
    static struct scene scene;
    struct explanation why;
    scene_init(&scene);
    scene.view.waves[OWN].state = WAVE_PENDING;
    scene.view.waves[BEFORE].state = WAVE_SOAKING;
    scene.view.waves[BEFORE].last_finish = NOW - 2 * WG_HOUR;
    explanation_of(&scene.facts, &why);
    ASSERT_TEXT(why.text, "waits: its wave rest has not opened; wave half has soaked, since "
                          "2024-10-03T23:00:00.000Z");
    CU_ASSERT_EQUAL(why.until, 0);
    CU_ASSERT_EQUAL(why.wave, BEFORE);
    scene_init(&scene);
    scene.place.state = WG_DEFERRED;
    scene.place.state_at = NOW - WG_HOUR;
    explanation_of(&scene.facts, &why);
    ASSERT_TEXT(why.text,
                "put the update off itself, 1h ago; it is asked again at the engine's next look");
    CU_ASSERT_EQUAL(why.until, 0);
}

WG_SUITE("words of explanations", {"waiting reads well", waiting_reads_well},
         {"campaigns and waves read well", campaigns_and_waves_read_well},
         {"moving reads well", moving_reads_well}, {"ends read well", ends_read_well},
         {"a success says what runs now", a_success_says_what_runs_now},
         {"figures and ties are told", figures_and_ties_are_told},
         {"the longest words fit", the_longest_words_fit},
         {"what is over does not end in the past", what_is_over_does_not_end_in_the_past})
