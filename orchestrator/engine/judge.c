/* judge.c: all conditions of a gate, in the order in which they are asked. */
#include "orchestrator/engine/gate.h"

#include <string.h>

static enum gate_answer ask_manual(const struct gate_question *question, char *words)
{
    words[0] = '\0';
    if (question->wave->manual != ENGINE_MANUAL_HOLD) return GATE_PASS;
    (void)wg_format(words, ENGINE_CAUSE_MAX, "held %.240s", question->wave->manual_words);
    return GATE_HOLD;
}

static enum gate_answer ask_sample(const struct gate_question *question, char *words)
{
    return gate_sample(question->gate, question->wave, words);
}

static enum gate_answer ask_success(const struct gate_question *question, char *words)
{
    return gate_success(question->gate, question->wave, words);
}

static enum gate_answer ask_soak(const struct gate_question *question, char *words)
{
    char until[WG_TIME_TEXT];
    wg_time soaked = gate_soaked(question->gate, question->wave);
    wg_time_text(soaked, until);
    (void)wg_format(words, ENGINE_CAUSE_MAX, "soaks until %s", until);
    return question->now < soaked ? GATE_HOLD : GATE_PASS;
}

static enum gate_answer ask_approvals(const struct gate_question *question, char *words)
{
    words[0] = '\0';
    if (question->last || question->gate->approval_count == 0) return GATE_PASS;
    return gate_approvals(question->gate, question->wave, words);
}

static enum gate_answer ask_health(const struct gate_question *question, char *words)
{
    enum gate_answer answer = gate_health(question->gate, question->wave, words);
    if (answer != GATE_HOLD || (question->partners && !question->last)) return answer;
    (void)wg_format(words, ENGINE_CAUSE_MAX, "health: %s is not judged, no device is left to %s",
                    question->gate->health.metric,
                    question->last ? "be protected by it" : "compare with");
    return GATE_PASS;
}

static enum gate_answer ask_hook(const struct gate_question *question, char *words)
{
    return gate_hook(question->gate, question->wave, words);
}

struct condition {
    enum gate_answer (*ask)(const struct gate_question *question, char *words);
    bool human; /* not passed by advancing the gate by hand */
    bool tells; /* its words belong to those of a gate that passes */
};

static const struct condition conditions[] = {
    {ask_manual, false, false}, {ask_sample, false, false},  {ask_success, false, true},
    {ask_soak, false, false},   {ask_approvals, true, true}, {ask_health, false, true},
    {ask_hook, false, true},
};

static void add_words(char to[ENGINE_CAUSE_MAX], const char *more)
{
    size_t len = strlen(to);
    if (more[0]) (void)wg_format(to + len, ENGINE_CAUSE_MAX - len, "%s%s", len ? "; " : "", more);
}

void gate_judge(const struct gate_question *question, struct gate_verdict *out)
{
    const struct engine_wave *wave = question->wave;
    bool advanced = wave->manual == ENGINE_MANUAL_ADVANCE;
    char words[ENGINE_CAUSE_MAX], passed[ENGINE_CAUSE_MAX] = "";
    const struct condition *holds = NULL;
    *out = (struct gate_verdict){.answer = GATE_PASS};
    if (advanced) (void)wg_format(passed, sizeof passed, "advanced %.160s", wave->manual_words);
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        const struct condition *condition = &conditions[i];
        if (advanced && !condition->human) continue;
        enum gate_answer answer = condition->ask(question, words);
        if (answer == GATE_FAIL || (answer == GATE_HOLD && !holds)) {
            out->answer = answer;
            (void)wg_copy(out->words, sizeof out->words, words);
        }
        if (answer == GATE_FAIL) return;
        if (answer == GATE_HOLD && !holds) holds = condition;
        if (condition->tells) add_words(passed, words);
    }
    if (!holds) (void)wg_copy(out->words, sizeof out->words, passed);
    wg_time next = gate_hook_next(question->gate, wave);
    out->ask_hook = holds && holds->ask == ask_hook && next >= 0 && next <= question->now;
}
