/* judge.c: exit codes and HTTP statuses as pass, hold and fail. A hook that was never truly
 * asked, or that did not come to an answer, holds: only a hook itself can pass or fail a gate. */
#include "orchestrator/hook/judge.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>

#define EXIT_HOLD 75        /* EX_TEMPFAIL of sysexits.h */
#define CURL_OUT_OF_TIME 28 /* EXIT CODES of curl(1) */

const char *hook_verdict_text(enum hook_verdict verdict)
{
    static const char *const texts[] = {"pass", "hold", "fail"};
    return texts[verdict];
}

static void say(struct hook_answer *answer, enum hook_verdict verdict, const char *format, ...)
    WG_PRINTF(3, 4);

static void say(struct hook_answer *answer, enum hook_verdict verdict, const char *format, ...)
{
    char text[2 * WORDS_MAX];
    struct words words = {0};
    va_list args;
    va_start(args, format);
    (void)wg_format_args(text, sizeof text, format, args);
    va_end(args);
    answer->verdict = verdict;
    words_add(&words, text, strlen(text));
    words_text(&words, answer->words);
}

void judge_not_asked(const char *why, struct hook_answer *answer)
{
    say(answer, HOOK_HOLD, "could not be started: %s", why);
}

static void no_answer(wg_duration timeout, struct hook_answer *answer)
{
    char text[WG_TIME_TEXT];
    wg_duration_text(timeout, text);
    say(answer, HOOK_HOLD, "gave no answer in %s", text);
}

static void judge_program(const struct process *ended, struct hook_answer *answer)
{
    char words[WORDS_MAX + 1];
    enum hook_verdict verdict = HOOK_FAIL;
    words_text(&ended->out.words, words);
    if (!words[0]) words_text(&ended->err.words, words);
    if (ended->end == PROCESS_EXITED && ended->code == 0) verdict = HOOK_PASS;
    if (ended->end == PROCESS_EXITED && ended->code == EXIT_HOLD) verdict = HOOK_HOLD;
    if (words[0])
        say(answer, verdict, "%s", words);
    else if (ended->end == PROCESS_EXITED)
        say(answer, verdict, "exit code %d", ended->code);
    else
        say(answer, verdict, "ended by signal %d", ended->code);
}

static void judge_status(const struct process *ended, long status, struct hook_answer *answer)
{
    static const long come_again[] = {409, 425, 429, 503};
    char words[WORDS_MAX + 1];
    bool passed = status >= 200 && status < 300;
    enum hook_verdict verdict = passed ? HOOK_PASS : HOOK_FAIL;
    for (size_t i = 0; i < sizeof come_again / sizeof come_again[0]; i++)
        if (status == come_again[i]) verdict = HOOK_HOLD;
    words_text(&ended->out.words, words);
    if (words[0] && passed)
        say(answer, verdict, "%s", words);
    else
        say(answer, verdict, "HTTP status %ld%s%s", status, words[0] ? ": " : "", words);
}

static void judge_curl(const struct process *ended, wg_duration timeout, struct hook_answer *answer)
{
    char said[WORDS_MAX + 1];
    char *end = said;
    words_text(&ended->err.words, said);
    if (ended->end == PROCESS_SIGNALLED) {
        say(answer, HOOK_HOLD, "curl was ended by signal %d", ended->code);
    } else if (ended->code == CURL_OUT_OF_TIME) {
        no_answer(timeout, answer);
    } else if (ended->code != 0) {
        say(answer, HOOK_HOLD, "%s", said[0] ? said : "curl failed without a word");
    } else {
        long status = strtol(said, &end, 10);
        if (end == said || *end || status <= 0)
            say(answer, HOOK_HOLD, "curl told no status");
        else
            judge_status(ended, status, answer);
    }
}

void judge_end(const struct process *ended, bool is_url, wg_duration timeout,
               struct hook_answer *answer)
{
    if (ended->end == PROCESS_NOT_STARTED)
        say(answer, HOOK_HOLD, "%s could not be started: %s", is_url ? "curl" : "it",
            strerror(ended->code));
    else if (ended->end == PROCESS_TIMED_OUT)
        no_answer(timeout, answer);
    else if (ended->end == PROCESS_FLOODED)
        say(answer, HOOK_HOLD, "wrote more than it may, and was ended");
    else if (is_url)
        judge_curl(ended, timeout, answer);
    else
        judge_program(ended, answer);
}
