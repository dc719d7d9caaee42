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
    int64_t attempt, spent;
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
    if (half->state == WAVE_AT_GATE) half->last_finish = NOW - 2 * WG_HOUR;
    half->faults = sample->faults;
    half->count[WG_ROLLED_BACK] = sample->faults;
    half->count[WG_SUCCEEDED] -= sample->faults;
    scene.place.ahead = sample->ahead;
    scene.place.state = sample->state;
    scene.place.cause = sample->cause;
    scene.place.attempt = sample->attempt;
    scene.place.spent = sample->spent;
    if (sample->detail)
        (void)wg_copy(scene.place.detail, sizeof scene.place.detail, sample->detail);
    set_plight(&scene, sample->plight);
    explanation_of(&scene.facts, &why);
    ASSERT_TEXT(why.text, sample->text);
}

static void waiting_reads_well(void)
{
    static const struct sample samples[] = {
        {"is offered the update next; no device is before it", .ahead = 0},
        {"is offered the update next; 1 device is before it", .ahead = 1},
        {"waits for its turn: 3 more updates may start now; 10 devices are before it",
         .plight = MANY_BEFORE, .ahead = 7},
        {"is offered the update next; no device is before it; it goes on with what it has done of "
         "its update",
         .plight = RESUMES, .cause = WG_CAUSE_OFFLINE, .attempt = 1},
        {"waits: 3 of 3 updates run at once; 7 devices are before it", .plight = CAP_FULL,
         .ahead = 7},
        {"waits: 2 devices were offered the update in the last minute, 2 may be; the next at "
         "2024-10-04T00:00:50.000Z; 7 devices are before it",
         .plight = RATE_USED, .ahead = 7},
        {"waits: 1 of 1 device with site plant-7 has an update in hand: dev-9 (rebooting in "
         "campaign engines)",
         .plight = VALUE_TAKEN},
        {"waits: 1 of 1 device with site plant-7 has an update in hand: dev-9 (went silent in "
         "campaign engines 2h ago, and counts until it is heard)",
         .plight = VALUE_SILENT},
        {"waits: its maintenance window opens Fri 2024-10-04 03:00 +00:00 (Etc/UTC)",
         .plight = WINDOW_CLOSED},
        {"waits: the device has been offline for 1h; it is offered the update when it is back; its "
         "maintenance window opens Fri 2024-10-04 03:00 +00:00 (Etc/UTC)",
         .plight = WINDOW_CLOSED_OFFLINE},
        {"waits: its maintenance window does not open within a year in Etc/UTC",
         .plight = WINDOW_NEVER},
        {"waits: it has not said its time zone; wavegate device import gives it one",
         .plight = ZONE_NOT_SAID},
        {"waits: the time zone of where it stands is not known; wavegate device import gives it a "
         "time zone or a position, wavegate boundary import the zones of positions",
         .plight = ZONE_OF_SITE},
        {"waits: its time zone Mars/Base is none that is known here", .plight = ZONE_NOT_THERE},
        {"waits: the device has been offline for 1h; it is offered the update when it is back",
         .plight = OFFLINE},
        {"waits: the device has never been online; it is offered the update when it is",
         .plight = NEVER_ONLINE},
        {"is not offered the update: it was revoked at 2024-10-03T00:00:00.000Z",
         .plight = REVOKED},
        {"is not offered the update: it is in quarantine since 2024-10-03T00:00:00.000Z, because "
         "it looks cloned (two boots take turns); wavegate device clear dev-1 ends it",
         .plight = QUARANTINED},
        {"waits: it does one update at a time, and that of campaign engines is in hand",
         .plight = HELD_IN_HAND},
        {"waits: campaign engines offers it an update first (priority 80, this one 50)",
         .plight = HELD_BY_PRIORITY},
        {"waits: the emergency campaign engines has its update in hand, and it does one at a time",
         .plight = EMERGENCY_IN_HAND},
        {"waits: the emergency campaign engines took it over, and its update is in hand",
         .plight = EMERGENCY_IN_HAND, .cause = WG_CAUSE_SHED, .attempt = 1},
        {"waits: the emergency campaign engines goes first", .plight = EMERGENCY_FIRST},
        {"waits: it went offline with its update in hand 1m ago, and its slot was given back; it "
         "keeps what it has done, and goes on when it is back and has a slot again",
         .plight = GIVEN_BACK, .cause = WG_CAUSE_OFFLINE, .attempt = 1},
        {"put the update off itself, 1m ago: the engine runs; it is asked again at "
         "2024-10-04T00:01:00.000Z",
         .plight = RETRY_LATER, .cause = WG_CAUSE_DEFERRED, .attempt = 1,
         .detail = "the engine runs"},
        {"waits: attempt 2 of 3 failed (download: connection reset); it is tried again at "
         "2024-10-04T00:01:00.000Z",
         .plight = RETRY_LATER, .cause = WG_CAUSE_DOWNLOAD, .attempt = 5, .spent = 2,
         .detail = "connection reset"},
        {"waits: attempt 2 of 3 failed (timeout); it is tried again at 2024-10-04T00:01:00.000Z",
         .plight = RETRY_LATER, .cause = WG_CAUSE_TIMEOUT, .attempt = 2, .spent = 2},
        {"waits: attempt 5 was given up (shed: memory is short); it is tried again at "
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
        {"waits: the campaign starts at 2024-10-04T01:00:00.000Z", .campaign = CAMPAIGN_SCHEDULED,
         .plight = STARTS_LATER},
        {"waits: the campaign starts when it is approved: 1 of 2 approvals by rollout-admin; 1 "
         "given before has expired; wavegate campaign approve brakes",
         .campaign = CAMPAIGN_AWAITING_APPROVAL, .plight = APPROVALS_EXPIRED},
        {"waits: the campaign goes on when this revision is approved: 0 of 2 approvals by "
         "rollout-admin; wavegate campaign approve brakes",
         .plight = NOT_APPROVED},
        {"waits: the campaign is approved and goes on at the engine's next look",
         .campaign = CAMPAIGN_AWAITING_APPROVAL},
        {"waits: the schedule of the campaign ended at 2024-10-03T23:59:00.000Z before it began; "
         "apply a later end or abort it",
         .campaign = CAMPAIGN_SCHEDULED, .plight = TIME_OVER},
        {"waits: the campaign is paused; its schedule ended at 2024-10-03T23:59:00.000Z: apply a "
         "later end or abort it",
         .campaign = CAMPAIGN_PAUSED, .plight = TIME_OVER},
        {"waits: the schedule of the campaign ended at 2024-10-03T23:59:00.000Z; it is paused at "
         "the engine's next look",
         .plight = TIME_OVER},
        {"is not offered the update: the emergency of the campaign ended at "
         "2024-10-03T23:00:00.000Z; it stops at the engine's next look",
         .plight = EMERGENCY_OVER},
        {"waits: the campaign is paused (paused by alice: lunch), and nobody switches over; "
         "wavegate campaign resume brakes lets it go on",
         .campaign = CAMPAIGN_PAUSED, .plight = HELD,
         .cause_of_campaign = "paused by alice: lunch"},
        {"waits: the failure budget of the campaign is exceeded: 1 of 16 devices failed by boot, 0 "
         "tolerated; it is paused, and cannot go on with this budget",
         .plight = OVER_CLASS},
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
        {"waits: its wave rest has not opened; wave half is open: held by anna: look first; "
         "wavegate campaign unhold brakes lets it go on",
         .pending = true, .before = WAVE_OPEN, .plight = GATE_BY_HAND},
        {"waits: its wave rest has not opened; wave half is at its gate: hook error-rate says not "
         "yet: too many errors; asked again at 2024-10-04T00:04:00.000Z",
         .pending = true, .before = WAVE_AT_GATE, .plight = GATE_HOOK},
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
        {"has been installing into its idle slot for 1m; the campaign is stopping, and this update "
         "is being withdrawn",
         .campaign = CAMPAIGN_STOPPING, .state = WG_INSTALLING, .attempt = 1},
        {"has been rebooting into the new slot for 1m; the campaign is stopping, and this update "
         "cannot be recalled any more",
         .campaign = CAMPAIGN_STOPPING, .state = WG_REBOOTING, .attempt = 1},
        {"has installed, and has waited for the word to switch over for 1m: the campaign is held "
         "(paused by alice: lunch); wavegate campaign resume brakes gives it",
         .campaign = CAMPAIGN_PAUSED, .cause_of_campaign = "paused by alice: lunch",
         .plight = READY_HELD, .state = WG_INSTALLING, .attempt = 1},
        {"has installed, and has waited for the word to switch over for 1m: the campaign is "
         "awaiting-approval",
         .campaign = CAMPAIGN_AWAITING_APPROVAL, .plight = READY, .state = WG_INSTALLING,
         .attempt = 1},
        {"has installed, and has waited for the word to switch over for 1m; it comes at the "
         "engine's next look",
         .plight = READY, .state = WG_INSTALLING, .attempt = 1},
        {"has been due for its order for 1m, and it is not signed: nobody approved; it is "
         "tried again",
         .plight = UNSIGNED, .state = WG_OFFERED, .attempt = 1},
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
         .cause = WG_CAUSE_INSTALL, .attempt = 4, .spent = 3, .detail = "disk full"},
        {"failed in attempt 1 of 3 (verify)", .state = WG_FAILED, .cause = WG_CAUSE_VERIFY,
         .attempt = 1, .spent = 1},
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
        {"was not updated: campaign engines supersedes it", .state = WG_SUPERSEDED,
         .cause = WG_CAUSE_WITHDRAWN, .detail = "campaign engines supersedes it"},
        {"ran app 2.4.1 already when its turn came: nothing was to be done; now it runs no app",
         .state = WG_SATISFIED},
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
    scene.holder = (struct device_holder_row){"engines", false, 50, 50, false};
    expect(&scene, "waits: campaign engines offers it an update first (both have priority 50; that "
                   "one is older)");
    scene_init(&scene);
    scene.place.state = WG_DOWNLOADING;
    scene.place.bytes = 10;
    scene.place.bytes_total = 20;
    expect(&scene, "has been downloading the artifact for 1m (10 of 20 bytes)");
    scene_init(&scene);
    set_plight(&scene, RETRY_LATER);
    scene.place.cause = WG_CAUSE_OFFLINE;
    scene.place.attempt = 1;
    expect(&scene, "waits: attempt 1 was not answered in time; it is tried again at "
                   "2024-10-04T00:01:00.000Z");
    scene.device.presence_at = NOW - WG_SECOND; /* it is back since */
    expect(&scene, "is offered the update next; no device is before it");
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
    ASSERT_TEXT(why.text,
                "waits: its wave rest has not opened; wave half has finished, and waits: 0 of 2 "
                "approvals by rollout-admin");
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
