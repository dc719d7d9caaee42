/* last_logs_test.c: which reports take logs along, when they are sent, and how many a day. */
#include "agent/posix/last_logs.h"

#include "common/log.h"
#include "folder.h"

#include <poll.h>

#define NOON ((wg_time)1796126400000) /* 2026-12-01T12:00:00Z */
#define SENT_MAX 32
#define BOOT "fedcba9876543210fedcba9876543210"
#define ORDER "0b0e7a52-6a5e-4d21-9f7d-0a4a4d1b1c1"

struct trial {
    struct folder folder;
    struct last_logs_settings settings;
    struct last_logs logs;
    size_t sent;
    struct wg_log_message messages[SENT_MAX];
};

static struct wg_error err;
static struct trial trial; /* large */

static bool publish(void *ctx, const char *payload, size_t len)
{
    struct trial *to = ctx;
    CU_ASSERT_TRUE_FATAL(to->sent < SENT_MAX);
    ASSERT_OK(wg_log_message_decode(payload, len, &to->messages[to->sent], &err), &err);
    to->sent++;
    return true;
}

static void start(void)
{
    const struct last_logs_config config = {.settings = &trial.settings,
                                            .state = trial.folder.path,
                                            .boot = BOOT,
                                            .publish = publish,
                                            .ctx = &trial};
    memset(&trial.logs, 0, sizeof trial.logs);
    ASSERT_OK(last_logs_open(&trial.logs, &config, &err), &err);
    last_logs_link(&trial.logs, true);
}

static void begin(void)
{
    memset(&trial, 0, sizeof trial);
    trial.settings.max = WG_LOG_TEXT_MAX;
    trial.settings.per_day = 20;
    folder_make(&trial.folder);
    start();
}

static void restart(void)
{
    last_logs_close(&trial.logs);
    start();
}

static void end(void)
{
    last_logs_close(&trial.logs);
    folder_remove(&trial.folder);
}

static void report(int64_t seq, char order, enum wg_state state)
{
    struct wg_report made = {.journal = "0123456789abcdef0123456789abcdef",
                             .seq = seq,
                             .order = ORDER,
                             .campaign = "c",
                             .attempt = 2,
                             .state = state,
                             .cause = wg_state_is_final(state) && state != WG_SUCCEEDED
                                          ? WG_CAUSE_HEALTH
                                          : WG_CAUSE_NONE};
    struct wg_buf out;
    made.order[strlen(made.order)] = order;
    wg_buf_init(&out, WG_MESSAGE_MAX);
    ASSERT_OK(wg_report_encode(&made, &out, &err), &err);
    last_logs_report(&trial.logs, out.data, out.len);
    wg_buf_clear(&out);
}

static void order(char last)
{
    char id[WG_ORDER_ID_MAX] = ORDER;
    id[strlen(id)] = last;
    last_logs_order(&trial.logs, id);
}

static void say(const char *text)
{
    last_logs_heard(&trial.logs, text, strlen(text));
}

static void ack(wg_time wall)
{
    last_logs_ack(&trial.logs, wg_monotonic(), wall);
}

static void test_a_failure_is_told_once(void)
{
    begin();
    order('1');
    last_logs_begin(&trial.logs, "boot", "brake", "2.0.0", NOON);
    say("password=hunter2\nbrakes squeal\n");
    wg_log(WG_LOG_WARN, "going back", NULL);
    report(3, '1', WG_PROBATION);
    ack(NOON);
    CU_ASSERT_EQUAL(trial.sent, 0);
    report(4, '1', WG_ROLLED_BACK);
    CU_ASSERT_EQUAL(trial.sent, 0); /* is anybody there? */
    ack(NOON);
    CU_ASSERT_EQUAL_FATAL(trial.sent, 2);
    const struct wg_log_message *message = trial.messages;
    CU_ASSERT_EQUAL(message[0].source, WG_LOG_OF_AGENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(message[0].text, "going back"));
    CU_ASSERT_EQUAL(message[1].source, WG_LOG_OF_PAYLOAD);
    ASSERT_TEXT(message[1].text, "# 2026-12-01T12:00:00.000Z boot of brake 2.0.0\n"
                                 "password=[removed]\nbrakes squeal\n");
    ASSERT_TEXT(message[1].order, ORDER "1");
    ASSERT_TEXT(message[1].boot, BOOT);
    CU_ASSERT_EQUAL(message[1].seq, 4);
    CU_ASSERT_EQUAL(message[1].attempt, 2);
    CU_ASSERT_EQUAL(message[1].at, NOON);
    ack(NOON);
    report(4, '1', WG_ROLLED_BACK); /* a repetition */
    ack(NOON);
    report(5, '1', WG_ROLLED_BACK); /* the order was asked for again */
    ack(NOON);
    CU_ASSERT_EQUAL(trial.sent, 2);
    end();
}

static void test_only_failures(void)
{
    begin();
    order('1');
    say("well\n");
    report(1, '1', WG_SUCCEEDED);
    report(2, '1', WG_DEFERRED);
    report(3, '1', WG_WITHDRAWN);
    ack(NOON);
    last_logs_report(&trial.logs, "{}", 2);
    ack(NOON);
    CU_ASSERT_EQUAL(trial.sent, 0);
    end();
}

static void test_while_there_is_no_connection(void)
{
    begin();
    order('1');
    say("in the dark\n");
    last_logs_link(&trial.logs, false);
    report(1, '1', WG_FAILED);
    ack(NOON);
    CU_ASSERT_EQUAL(trial.sent, 0);
    last_logs_link(&trial.logs, true);
    ack(NOON);
    CU_ASSERT_EQUAL(trial.sent, 1); /* the agent has logged nothing */
    end();
}

/* Output of another order is nobody's business. */
static void test_output_belongs_to_an_order(void)
{
    begin();
    order('1');
    say("of the first\n");
    restart(); /* the device boots in between */
    order('1');
    say("and its second slot\n");
    report(1, '1', WG_FAILED);
    report(2, '2', WG_FAILED); /* it has not begun */
    ack(NOON);
    CU_ASSERT_EQUAL_FATAL(trial.sent, 1);
    ASSERT_TEXT(trial.messages[0].text, "of the first\nand its second slot\n");
    order('3');
    say("of the third\n");
    report(3, '4', WG_FAILED);
    ack(NOON);
    CU_ASSERT_EQUAL(trial.sent, 1);
    report(4, '3', WG_FAILED);
    ack(NOON);
    CU_ASSERT_EQUAL_FATAL(trial.sent, 2);
    ASSERT_TEXT(trial.messages[1].text, "of the third\n");
    end();
}

static void fail_once(int64_t seq, wg_time wall)
{
    order((char)('0' + seq % 10));
    say("again\n");
    report(seq, (char)('0' + seq % 10), WG_FAILED);
    ack(wall);
}

static void test_so_many_a_day(void)
{
    begin();
    trial.settings.per_day = 2;
    for (int64_t seq = 1; seq <= 9; seq++) {
        fail_once(seq, seq % 2 ? NOON : 0); /* sometimes it has no clock */
        restart();
    }
    size_t sent = 0;
    for (size_t i = 0; i < trial.sent; i++) sent += trial.messages[i].source == WG_LOG_OF_PAYLOAD;
    CU_ASSERT_EQUAL(sent, 2);
    trial.sent = 0;
    fail_once(11, NOON - WG_DAY); /* a clock that went back gives none */
    CU_ASSERT_EQUAL(trial.sent, 0);
    fail_once(12, NOON + WG_DAY);
    CU_ASSERT_TRUE(trial.sent > 0);
    end();
}

static void test_none_at_all(void)
{
    begin();
    trial.settings.per_day = 0;
    fail_once(1, NOON);
    CU_ASSERT_EQUAL(trial.sent, 0);
    end();
}

static void test_a_damaged_count_is_none(void)
{
    begin();
    fail_once(1, NOON);
    trial.sent = 0;
    folder_put(&trial.folder, "logs.json", "{\"day\":", 0600);
    restart();
    fail_once(2, NOON);
    CU_ASSERT_EQUAL(trial.sent, 1);
    end();
}

static void run_program(const char *script)
{
    folder_put(&trial.folder, "last-logs", script, 0700);
    (void)wg_copy(trial.settings.program, sizeof trial.settings.program,
                  folder_file(&trial.folder, "last-logs"));
    fail_once(1, NOON);
    wg_time give_up = wg_monotonic() + 20 * WG_SECOND;
    while (trial.logs.program.pid && wg_monotonic() < give_up) {
        struct pollfd set[] = {{.fd = trial.logs.program.process_fd, .events = POLLIN},
                               {.fd = trial.logs.program.output_fd, .events = POLLIN}};
        (void)poll(set, 2, 1000);
        last_logs_look(&trial.logs, wg_monotonic());
    }
    CU_ASSERT_EQUAL(trial.logs.program.pid, 0);
}

static void test_the_program(void)
{
    begin();
    run_program("#!/bin/sh\necho \"$1 of $WAVEGATE_STATE\"\necho token=abc\nexit 3\n");
    CU_ASSERT_EQUAL_FATAL(trial.sent, 2);
    const struct wg_log_message *message = &trial.messages[1];
    char expected[256];
    (void)snprintf(expected, sizeof expected, "logs of %s\ntoken=[removed]\n", trial.folder.path);
    CU_ASSERT_EQUAL(message->source, WG_LOG_OF_PROGRAM);
    CU_ASSERT_EQUAL(message->seq, 1);
    CU_ASSERT_FALSE(message->cut);
    ASSERT_TEXT(message->text, expected);
    last_logs_look(&trial.logs, wg_monotonic());
    CU_ASSERT_EQUAL(trial.sent, 2);
    end();
}

static void test_a_program_that_says_much(void)
{
    begin();
    trial.settings.max = 2048;
    run_program("#!/bin/sh\nyes 'a line of noise' | head -n 100000\necho the end\n");
    CU_ASSERT_EQUAL_FATAL(trial.sent, 2);
    const struct wg_log_message *message = &trial.messages[1];
    size_t len = strlen(message->text);
    CU_ASSERT_TRUE(message->cut);
    CU_ASSERT_TRUE(len > 1900 && len <= 2048);
    ASSERT_TEXT(message->text + len - 8, "the end\n");
    end();
}

WG_SUITE("last_logs", {"a failure is told once", test_a_failure_is_told_once},
         {"only failures", test_only_failures},
         {"while there is no connection", test_while_there_is_no_connection},
         {"output belongs to an order", test_output_belongs_to_an_order},
         {"so many a day", test_so_many_a_day}, {"none at all", test_none_at_all},
         {"a damaged count is none", test_a_damaged_count_is_none},
         {"the program", test_the_program},
         {"a program that says much", test_a_program_that_says_much})
