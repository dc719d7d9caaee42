/* judge_test.c: all conditions of a gate at once: which one holds, which one fails, and what a
 * person stands in for. */
#include "orchestrator/engine/gate.h"

#include "tests/unit/engine/scene.h"

#include <string.h>

/* A wave of ten that meets every condition, and what takes each of them away. */
enum lack { HELD, SAMPLE, SUCCESS, SOAK, APPROVALS, HEALTH, HOOK, LACKS };

static const char *const lack_words[LACKS] = {
    [HELD] = "held by anna",
    [SAMPLE] = "8 of 10 devices finished, 9 asked for",
    [SUCCESS] = "88.8% of 9 succeeded, 90% wanted",
    [SOAK] = "soaks until ",
    [APPROVALS] = "0 of 1 approvals by admin",
    [HEALTH] = "health: load",
    [HOOK] = "hook smoke-test is to be asked",
};

static struct policy_gate gate;
static struct engine_wave wave;

static void take_away(enum lack lack)
{
    switch (lack) {
    case HELD:
        wave.manual = ENGINE_MANUAL_HOLD;
        break;
    case SAMPLE:
        wave.count[WG_SUCCEEDED]--;
        wave.count[WG_WAITING]++;
        break;
    case SUCCESS:
        wave.count[WG_SUCCEEDED]--;
        wave.count[WG_ROLLED_BACK] = wave.faults = 1;
        break;
    case SOAK:
        wave.last_finish = NOW - WG_HOUR + 1;
        break;
    case APPROVALS:
        wave.approvals = 0;
        break;
    case HEALTH:
        wave.health = (struct engine_health){1, 1, 1};
        break;
    case HOOK:
        wave.hook = ENGINE_HOOK_NONE;
        break;
    default:
        break;
    }
}

static void set_up(unsigned lacks)
{
    gate = (struct policy_gate){
        .success_ppm = 900000,
        .sample = {true, 900000},
        .soak = WG_HOUR,
        .approval_role = "admin",
        .approval_count = 1,
        .hook = {.run = "smoke-test", .every = WG_MINUTE},
        .health = {.metric = "load", .margin_ppm = 200000, .alpha_ppm = 10000, .beta_ppm = 50000}};
    wave = (struct engine_wave){.state = WAVE_AT_GATE,
                                .members = 10,
                                .last_finish = NOW - WG_HOUR,
                                .approvals = 1,
                                .manual_words = "by anna",
                                .hook = ENGINE_HOOK_PASS,
                                .hook_at = NOW,
                                .health = {0, 100, 400}};
    wave.count[WG_SUCCEEDED] = 9;
    wave.count[WG_WAITING] = 1;
    for (int lack = 0; lack < LACKS; lack++)
        if (lacks & 1u << lack) take_away((enum lack)lack);
}

static struct gate_verdict judge(bool last, bool partners)
{
    struct gate_question question = {
        .gate = &gate, .wave = &wave, .now = NOW, .last = last, .partners = partners};
    struct gate_verdict verdict;
    gate_judge(&question, &verdict);
    return verdict;
}

static void starts_with(const char *words, const char *expected)
{
    if (strncmp(words, expected, strlen(expected)) != 0)
        printf("\n    \"%s\", not \"%s..\"\n", words, expected);
    CU_ASSERT_EQUAL(strncmp(words, expected, strlen(expected)), 0);
}

static void the_first_that_is_not_there_holds(void)
{
    set_up(0);
    struct gate_verdict verdict = judge(false, true);
    CU_ASSERT_EQUAL(verdict.answer, GATE_PASS);
    starts_with(verdict.words, "100% of 9 succeeded, 90% wanted; 1 of 1 approvals by admin; "
                               "health: load: ");
    for (unsigned lacks = 1; lacks < 1u << LACKS; lacks++) {
        int first = 0;
        while (!(lacks & 1u << first)) first++;
        /* with both, eight have finished and one of them failed: nine can still succeed */
        if (lacks & 1u << SAMPLE && lacks & 1u << SUCCESS && first != HELD) continue;
        set_up(lacks);
        verdict = judge(false, true);
        CU_ASSERT_EQUAL(verdict.answer, GATE_HOLD);
        starts_with(verdict.words, lack_words[first]);
        CU_ASSERT_EQUAL(verdict.ask_hook, lacks == 1u << HOOK);
    }
}

static void a_failure_counts_whatever_else_holds(void)
{
    static const enum gate_answer answers[] = {GATE_FAIL, GATE_FAIL, GATE_FAIL};
    for (unsigned lacks = 0; lacks < 1u << LACKS; lacks++)
        for (int failure = 0; failure < 3; failure++) {
            set_up(lacks);
            if (failure == 0) wave.faults = wave.count[WG_ROLLED_BACK] = 2;
            if (failure == 0) wave.count[WG_SUCCEEDED] = 7;
            if (failure == 1) wave.health = (struct engine_health){400, 3, 100};
            if (failure == 2) wave.hook = ENGINE_HOOK_FAIL;
            struct gate_verdict verdict = judge(false, true);
            CU_ASSERT_EQUAL(verdict.answer, answers[failure]);
            CU_ASSERT_FALSE(verdict.ask_hook);
            wave.manual = ENGINE_MANUAL_ADVANCE;
            verdict = judge(false, true);
            CU_ASSERT_EQUAL(verdict.answer, lacks & 1u << APPROVALS ? GATE_HOLD : GATE_PASS);
        }
}

static void an_advance_stands_in_for_all_but_approvals(void)
{
    for (unsigned lacks = 0; lacks < 1u << LACKS; lacks++) {
        set_up(lacks);
        wave.manual = ENGINE_MANUAL_ADVANCE;
        struct gate_verdict verdict = judge(false, true);
        bool approved = !(lacks & 1u << APPROVALS);
        CU_ASSERT_EQUAL(verdict.answer, approved ? GATE_PASS : GATE_HOLD);
        ASSERT_TEXT(verdict.words, approved ? "advanced by anna; 1 of 1 approvals by admin"
                                            : "0 of 1 approvals by admin");
        CU_ASSERT_FALSE(verdict.ask_hook);
    }
}

static void behind_the_last_wave_nobody_is_to_be_protected(void)
{
    set_up(1u << APPROVALS | 1u << HEALTH);
    struct gate_verdict verdict = judge(true, true);
    CU_ASSERT_EQUAL(verdict.answer, GATE_PASS);
    starts_with(verdict.words, "100% of 9 succeeded, 90% wanted; health: load is not judged, no "
                               "device is left to be protected by it; hook smoke-test passed");
    /* what has been seen counts */
    wave.health = (struct engine_health){400, 3, 100};
    CU_ASSERT_EQUAL(judge(true, true).answer, GATE_FAIL);
    set_up(1u << HOOK);
    CU_ASSERT_TRUE(judge(true, true).ask_hook);
    /* nobody waits any more, also not in the waves behind */
    set_up(1u << HEALTH);
    CU_ASSERT_EQUAL(judge(false, true).answer, GATE_HOLD);
    verdict = judge(false, false);
    CU_ASSERT_EQUAL(verdict.answer, GATE_PASS);
    starts_with(verdict.words, "100% of 9 succeeded, 90% wanted; 1 of 1 approvals by admin; "
                               "health: load is not judged, no device is left to compare with");
}

static void what_is_not_asked_holds_nothing(void)
{
    set_up(1u << APPROVALS | 1u << HEALTH | 1u << HOOK | 1u << SUCCESS);
    gate.approval_count = gate.success_ppm = gate.soak = 0;
    gate.health.metric[0] = gate.hook.run[0] = '\0';
    CU_ASSERT_EQUAL(judge(false, true).answer, GATE_PASS);
    (void)wg_copy(gate.hook.url, sizeof gate.hook.url, "https://gate.example");
    CU_ASSERT_TRUE(judge(false, true).ask_hook);
}

/* Pairs are made while they may still change the answer. */
static void pairs_are_compared_until_there_is_an_answer(void)
{
    static const struct {
        struct engine_health health;
        enum wave_state state;
        int64_t succeeded, behind;
        enum engine_manual manual;
        bool pairs;
    } rows[] = {
        {{1, 1, 1}, WAVE_OPEN, 1, 5, ENGINE_MANUAL_NONE, true},
        {{0, 0, 0}, WAVE_SOAKING, 1, 5, ENGINE_MANUAL_NONE, true},
        {{1, 1, 1}, WAVE_AT_GATE, 1, 5, ENGINE_MANUAL_HOLD, true},
        {{1, 1, 1}, WAVE_OPEN, 0, 5, ENGINE_MANUAL_NONE, false}, /* nobody to compare */
        {{1, 1, 1}, WAVE_PENDING, 1, 5, ENGINE_MANUAL_NONE, false},
        {{1, 1, 1}, WAVE_PASSED, 1, 5, ENGINE_MANUAL_NONE, false},
        {{1, 1, 1}, WAVE_OPEN, 1, 5, ENGINE_MANUAL_ADVANCE, false},
        {{1, 1, 1}, WAVE_OPEN, 1, 0, ENGINE_MANUAL_NONE, false}, /* nor to compare with */
        {{0, 100, 400}, WAVE_OPEN, 1, 5, ENGINE_MANUAL_NONE, false},
        {{400, 3, 100}, WAVE_OPEN, 1, 5, ENGINE_MANUAL_NONE, false},
    };
    struct engine_actions actions;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct policy policy = policy_of(2);
        struct engine_view view = two_waves();
        policy.gates[0].health = (struct policy_health){
            .metric = "load", .margin_ppm = 200000, .alpha_ppm = 10000, .beta_ppm = 50000};
        policy.gates[0].approval_count = 1;
        set_wave(&view, 0, rows[i].state, rows[i].behind > 0, rows[i].succeeded, 0);
        set_wave(&view, 1, WAVE_PENDING, rows[i].behind, 0, 0);
        if (rows[i].state == WAVE_PENDING) view.state = CAMPAIGN_PAUSED;
        view.waves[0].health = rows[i].health;
        view.waves[0].manual = rows[i].manual;
        engine_decide(&policy, &view, NOW, &actions);
        const struct engine_action *pair = find(&actions, ENGINE_PAIR);
        if ((pair != NULL) != rows[i].pairs) printf("\n    row %zu\n", i);
        CU_ASSERT_EQUAL(pair != NULL, rows[i].pairs);
        if (pair) CU_ASSERT_EQUAL(pair->wave, 0);
        if (i == 9) CU_ASSERT_EQUAL(wave_after(&view, &actions, 0), WAVE_FAILED);
    }
}

WG_SUITE("judge", {"the first that is not there holds", the_first_that_is_not_there_holds},
         {"a failure counts whatever else holds", a_failure_counts_whatever_else_holds},
         {"an advance stands in for all but approvals", an_advance_stands_in_for_all_but_approvals},
         {"behind the last wave", behind_the_last_wave_nobody_is_to_be_protected},
         {"what is not asked holds nothing", what_is_not_asked_holds_nothing},
         {"pairs are compared until there is an answer",
          pairs_are_compared_until_there_is_an_answer})
