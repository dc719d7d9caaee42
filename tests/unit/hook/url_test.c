/* url_test.c: web services that pass, hold, fail, hang, flood and are not who they should be. */
#include "trial.h"

#include <errno.h>
#include <sys/wait.h>

static struct folder files; /* the service's certificate */
static char certificate[PATH_MAX];
static int port;

static void ask(struct trial *trial, int at, const char *path, wg_duration timeout)
{
    static const char object[] = "{\"wave\":\"canary\"}";
    static char input[HOOK_INPUT_MAX];
    char url[256];
    (void)wg_format(url, sizeof url, "https://127.0.0.1:%d%s", at, path);
    memset(input, ' ', sizeof input);
    for (size_t i = 0; object[i]; i++) input[i] = object[i];
    struct hook_call call = {
        .run = "", .url = url, .timeout = timeout, .input = input, .input_len = sizeof input};
    trial_call(trial, "k", &call);
    trial_wait(trial);
}

static void test_statuses(void)
{
    static const struct {
        const char *path;
        enum hook_verdict verdict;
        const char *words;
    } rows[] = {
        {"/status/200", HOOK_PASS, "said 200"},
        {"/status/202", HOOK_PASS, "said 202"},
        {"/status/204", HOOK_PASS, "HTTP status 204"},
        {"/status/409", HOOK_HOLD, "HTTP status 409: said 409"},
        {"/status/425", HOOK_HOLD, "HTTP status 425: said 425"},
        {"/status/429", HOOK_HOLD, "HTTP status 429: said 429"},
        {"/status/503", HOOK_HOLD, "HTTP status 503: said 503"},
        {"/empty/503", HOOK_HOLD, "HTTP status 503"},
        {"/status/400", HOOK_FAIL, "HTTP status 400: said 400"},
        {"/status/404", HOOK_FAIL, "HTTP status 404: said 404"},
        {"/status/500", HOOK_FAIL, "HTTP status 500: said 500"},
        {"/redirect/x", HOOK_FAIL, "HTTP status 302"},
        {"/echo/a[1-3]{b}?c=d", HOOK_PASS,
         "POST a[1-3]{b}?c=d application/json 1048576 {\"wave\":\"canary\"}"},
        {"/flood/x", HOOK_HOLD, "wrote more than it may, and was ended"},
    };
    struct trial trial;
    trial_open(&trial, certificate);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ask(&trial, port, rows[i].path, LONG);
        trial_says(&trial, rows[i].verdict, rows[i].words);
    }
    trial_close(&trial);
}

static void holds(struct trial *trial, const char *says)
{
    CU_ASSERT_EQUAL(trial->answer.verdict, HOOK_HOLD);
    if (!strstr(trial->answer.words, says)) ASSERT_TEXT(trial->answer.words, says);
}

static void test_no_answer(void)
{
    struct trial trial;
    trial_open(&trial, certificate);
    ask(&trial, port, "/hang/x", 500);
    trial_says(&trial, HOOK_HOLD, "gave no answer in 500ms");
    ask(&trial, port, "/drop/x", LONG);
    holds(&trial, "curl: (");
    ask(&trial, 1, "/status/200", LONG);
    holds(&trial, "curl: (7) ");
    trial_close(&trial);
}

static void test_authorities(void)
{
    char missing[PATH_MAX];
    struct trial trial;
    trial_open(&trial, NULL); /* the system's: they do not know the service */
    ask(&trial, port, "/status/200", LONG);
    holds(&trial, "curl: (60) ");
    trial_close(&trial);
    (void)wg_copy(missing, sizeof missing, folder_file(&files, "none.pem"));
    trial_open(&trial, missing);
    ask(&trial, port, "/status/200", LONG);
    holds(&trial, "curl: (77) ");
    trial_close(&trial);
}

/* What a person or a machine has set for curl does not count here. */
static void test_no_settings_of_others(void)
{
    struct trial trial;
    CU_ASSERT_EQUAL(setenv("https_proxy", "http://127.0.0.1:1", 1), 0);
    CU_ASSERT_EQUAL(setenv("CURL_HOME", files.path, 1), 0);
    folder_put(&files, ".curlrc", "insecure\nurl = \"https://127.0.0.1:1/\"\n", 0600);
    trial_open(&trial, certificate);
    ask(&trial, port, "/status/200", LONG);
    trial_says(&trial, HOOK_PASS, "said 200");
    trial_close(&trial);
}

static void make_certificate(void)
{
    char command[1024];
    folder_make(&files);
    (void)wg_copy(certificate, sizeof certificate, folder_file(&files, "service.pem"));
    CU_ASSERT_TRUE_FATAL(wg_format(
        command, sizeof command,
        "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
        "-subj /CN=hooks -addext subjectAltName=IP:127.0.0.1 -keyout service.pem -out crt "
        "2>/dev/null && cat crt >>service.pem",
        files.path));
    CU_ASSERT_EQUAL_FATAL(system(command), 0); // NOLINT(cert-env33-c): fixed words and our paths
}

/* Returns the end of the pipe that keeps it running. */
static int start_service(pid_t *pid)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    char text[16] = "";
    CU_ASSERT_TRUE_FATAL(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
    *pid = fork();
    CU_ASSERT_TRUE_FATAL(*pid >= 0);
    if (*pid == 0) {
        (void)dup2(in[0], STDIN_FILENO);
        (void)dup2(out[1], STDOUT_FILENO);
        (void)execlp("python3", "python3", WG_TEST_DATA "/server.py", certificate, (char *)NULL);
        _exit(127);
    }
    (void)close(in[0]);
    (void)close(out[1]);
    FILE *told = fdopen(out[0], "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(told);
    port = fgets(text, sizeof text, told) ? (int)strtol(text, NULL, 10) : 0;
    (void)fclose(told);
    return in[1];
}

static void test_all(void)
{
    pid_t pid = 0;
    make_certificate();
    int running = start_service(&pid);
    CU_ASSERT_TRUE(port > 0);
    if (port > 0) {
        test_statuses();
        test_no_answer();
        test_authorities();
        test_no_settings_of_others();
    }
    (void)close(running);
    CU_ASSERT_EQUAL(waitpid(pid, NULL, 0), pid);
    folder_remove(&files);
}

WG_SUITE("orchestrator/hook/url", {"asked through curl", test_all})
