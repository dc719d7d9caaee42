/* device_test.c: one report against one place. */
#include "orchestrator/engine/device.h"

#include "tests/unit/harness.h"

#define ORDER "11111111-2222-3333-4444-555555555555"
#define OTHER "99999999-2222-3333-4444-555555555555"
#define NOW ((wg_time)1000000)

static const struct policy_retry retry = {.attempts = 2, .backoff = 10 * WG_SECOND};

static struct device_place place_at(enum wg_state state, int64_t attempt)
{
    struct device_place place = {.state = state, .attempt = attempt, .spent = attempt - 1};
    (void)wg_copy(place.order, sizeof place.order, ORDER);
    return place;
}

static struct wg_report report_of(enum wg_state state, enum wg_cause cause, int64_t attempt)
{
    struct wg_report report = {.state = state, .cause = cause, .attempt = attempt, .seq = 1};
    (void)wg_copy(report.order, sizeof report.order, ORDER);
    return report;
}

static void reports_move_forward_or_are_remarks(void)
{
    static const struct {
        enum wg_state at;
        int64_t attempt;
        enum wg_state says;
        enum wg_cause cause;
        int64_t said_attempt;
        enum device_verdict verdict;
        enum wg_state to;
        bool spends;
    } rows[] = {
        {WG_OFFERED, 1, WG_ACCEPTED, WG_CAUSE_NONE, 1, DEVICE_MOVES, WG_ACCEPTED, false},
        {WG_OFFERED, 1, WG_PROBATION, WG_CAUSE_NONE, 1, DEVICE_MOVES, WG_PROBATION, false},
        {WG_INSTALLING, 1, WG_REBOOTING, WG_CAUSE_NONE, 1, DEVICE_MOVES, WG_REBOOTING, false},
        {WG_PROBATION, 1, WG_SUCCEEDED, WG_CAUSE_NONE, 1, DEVICE_MOVES, WG_SUCCEEDED, false},
        {WG_PROBATION, 1, WG_PROBATION, WG_CAUSE_NONE, 1, DEVICE_REMARK, WG_PROBATION, false},
        {WG_PROBATION, 1, WG_DOWNLOADING, WG_CAUSE_NONE, 1, DEVICE_REMARK, WG_PROBATION, false},
        {WG_SUCCEEDED, 1, WG_FAILED, WG_CAUSE_INSTALL, 1, DEVICE_REMARK, WG_SUCCEEDED, false},
        {WG_SILENT, 1, WG_SUCCEEDED, WG_CAUSE_NONE, 1, DEVICE_REMARK, WG_SILENT, false},
        {WG_OFFERED, 2, WG_ACCEPTED, WG_CAUSE_NONE, 1, DEVICE_REMARK, WG_OFFERED, false},
        {WG_OFFERED, 1, WG_ACCEPTED, WG_CAUSE_NONE, 2, DEVICE_REMARK, WG_OFFERED, false},
        /* faults of the way may be tried again, faults of the release may not */
        {WG_DOWNLOADING, 1, WG_FAILED, WG_CAUSE_DOWNLOAD, 1, DEVICE_RETRIES, WG_WAITING, true},
        {WG_DOWNLOADING, 2, WG_FAILED, WG_CAUSE_DOWNLOAD, 2, DEVICE_MOVES, WG_FAILED, true},
        {WG_DOWNLOADING, 1, WG_FAILED, WG_CAUSE_VERIFY, 1, DEVICE_MOVES, WG_FAILED, true},
        {WG_PROBATION, 1, WG_ROLLED_BACK, WG_CAUSE_HEALTH, 1, DEVICE_MOVES, WG_ROLLED_BACK, true},
        /* no fault, no attempt spent */
        {WG_OFFERED, 2, WG_FAILED, WG_CAUSE_SHED, 2, DEVICE_RETRIES, WG_WAITING, false},
        {WG_ACCEPTED, 2, WG_DEFERRED, WG_CAUSE_DEFERRED, 2, DEVICE_RETRIES, WG_WAITING, false},
        {WG_INSTALLING, 1, WG_DEFERRED, WG_CAUSE_NONE, 1, DEVICE_RETRIES, WG_WAITING, false},
        {WG_REBOOTING, 1, WG_DEFERRED, WG_CAUSE_NONE, 1, DEVICE_REMARK, WG_REBOOTING, false},
        {WG_OFFERED, 1, WG_FAILED, WG_CAUSE_INCOMPATIBLE, 1, DEVICE_MOVES, WG_FAILED, false},
        {WG_OFFERED, 1, WG_FAILED, WG_CAUSE_REFUSED, 1, DEVICE_MOVES, WG_FAILED, false},
        /* it runs the release already */
        {WG_OFFERED, 1, WG_SATISFIED, WG_CAUSE_NONE, 1, DEVICE_MOVES, WG_SATISFIED, false},
        {WG_PROBATION, 1, WG_SATISFIED, WG_CAUSE_NONE, 1, DEVICE_MOVES, WG_SATISFIED, false},
        {WG_SUCCEEDED, 1, WG_SATISFIED, WG_CAUSE_NONE, 1, DEVICE_REMARK, WG_SUCCEEDED, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct device_place place = place_at(rows[i].at, rows[i].attempt);
        struct wg_report report = report_of(rows[i].says, rows[i].cause, rows[i].said_attempt);
        struct device_change change;
        device_decide(&retry, &place, &report, NOW, &change);
        if (change.verdict != rows[i].verdict || change.state != rows[i].to)
            printf("\n    row %zu: verdict %d, state %s\n", i, (int)change.verdict,
                   wg_state_text(change.state));
        CU_ASSERT_EQUAL(change.verdict, rows[i].verdict);
        CU_ASSERT_EQUAL(change.state, rows[i].to);
        CU_ASSERT_EQUAL(change.spends, rows[i].spends);
        CU_ASSERT_EQUAL(change.remark != NULL, change.verdict == DEVICE_REMARK);
        if (rows[i].says == WG_DEFERRED && change.verdict == DEVICE_RETRIES)
            CU_ASSERT_EQUAL(change.cause, WG_CAUSE_DEFERRED);
    }
}

/* Whoever waits holds no slot: no report of its order makes it go on. */
static void a_waiting_device_does_not_go_on_by_itself(void)
{
    static const struct {
        enum wg_cause waits_for;
        enum wg_state says;
        enum wg_cause cause;
        int64_t attempt;
        enum device_verdict verdict;
        enum wg_state to;
        enum wg_cause then;
        bool spends;
    } rows[] = {
        {WG_CAUSE_OFFLINE, WG_ACCEPTED, 0, 1, DEVICE_RETRIES, WG_WAITING, WG_CAUSE_OFFLINE, false},
        {WG_CAUSE_OFFLINE, WG_REBOOTING, 0, 1, DEVICE_RETRIES, WG_WAITING, WG_CAUSE_OFFLINE, false},
        {WG_CAUSE_OFFLINE, WG_SUCCEEDED, 0, 1, DEVICE_RETRIES, WG_WAITING, WG_CAUSE_OFFLINE, false},
        {WG_CAUSE_OFFLINE, WG_SATISFIED, 0, 1, DEVICE_RETRIES, WG_WAITING, WG_CAUSE_OFFLINE, false},
        {WG_CAUSE_DEFERRED, WG_DEFERRED, 0, 1, DEVICE_REMARK, WG_WAITING, WG_CAUSE_DEFERRED, false},
        {WG_CAUSE_DEFERRED, WG_DOWNLOADING, 0, 1, DEVICE_REMARK, WG_WAITING, WG_CAUSE_DEFERRED,
         false},
        {WG_CAUSE_OFFLINE, WG_FAILED, WG_CAUSE_SHED, 1, DEVICE_RETRIES, WG_WAITING,
         WG_CAUSE_OFFLINE, false},
        /* but it may end */
        {WG_CAUSE_OFFLINE, WG_FAILED, WG_CAUSE_REFUSED, 1, DEVICE_MOVES, WG_FAILED,
         WG_CAUSE_REFUSED, false},
        {WG_CAUSE_DEFERRED, WG_FAILED, WG_CAUSE_INCOMPATIBLE, 1, DEVICE_MOVES, WG_FAILED,
         WG_CAUSE_INCOMPATIBLE, false},
        {WG_CAUSE_OFFLINE, WG_FAILED, WG_CAUSE_VERIFY, 1, DEVICE_MOVES, WG_FAILED, WG_CAUSE_VERIFY,
         true},
        {WG_CAUSE_OFFLINE, WG_ROLLED_BACK, WG_CAUSE_BOOT, 1, DEVICE_MOVES, WG_ROLLED_BACK,
         WG_CAUSE_BOOT, true},
        {WG_CAUSE_OFFLINE, WG_FAILED, WG_CAUSE_DOWNLOAD, 1, DEVICE_RETRIES, WG_WAITING,
         WG_CAUSE_DOWNLOAD, true},
        {WG_CAUSE_OFFLINE, WG_FAILED, WG_CAUSE_DOWNLOAD, 2, DEVICE_MOVES, WG_FAILED,
         WG_CAUSE_DOWNLOAD, true},
        {WG_CAUSE_OFFLINE, WG_WITHDRAWN, WG_CAUSE_WITHDRAWN, 1, DEVICE_RETRIES, WG_WAITING,
         WG_CAUSE_SHED, false},
        /* what the device, or its time-out, ended stays ended: nothing is spent twice */
        {WG_CAUSE_DOWNLOAD, WG_DOWNLOADING, 0, 1, DEVICE_REMARK, WG_WAITING, WG_CAUSE_DOWNLOAD,
         false},
        {WG_CAUSE_DOWNLOAD, WG_FAILED, WG_CAUSE_DOWNLOAD, 1, DEVICE_REMARK, WG_WAITING,
         WG_CAUSE_DOWNLOAD, false},
        {WG_CAUSE_INSTALL, WG_INSTALLING, 0, 1, DEVICE_REMARK, WG_WAITING, WG_CAUSE_INSTALL, false},
        {WG_CAUSE_TIMEOUT, WG_FAILED, WG_CAUSE_INSTALL, 1, DEVICE_REMARK, WG_WAITING,
         WG_CAUSE_TIMEOUT, false},
        {WG_CAUSE_SHED, WG_ACCEPTED, 0, 1, DEVICE_REMARK, WG_WAITING, WG_CAUSE_SHED, false},
        {WG_CAUSE_SHED, WG_WITHDRAWN, WG_CAUSE_WITHDRAWN, 1, DEVICE_REMARK, WG_WAITING,
         WG_CAUSE_SHED, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] * 2; i++) {
        size_t row = i / 2;
        struct device_place place = place_at(WG_WAITING, rows[row].attempt);
        struct wg_report report = report_of(rows[row].says, rows[row].cause, rows[row].attempt);
        struct device_change change;
        place.cause = rows[row].waits_for;
        place.held = i % 2;
        device_decide(&retry, &place, &report, NOW, &change);
        if (change.verdict != rows[row].verdict) printf("\n    row %zu\n", row);
        CU_ASSERT_EQUAL(change.verdict, rows[row].verdict);
        CU_ASSERT_EQUAL(change.state, rows[row].to);
        CU_ASSERT_EQUAL(change.cause, rows[row].then);
        CU_ASSERT_EQUAL(change.spends, rows[row].spends);
        /* who is heard again need not wait for the end of the back-off, only for its turn */
        bool heard = change.verdict == DEVICE_RETRIES && change.cause == WG_CAUSE_OFFLINE;
        if (change.verdict == DEVICE_RETRIES)
            CU_ASSERT_EQUAL(change.retry_at, heard ? NOW : NOW + 10 * WG_SECOND);
        CU_ASSERT_EQUAL(change.remark != NULL, heard || change.verdict == DEVICE_REMARK);
    }
}

static void another_order_is_a_remark(void)
{
    struct device_place place = place_at(WG_OFFERED, 1);
    struct wg_report report = report_of(WG_SUCCEEDED, WG_CAUSE_NONE, 1);
    struct device_change change;
    (void)wg_copy(report.order, sizeof report.order, OTHER);
    device_decide(&retry, &place, &report, NOW, &change);
    CU_ASSERT_EQUAL(change.verdict, DEVICE_REMARK);
    ASSERT_TEXT(change.remark, "other order");
}

static void who_is_held_is_ready_instead(void)
{
    static const enum wg_state before[] = {WG_OFFERED, WG_ACCEPTED, WG_DOWNLOADING, WG_INSTALLING};
    for (size_t i = 0; i < 4; i++) {
        struct device_place place = place_at(before[i], 1);
        struct wg_report report = report_of(WG_REBOOTING, WG_CAUSE_NONE, 1);
        struct device_change change;
        place.held = true;
        device_decide(&retry, &place, &report, NOW, &change);
        CU_ASSERT_EQUAL(change.verdict, DEVICE_READY);
        CU_ASSERT_EQUAL(change.state, WG_INSTALLING);
        CU_ASSERT_EQUAL(change.cause, WG_CAUSE_NONE);
        /* who has switched over, word or not, is where it says */
        report = report_of(WG_PROBATION, WG_CAUSE_NONE, 1);
        device_decide(&retry, &place, &report, NOW, &change);
        CU_ASSERT_EQUAL(change.verdict, DEVICE_MOVES);
        CU_ASSERT_EQUAL(change.state, WG_PROBATION);
    }
    struct device_place gone = place_at(WG_PROBATION, 1);
    struct wg_report late = report_of(WG_REBOOTING, WG_CAUSE_NONE, 1);
    struct device_change change;
    gone.held = true;
    device_decide(&retry, &gone, &late, NOW, &change);
    CU_ASSERT_EQUAL(change.verdict, DEVICE_REMARK);
}

static void who_gives_up_what_was_not_recalled_waits_again(void)
{
    struct device_place place = place_at(WG_INSTALLING, 1);
    struct wg_report report = report_of(WG_WITHDRAWN, WG_CAUSE_WITHDRAWN, 1);
    struct device_change change;
    device_decide(&retry, &place, &report, NOW, &change);
    CU_ASSERT_EQUAL(change.verdict, DEVICE_RETRIES);
    CU_ASSERT_EQUAL(change.cause, WG_CAUSE_SHED);
    CU_ASSERT_FALSE(change.spends);
    place.recalled = true;
    device_decide(&retry, &place, &report, NOW, &change);
    CU_ASSERT_EQUAL(change.verdict, DEVICE_MOVES);
    CU_ASSERT_EQUAL(change.state, WG_WITHDRAWN);
    place.state = WG_REBOOTING;
    device_decide(&retry, &place, &report, NOW, &change);
    CU_ASSERT_EQUAL(change.verdict, DEVICE_REMARK);
}

static wg_duration wait_of(const struct policy_retry *policy, int64_t attempt, int64_t spent,
                           enum wg_cause cause)
{
    struct device_place place = place_at(WG_DOWNLOADING, attempt);
    struct wg_report report = report_of(WG_FAILED, cause, attempt);
    struct device_change change;
    place.spent = spent;
    device_decide(policy, &place, &report, NOW, &change);
    return change.verdict == DEVICE_RETRIES ? change.retry_at - NOW : -1;
}

static void back_off_doubles_with_what_was_spent(void)
{
    struct policy_retry many = {.attempts = 100, .backoff = 10 * WG_SECOND};
    for (int64_t spent = 0; spent < 10; spent++)
        CU_ASSERT_EQUAL(wait_of(&many, 30, spent, WG_CAUSE_DOWNLOAD), (10 * WG_SECOND) << spent);
    CU_ASSERT_EQUAL(wait_of(&many, 60, 60, WG_CAUSE_DOWNLOAD), 24 * WG_HOUR);
    CU_ASSERT_EQUAL(wait_of(&many, 60, 60, WG_CAUSE_SHED), 10 * WG_SECOND);
    many.backoff = 48 * WG_HOUR; /* as the file says, not doubled */
    CU_ASSERT_EQUAL(wait_of(&many, 5, 5, WG_CAUSE_DOWNLOAD), 48 * WG_HOUR);
}

static void each_class_has_its_own_tries(void)
{
    struct policy_retry policy = {.attempts = 2, .backoff = 10 * WG_SECOND};
    policy.class_set[WG_CAUSE_DOWNLOAD] = policy.class_set[WG_CAUSE_SHED] =
        policy.class_set[WG_CAUSE_VERIFY] = true;
    policy.classes[WG_CAUSE_DOWNLOAD] = (struct policy_retry_class){4, WG_SECOND};
    policy.classes[WG_CAUSE_SHED] = (struct policy_retry_class){0, WG_HOUR};
    policy.classes[WG_CAUSE_VERIFY] = (struct policy_retry_class){9, WG_SECOND};
    CU_ASSERT_EQUAL(wait_of(&policy, 3, 2, WG_CAUSE_DOWNLOAD), 4 * WG_SECOND);
    CU_ASSERT_EQUAL(wait_of(&policy, 4, 3, WG_CAUSE_DOWNLOAD), -1);
    CU_ASSERT_EQUAL(wait_of(&policy, 1, 0, WG_CAUSE_INSTALL), 10 * WG_SECOND);
    CU_ASSERT_EQUAL(wait_of(&policy, 2, 1, WG_CAUSE_INSTALL), -1); /* whatever spent the first */
    CU_ASSERT_EQUAL(wait_of(&policy, 9, 8, WG_CAUSE_SHED), WG_HOUR);
    CU_ASSERT_EQUAL(wait_of(&policy, 1, 0, WG_CAUSE_VERIFY), -1);
}

/* What the device suggests counts instead of the policy's back-off, for a day at most. */
static void who_puts_off_says_when(void)
{
    static const struct {
        enum wg_state at;
        wg_duration says, waits;
    } rows[] = {{WG_OFFERED, 0, 10 * WG_SECOND},
                {WG_OFFERED, 3 * WG_SECOND, 3 * WG_SECOND},
                {WG_INSTALLING, 10 * WG_MINUTE, 10 * WG_MINUTE},
                {WG_REBOOTING, 10 * WG_MINUTE, 10 * WG_MINUTE},
                {WG_DOWNLOADING, 30 * WG_DAY, WG_DAY}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct device_place place = place_at(rows[i].at, 1);
        struct wg_report report = report_of(WG_DEFERRED, WG_CAUSE_DEFERRED, 1);
        struct device_change change;
        report.retry = rows[i].says;
        report.seq = 5;
        place.asked = 4;
        device_decide(&retry, &place, &report, NOW, &change);
        CU_ASSERT_EQUAL(change.verdict, DEVICE_RETRIES);
        CU_ASSERT_EQUAL(change.cause, WG_CAUSE_DEFERRED);
        CU_ASSERT_EQUAL(change.retry_at, NOW + rows[i].waits);
        CU_ASSERT_FALSE(change.spends);
    }
}

static void jitter_spreads_and_repeats(void)
{
    struct policy_retry policy = {
        .attempts = 100, .backoff = 1700 * WG_SECOND, .jitter_ppm = 200000};
    wg_duration least = WG_DAY, most = 0;
    for (int64_t attempt = 1; attempt < 400; attempt++) {
        wg_duration wait = wait_of(&policy, attempt, 0, WG_CAUSE_DOWNLOAD);
        CU_ASSERT_EQUAL(wait_of(&policy, attempt, 0, WG_CAUSE_DOWNLOAD), wait);
        CU_ASSERT_TRUE(wait >= 1360 * WG_SECOND && wait <= 2040 * WG_SECOND);
        if (wait < least) least = wait;
        if (wait > most) most = wait;
    }
    CU_ASSERT_TRUE(least < 1370 * WG_SECOND);
    CU_ASSERT_TRUE(most > 2030 * WG_SECOND);
    policy.jitter_ppm = 5 * POLICY_PPM; /* never before now */
    for (int64_t attempt = 1; attempt < 400; attempt++)
        CU_ASSERT_TRUE(wait_of(&policy, attempt, 0, WG_CAUSE_DOWNLOAD) >= 0);
}

static void time_outs_follow_the_same_rules(void)
{
    static const struct {
        enum wg_state at;
        int64_t spent;
        enum wg_state to;
        enum wg_cause cause;
        enum device_verdict verdict;
        wg_duration wait;
        bool spends;
    } rows[] = {
        {WG_OFFERED, 0, WG_WAITING, WG_CAUSE_OFFLINE, DEVICE_RETRIES, 10 * WG_SECOND, false},
        /* who was at work and went away goes on when it is back */
        {WG_ACCEPTED, 1, WG_WAITING, WG_CAUSE_OFFLINE, DEVICE_RETRIES, 0, false},
        {WG_INSTALLING, 1, WG_WAITING, WG_CAUSE_OFFLINE, DEVICE_RETRIES, 0, false},
        {WG_DEFERRED, 1, WG_WAITING, WG_CAUSE_DEFERRED, DEVICE_RETRIES, 0, false},
        {WG_DOWNLOADING, 0, WG_FAILED, WG_CAUSE_TIMEOUT, DEVICE_RETRIES, 10 * WG_SECOND, true},
        {WG_DOWNLOADING, 1, WG_FAILED, WG_CAUSE_TIMEOUT, DEVICE_MOVES, 0, true},
        {WG_REBOOTING, 0, WG_SILENT, WG_CAUSE_SILENT, DEVICE_MOVES, 0, true},
        {WG_SUCCEEDED, 0, WG_SILENT, WG_CAUSE_SILENT, DEVICE_REMARK, 0, false},
        {WG_WAITING, 0, WG_FAILED, WG_CAUSE_TIMEOUT, DEVICE_REMARK, 0, false},
    };
    struct device_change change;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct device_place place = place_at(rows[i].at, rows[i].spent + 1);
        device_expire(&retry, &place, rows[i].to, rows[i].cause, NOW, &change);
        bool retries = rows[i].verdict == DEVICE_RETRIES, moves = rows[i].verdict == DEVICE_MOVES;
        CU_ASSERT_EQUAL(change.verdict, rows[i].verdict);
        CU_ASSERT_EQUAL(change.state, retries ? WG_WAITING : moves ? rows[i].to : rows[i].at);
        CU_ASSERT_EQUAL(change.spends, rows[i].spends);
        if (retries) CU_ASSERT_EQUAL(change.retry_at, NOW + rows[i].wait);
        if (retries) CU_ASSERT_EQUAL(change.cause, rows[i].cause);
    }
    struct policy_retry patient = retry;
    patient.class_set[WG_CAUSE_OFFLINE] = true;
    patient.classes[WG_CAUSE_OFFLINE].backoff = WG_HOUR;
    struct device_place gone = place_at(WG_INSTALLING, 1);
    device_expire(&patient, &gone, WG_WAITING, WG_CAUSE_OFFLINE, NOW, &change);
    CU_ASSERT_EQUAL(change.retry_at, NOW + WG_HOUR);
}

/* Its window closed between its question and the answer. Only what it said after the question
 * counts: a put-off from before it comes late. */
static void who_puts_off_after_asking_waits_again(void)
{
    struct device_change change;
    struct device_place place = place_at(WG_REBOOTING, 1);
    struct wg_report report = report_of(WG_DEFERRED, WG_CAUSE_DEFERRED, 1);
    place.asked = 7;
    for (int64_t seq = 6; seq <= 8; seq++) {
        report.seq = seq;
        device_decide(&retry, &place, &report, NOW, &change);
        CU_ASSERT_EQUAL(change.verdict, seq > 7 ? DEVICE_RETRIES : DEVICE_REMARK);
    }
    CU_ASSERT_EQUAL(change.cause, WG_CAUSE_DEFERRED);
    CU_ASSERT_FALSE(change.spends);
    place.asked = 0;
    device_decide(&retry, &place, &report, NOW, &change);
    CU_ASSERT_EQUAL(change.verdict, DEVICE_REMARK);
    place.asked = 7;
    place.state = WG_PROBATION;
    device_decide(&retry, &place, &report, NOW, &change);
    CU_ASSERT_EQUAL(change.verdict, DEVICE_REMARK);
}

/* The order was offered again: the place is behind what the device has said already. */
static void what_it_said_before_it_asked_moves_nothing(void)
{
    static const enum wg_state said[] = {WG_ACCEPTED, WG_DOWNLOADING, WG_INSTALLING, WG_DEFERRED};
    struct device_change change;
    struct device_place place = place_at(WG_OFFERED, 1);
    place.asked = 7;
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        struct wg_report report = report_of(said[i], WG_CAUSE_NONE, 1);
        report.seq = 6;
        device_decide(&retry, &place, &report, NOW, &change);
        CU_ASSERT_EQUAL(change.verdict, DEVICE_REMARK);
        ASSERT_TEXT(change.remark, "stale: it has asked to switch over since");
        report.seq = 8;
        device_decide(&retry, &place, &report, NOW, &change);
        CU_ASSERT_NOT_EQUAL(change.verdict, DEVICE_REMARK);
    }
    /* an end is one, whenever it is heard */
    struct wg_report ended = report_of(WG_FAILED, WG_CAUSE_VERIFY, 1);
    device_decide(&retry, &place, &ended, NOW, &change);
    CU_ASSERT_EQUAL(change.verdict, DEVICE_MOVES);
}

WG_SUITE("device", {"reports move forward or are remarks", reports_move_forward_or_are_remarks},
         {"a waiting device does not go on by itself", a_waiting_device_does_not_go_on_by_itself},
         {"another order is a remark", another_order_is_a_remark},
         {"who is held is ready instead", who_is_held_is_ready_instead},
         {"who gives up what was not recalled waits again",
          who_gives_up_what_was_not_recalled_waits_again},
         {"who puts off after asking waits again", who_puts_off_after_asking_waits_again},
         {"what it said before it asked moves nothing", what_it_said_before_it_asked_moves_nothing},
         {"back-off doubles with what was spent", back_off_doubles_with_what_was_spent},
         {"each class has its own tries", each_class_has_its_own_tries},
         {"jitter spreads and repeats", jitter_spreads_and_repeats},
         {"who puts off says when", who_puts_off_says_when},
         {"time-outs follow the same rules", time_outs_follow_the_same_rules})
