/* exec_test.c: what installers are asked and answer, a shipped one, and what is refused before any
 * is run. */
#include "agent/posix/slot/exec.h"

#include "agent/posix/slot/exec_answer.h"
#include "common/text.h"
#include "installer.h"

#define STATUS                                                                                     \
    "{\"protocol\":1,\"running\":\"a\",\"idle\":\"b\",\"trial\":true,\"marked\":false,"            \
    "\"components\":{\"brake\":\"1.0.0\"}}"

static void answers(void)
{
    struct trial trial;
    open_trial(&trial, "echo \"$1\" >>calls; case $1 in probe) echo '" STATUS "';;"
                       "begin) echo '{\"have\": 5}'; env >begin.env;;"
                       "write) env >write.env; cat >>content;; finish) env >finish.env;; esac");
    trial.config.settings = json_pack("{s:s,s:i,s:b}", "image_name", "a b=c", "tries", 3, "on", 1);
    start(&trial);
    json_decref((json_t *)(uintptr_t)trial.config.settings);
    ASSERT_OK(probe(&trial), &trial.err);
    ASSERT_TEXT(trial.status.running, "a");
    ASSERT_TEXT(trial.status.idle, "b");
    CU_ASSERT_TRUE(trial.status.trial && !trial.status.marked);
    CU_ASSERT_EQUAL(trial.status.component_count, 1);
    ASSERT_TEXT(trial.status.components[0].version, "1.0.0");
    ASSERT_OK(begin(&trial, false), &trial.err);
    CU_ASSERT_EQUAL(trial.have, 5);
    ASSERT_OK(put(&trial, "hello ", 6) && put(&trial, "you", 3) && sync_it(&trial), &trial.err);
    ASSERT_TEXT(left(&trial, "content"), "hello you");
    CU_ASSERT_PTR_NOT_NULL(strstr(left(&trial, "write.env"), "WAVEGATE_OFFSET=5\n"));
    ASSERT_OK(put(&trial, "!", 1), &trial.err);
    struct slot_backend *backend = trial.backend;
    ASSERT_OK(backend->ops->finish(backend, &trial.release, &trial.err), &trial.err);
    ASSERT_TEXT(left(&trial, "content"), "hello you!");
    CU_ASSERT_PTR_NOT_NULL(strstr(left(&trial, "write.env"), "WAVEGATE_OFFSET=14\n"));
    const char *environment = left(&trial, "finish.env");
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_PROTOCOL=1\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_COMPONENT=brake\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_VERSION=2.0.0\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_SHA256=00ff\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_LENGTH=1048576\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_SET_IMAGE_NAME=a b=c\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_SET_TRIES=3\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(environment, "WAVEGATE_SET_ON=yes\n"));
    CU_ASSERT_PTR_NULL(strstr(environment, "WAVEGATE_OFFSET"));
    ASSERT_OK(activate(&trial), &trial.err);
    ASSERT_OK(backend->ops->confirm(backend, &trial.err), &trial.err);
    ASSERT_OK(backend->ops->revert(backend, &trial.err), &trial.err);
    backend->ops->discard(backend); /* there is nothing more to take back */
    ASSERT_TEXT(left(&trial, "calls"), "probe\nbegin\nwrite\nwrite\nfinish\nactivate\nconfirm\n"
                                       "revert\n");
    close_trial(&trial);
}

/* One of the shipped ones, through all its verbs, with a write that is broken off. */
static void a_shipped_one(void)
{
    static const char content[] = "the new content of a file";
    struct trial trial;
    open_trial(&trial, "");
    (void)wg_copy(trial.program, sizeof trial.program, WG_SOURCE_DIR "/agent/installers/file");
    trial.config.settings = json_pack("{s:s}", "target", folder_file(&trial.folder, "target"));
    folder_put(&trial.folder, "target", "old", 0600);
    trial.release.length = sizeof content - 1;
    ASSERT_OK(wg_sha256_of(content, sizeof content - 1, trial.release.sha256, &trial.err),
              &trial.err);
    start(&trial);
    const struct slot_backend_ops *ops = trial.backend->ops;
    ASSERT_OK(probe(&trial), &trial.err);
    CU_ASSERT_EQUAL(trial.status.component_count, 0);
    ASSERT_OK(begin(&trial, true), &trial.err);
    ASSERT_OK(put(&trial, content, 4) && sync_it(&trial) && put(&trial, "rubbish", 7), &trial.err);
    ASSERT_OK(begin(&trial, false), &trial.err); /* as after a connection that broke */
    CU_ASSERT_EQUAL(trial.have, 4);
    ASSERT_OK(put(&trial, content + 4, sizeof content - 5), &trial.err);
    ASSERT_OK(ops->finish(trial.backend, &trial.release, &trial.err), &trial.err);
    ASSERT_TEXT(folder_get(&trial.folder, "target"), "old");
    ASSERT_OK(activate(&trial) && probe(&trial), &trial.err);
    CU_ASSERT_TRUE(trial.status.trial && trial.status.component_count == 1);
    CU_ASSERT_TRUE(trial.status.in_place);
    ASSERT_TEXT(trial.status.running, "b");
    ASSERT_TEXT(folder_get(&trial.folder, "target"), content);
    ops->discard(trial.backend);
    ASSERT_TEXT(folder_get(&trial.folder, "target"), "old");
    ASSERT_OK(probe(&trial), &trial.err);
    CU_ASSERT_FALSE(trial.status.trial);
    json_decref((json_t *)(uintptr_t)trial.config.settings);
    close_trial(&trial);
}

static void answers_too_much(void)
{
    struct trial trial;
    open_trial(&trial, "printf '{\"have\": 0}'; head -c 9000 /dev/zero | tr '\\0' ' '");
    start(&trial);
    CU_ASSERT_FALSE(begin(&trial, false));
    CU_ASSERT_EQUAL(trial.err.code, WG_E_BAD_INPUT);
    close_trial(&trial);
}

static void one_rubbish(const char *script, const char *part)
{
    struct trial trial;
    open_trial(&trial, script);
    start(&trial);
    CU_ASSERT_FALSE(probe(&trial));
    expect(&trial, WG_E_BAD_INPUT, part);
    CU_ASSERT_EQUAL(trial.status.running[0], '\0');
    CU_ASSERT_FALSE(begin(&trial, false));
    CU_ASSERT_EQUAL(trial.err.code, WG_E_BAD_INPUT);
    close_trial(&trial);
}

static void rubbish(void)
{
    one_rubbish("head -c 500 /dev/urandom", "line 1");
    one_rubbish("printf '{}\\0'", "");
    one_rubbish("echo '{\"protocol\":2,\"have\":-1}'", "it speaks protocol 2, this agent 1 to 1");
    one_rubbish("echo '{\"protocol\":1,\"have\":1048577}'", "running");
    one_rubbish("echo '[1]'; echo '{}'", "");
    one_rubbish("echo '{\"protocol\":1,\"running\":\"../a\",\"idle\":\"b\",\"trial\":false,"
                "\"marked\":false,\"components\":{}}'",
                "running: expected a name");
    one_rubbish("echo '{\"protocol\":1,\"running\":\"a\",\"idle\":\"b\",\"trial\":false,"
                "\"marked\":false,\"components\":{\"brake\":\"a b\"}}'",
                "brake");
}

/* Installers may say so, or say nothing of it: then a boot follows. */
static void in_place(void)
{
    static const struct {
        const char *answer;
        bool ok, in_place;
    } rows[] = {
        {"\"idle\":\"b\"", true, false},
        {"\"idle\":\"b\",\"reboot\":true", true, false},
        {"\"idle\":\"b\",\"reboot\":false", true, true},
        {"\"idle\":\"b\",\"reboot\":\"no\"", false, false},
        {"\"idle\":\"a\"", false, false}, /* the same name as what runs */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial trial;
        char script[256];
        (void)snprintf(script, sizeof script,
                       "echo '{\"protocol\":1,\"running\":\"a\",\"trial\":false,\"marked\":false,"
                       "\"components\":{},%s}'",
                       rows[i].answer);
        open_trial(&trial, script);
        start(&trial);
        CU_ASSERT_EQUAL(probe(&trial), rows[i].ok);
        CU_ASSERT_EQUAL(trial.status.in_place, rows[i].in_place);
        if (!rows[i].ok) expect(&trial, WG_E_BAD_INPUT, i == 3 ? "reboot" : "expected two names");
        close_trial(&trial);
    }
}

static void have_is_bounded(void)
{
    struct trial trial;
    open_trial(&trial, "echo '{\"have\": 7}'");
    start(&trial);
    ASSERT_OK(begin(&trial, false), &trial.err);
    CU_ASSERT_EQUAL(trial.have, 7);
    CU_ASSERT_FALSE(begin(&trial, true)); /* fresh: there is nothing to have */
    expect(&trial, WG_E_BAD_INPUT, "have");
    CU_ASSERT_FALSE(put(&trial, "x", 1)); /* and nothing was begun */
    close_trial(&trial);
}

static void no_more_than_announced(void)
{
    struct trial trial;
    open_trial(&trial, "[ $1 = write ] && cat >content || echo '{\"have\":0}'");
    trial.release.length = 10;
    start(&trial);
    ASSERT_OK(begin(&trial, false), &trial.err);
    CU_ASSERT_FALSE(put(&trial, "0123456789+", 11));
    CU_ASSERT_EQUAL(trial.err.code, WG_E_LIMIT);
    ASSERT_OK(put(&trial, "0123456789", 10) && sync_it(&trial), &trial.err);
    close_trial(&trial);
}

static void refuse(struct trial *trial, json_t *settings, enum wg_error_code code, const char *part)
{
    trial->config.settings = settings;
    CU_ASSERT_PTR_NULL(slot_exec_new(&trial->config, &trial->err));
    expect(trial, code, part);
    json_decref(settings);
    trial->config.settings = NULL;
}

static void refuses_settings(void)
{
    struct trial trial;
    open_trial(&trial, "exit 0");
    refuse(&trial, json_pack("{s:s}", "Upper", "x"), WG_E_BAD_FILE, "\"Upper\": expected a name");
    refuse(&trial, json_pack("{s:s}", "a=b", "x"), WG_E_BAD_FILE, "expected a name");
    refuse(&trial, json_pack("{s:s}", "", "x"), WG_E_BAD_FILE, "expected a name");
    refuse(&trial, json_pack("{s:s}", "a", "x\ny"), WG_E_BAD_FILE, "a: line breaks");
    refuse(&trial, json_pack("{s:[]}", "a"), WG_E_BAD_FILE, "a: expected text");
    refuse(&trial, json_pack("[s]", "a"), WG_E_BAD_FILE, "expected an object");
    json_t *many = json_object(), *wide = json_object();
    char text[SLOT_EXEC_VALUE_MAX + 2];
    for (int i = 0; i <= SLOT_EXEC_SETTINGS_MAX; i++) {
        (void)snprintf(text, sizeof text, "k%d", i);
        CU_ASSERT_EQUAL(json_object_set_new(many, text, json_true()), 0);
    }
    refuse(&trial, many, WG_E_BAD_FILE, "33 members, at most 32");
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    CU_ASSERT_EQUAL(json_object_set_new(wide, "a", json_string(text)), 0);
    refuse(&trial, wide, WG_E_BAD_FILE, "a: more than 1024 bytes");
    close_trial(&trial);
}

static void refuses_program(void)
{
    struct trial trial;
    open_trial(&trial, "exit 0");
    CU_ASSERT_EQUAL(chmod(trial.program, 0707), 0);
    refuse(&trial, NULL, WG_E_BAD_FILE, "everybody may write to it");
    CU_ASSERT_EQUAL(chmod(trial.program, 0600), 0);
    refuse(&trial, NULL, WG_E_BAD_FILE, "executable");
    trial.config.program = "installer";
    refuse(&trial, NULL, WG_E_BAD_FILE, "absolute");
    trial.config.program = "/no/such/installer";
    refuse(&trial, NULL, WG_E_NOT_FOUND, "/no/such/installer");
    close_trial(&trial);
}

WG_SUITE("exec", {"what is asked and answered", answers}, {"a shipped one", a_shipped_one},
         {"it answers too much", answers_too_much}, {"it talks rubbish", rubbish},
         {"where nothing boots", in_place}, {"what it has is bounded", have_is_bounded},
         {"no more than announced", no_more_than_announced},
         {"settings that cannot be handed on", refuses_settings},
         {"programs that may not be run", refuses_program})
