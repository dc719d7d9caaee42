/* hooks_test.c: hooks that say go, no, not now and nothing; hooks that others could have written.
 */
#include "agent/posix/hooks.h"

#include "agent/posix/tamper.h"
#include "folder.h"

#include <poll.h>

#define LONG (20 * WG_SECOND)
#define WHERE "install/enter"

struct trial {
    struct folder folder;
    struct hooks hooks;
    struct hooks_answer answer;
};

static void open_trial(struct trial *trial, wg_duration timeout)
{
    memset(trial, 0, sizeof *trial);
    folder_make(&trial->folder);
    CU_ASSERT_EQUAL_FATAL(mkdir(folder_file(&trial->folder, "install"), 0755), 0);
    CU_ASSERT_EQUAL_FATAL(mkdir(folder_file(&trial->folder, WHERE), 0755), 0);
    hooks_init(&trial->hooks, trial->folder.path, timeout);
}

static void close_trial(struct trial *trial)
{
    hooks_stop(&trial->hooks);
    folder_remove(&trial->folder);
}

/* As the agent's loop waits for it. */
static enum hooks_verdict ask(struct trial *trial)
{
    static const struct core_hook point = {.phase = CORE_HOOK_INSTALL,
                                           .moment = CORE_HOOK_ENTER,
                                           .cause = WG_CAUSE_INSTALL,
                                           .reason = "no room",
                                           .order = "11111111-1111-4111-8111-111111111111",
                                           .campaign = "brake-2.0",
                                           .component = "brake",
                                           .version = "2.0.0",
                                           .from = "1.0.0"};
    wg_time give_up = wg_monotonic() + LONG;
    hooks_ask(&trial->hooks, &point, "a", wg_monotonic());
    while (!hooks_look(&trial->hooks, wg_monotonic(), &trial->answer)) {
        struct pollfd set[] = {{.fd = trial->hooks.runner.process_fd, .events = POLLIN},
                               {.fd = trial->hooks.runner.output_fd, .events = POLLIN}};
        wg_time left = hooks_wake(&trial->hooks) - wg_monotonic();
        CU_ASSERT_TRUE_FATAL(hooks_wake(&trial->hooks) > 0 && wg_monotonic() < give_up);
        (void)poll(set, 2, left > 0 ? (int)left : 0);
    }
    CU_ASSERT_EQUAL(hooks_wake(&trial->hooks), 0);
    return trial->answer.verdict;
}

static void put(struct trial *trial, const char *name, const char *script, mode_t mode)
{
    char path[128], text[512];
    (void)snprintf(path, sizeof path, WHERE "/%s", name);
    (void)snprintf(text, sizeof text, "#!/bin/sh\n%s\n", script);
    folder_put(&trial->folder, path, text, mode);
}

static void test_answers(void)
{
    static const struct {
        const char *script;
        enum hooks_verdict verdict;
        const char *text;
        wg_duration delay;
    } rows[] = {
        {"exit 0", HOOKS_GO, "", 0},
        {"echo well; exit 0", HOOKS_GO, "", 0},
        {"echo one; echo no room; exit 1", HOOKS_NO, "no room", 0},
        {"exit 3", HOOKS_NO, "exit code 3", 0},
        {"kill -9 $$", HOOKS_NO, "ended by signal 9", 0},
        {"echo delay: 10m; echo the vehicle moves; exit 75", HOOKS_LATER, "the vehicle moves",
         10 * WG_MINUTE},
        {"echo the vehicle moves >&2; echo delay: 90s; exit 75", HOOKS_LATER, "the vehicle moves",
         90 * WG_SECOND},
        {"echo delay: soon; echo busy; exit 75", HOOKS_LATER, "busy", 0},
        {"exit 75", HOOKS_LATER, "exit code 75", 0},
        {"sleep 60", HOOKS_NO, "no answer in time", 0},
        {"yes | head -c 3000000; echo much; exit 1", HOOKS_NO, "much", 0},
        {"echo $WG_PHASE $WG_MOMENT $WG_COMPONENT $WG_VERSION $WG_FROM_VERSION $WG_CAMPAIGN "
         "$WG_ORDER $WG_SLOT $WG_CAUSE $WG_REASON; exit 1",
         HOOKS_NO,
         "install enter brake 2.0.0 1.0.0 brake-2.0 11111111-1111-4111-8111-111111111111 a install "
         "no room",
         0},
        {"[ -d \"$WG_HOOKS/install\" ] && [ -z \"$HOME\" ] && [ -x ./10-one ]", HOOKS_GO, "", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial trial;
        char text[HOOKS_TEXT_MAX] = "";
        bool waits = strcmp(rows[i].text, "no answer in time") == 0;
        open_trial(&trial, waits ? WG_SECOND : LONG);
        put(&trial, "10-one", rows[i].script, 0755);
        CU_ASSERT_EQUAL(ask(&trial), rows[i].verdict);
        if (rows[i].text[0])
            (void)snprintf(text, sizeof text, "hook install/enter/10-one: %s", rows[i].text);
        ASSERT_TEXT(trial.answer.text, text);
        CU_ASSERT_EQUAL(trial.answer.delay, rows[i].delay);
        CU_ASSERT_TRUE(trial.answer.any);
        close_trial(&trial);
    }
}

/* In the order of their names, until one does not say go. */
static void test_one_after_the_other(void)
{
    struct trial trial;
    open_trial(&trial, LONG);
    put(&trial, "20-b", "echo b >>$WG_HOOKS/trace", 0755);
    put(&trial, "10-a", "echo a >>$WG_HOOKS/trace", 0755);
    put(&trial, "30-c", "echo c >>$WG_HOOKS/trace; echo wait; exit 75", 0755);
    put(&trial, "40-d", "echo d >>$WG_HOOKS/trace", 0755);
    put(&trial, "50.old", "echo old >>$WG_HOOKS/trace; exit 1", 0755);
    put(&trial, "README.txt", "", 0644);
    CU_ASSERT_EQUAL(ask(&trial), HOOKS_LATER);
    ASSERT_TEXT(folder_get(&trial.folder, "trace"), "a\nb\nc\n");
    ASSERT_TEXT(trial.answer.text, "hook install/enter/30-c: wait");
    close_trial(&trial);
}

static void test_nobody_to_ask(void)
{
    struct trial trial;
    open_trial(&trial, LONG);
    CU_ASSERT_EQUAL(ask(&trial), HOOKS_GO);
    CU_ASSERT_FALSE(trial.answer.any);
    CU_ASSERT_EQUAL(rmdir(folder_file(&trial.folder, WHERE)), 0);
    CU_ASSERT_EQUAL(ask(&trial), HOOKS_GO);
    trial.hooks.folder = "";
    CU_ASSERT_EQUAL(ask(&trial), HOOKS_GO);
    trial.hooks.folder = "/nowhere/hooks";
    CU_ASSERT_EQUAL(ask(&trial), HOOKS_NO);
    ASSERT_TEXT(trial.answer.text, "hook install/enter: /nowhere/hooks: there is no such folder");
    close_trial(&trial);
}

static void assert_refused(struct trial *trial, const char *why)
{
    CU_ASSERT_EQUAL(ask(trial), HOOKS_NO);
    if (!strstr(trial->answer.text, why)) ASSERT_TEXT(trial->answer.text, why);
    CU_ASSERT_FALSE(folder_has(&trial->folder, "trace"));
}

/* Neither is the one before it run: who can write one can write them all. */
static void test_not_run(void)
{
    struct trial trial;
    open_trial(&trial, LONG);
    put(&trial, "10-one", "echo ran >>$WG_HOOKS/trace", 0755);
    put(&trial, "20-two", "exit 0", 0757);
    assert_refused(&trial, "20-two: may be written by others: chmod go-w");
    put(&trial, "20-two", "exit 0", 0775);
    assert_refused(&trial, "20-two: may be written by others: chmod go-w");
    put(&trial, "20-two", "exit 0", 0644);
    assert_refused(&trial, "20-two: cannot be executed: chmod +x, or take it away");
    CU_ASSERT_EQUAL(remove(folder_file(&trial.folder, WHERE "/20-two")), 0);
    CU_ASSERT_EQUAL(symlink("10-one", folder_file(&trial.folder, WHERE "/20-two")), 0);
    assert_refused(&trial, "20-two: is no regular file");
    CU_ASSERT_EQUAL(remove(folder_file(&trial.folder, WHERE "/20-two")), 0);
    CU_ASSERT_EQUAL(chmod(folder_file(&trial.folder, "install"), 0777), 0);
    assert_refused(&trial, "install: may be written by others: chmod go-w");
    CU_ASSERT_EQUAL(chmod(folder_file(&trial.folder, "install"), 0755), 0);
    if (geteuid() == 0) { /* only root gives a file away */
        CU_ASSERT_EQUAL(chown(folder_file(&trial.folder, WHERE "/10-one"), 65534, 65534), 0);
        assert_refused(&trial, "10-one: is owned by user 65534: chown root");
    }
    close_trial(&trial);
}

static void test_tamper(void)
{
    struct folder folder;
    struct tamper tamper;
    char path[PATH_MAX];
    folder_make(&folder);
    (void)snprintf(path, sizeof path, "%s/tampered", folder.path);
    tamper_init(&tamper, path);
    CU_ASSERT_FALSE(tamper_look(&tamper));
    folder_put(&folder, "tampered", "case opened\nmore\n", 0600);
    CU_ASSERT_TRUE(tamper_look(&tamper));
    ASSERT_TEXT(tamper.reason, "case opened");
    CU_ASSERT_FALSE(tamper_look(&tamper));
    folder_put(&folder, "tampered", "", 0600);
    CU_ASSERT_TRUE(tamper_look(&tamper));
    ASSERT_TEXT(tamper.reason, "its tamper file is there");
    CU_ASSERT_EQUAL(remove(path), 0);
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
    CU_ASSERT_TRUE(tamper_look(&tamper));
    ASSERT_TEXT(tamper.reason, "its tamper file cannot be read");
    CU_ASSERT_EQUAL(rmdir(path), 0);
    CU_ASSERT_TRUE(tamper_look(&tamper));
    ASSERT_TEXT(tamper.reason, "");
    folder_remove(&folder);
}

WG_SUITE("agent/hooks", {"answers", test_answers},
         {"one after the other", test_one_after_the_other}, {"nobody to ask", test_nobody_to_ask},
         {"not run", test_not_run}, {"tamper", test_tamper})
