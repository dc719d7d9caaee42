/* topic_rule_test.c: each role's topics, and every way around them that we know of. */
#include "broker/topic_rule.h"

#include "common/message.h"
#include "tests/unit/harness.h"

static const struct user device = {.role = ROLE_DEVICE, .name = "dev-1"};
static const struct user orchestrator = {.role = ROLE_ORCHESTRATOR, .name = "wavegated"};
static const struct user enrolment = {.role = ROLE_ENROLMENT, .name = "wavegate-enrol"};

static void expect(const struct user *user, enum access access, const char *topic,
                   enum topic_answer answer)
{
    const struct topic_question question = {.access = access, .topic = topic, .len = 10};
    enum topic_answer got = topic_rule(user, &question);
    if (got != answer) printf("\n    %s: %s, access %d: %d\n", user->name, topic, access, got);
    CU_ASSERT_EQUAL(got, answer);
}

static void test_device_writes(void)
{
    static const char *const own[] = {"hello", "report", "log", "csr"};
    static const char *const foreign[] = {
        "wg/v1/d/dev-2/up/hello",
        "wg/v1/d/dev-1/down/order",
        "wg/v1/d/dev-1/up",
        "wg/v1/d/dev-1/up/",
        "wg/v1/d/dev-1/up/other",
        "wg/v1/d/dev-1/up/hello/",
        "wg/v1/d/dev-1/up/hello/x",
        "wg/v1/d/dev-1//up/hello",
        "/wg/v1/d/dev-1/up/hello",
        "wg/v1/d/+/up/hello",
        "wg/v1/d/dev-1/up/+",
        "wg/v1/d/dev-1/up/#",
        "wg/v1/d/dev-1/+/hello",
        "wg/v1/d/dev-10/up/hello",
        "wg/v1/d/dev-/up/hello",
        "wg/v1/d/DEV-1/up/hello",
        "wg/v1/d/dev-1 /up/hello",
        "wg/v1/guard",
        "$SYS/broker/uptime",
        "$CONTROL/wavegate/v1/revoke",
        "$CONTROL/dynamic-security/v1",
        "$share/g/wg/v1/d/dev-1/up/hello",
        "#",
        "+",
        "",
        "wg/v1/d/dev-1/down/ack",
        "wg/v1/d//up/hello",
        "wg/v2/d/dev-1/up/hello",
    };
    char topic[WG_TOPIC_MAX];
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        CU_ASSERT_TRUE(wg_format(topic, sizeof topic, "wg/v1/d/dev-1/up/%s", own[i]));
        expect(&device, ACCESS_WRITE, topic, TOPIC_ALLOWED);
        expect(&device, ACCESS_READ, topic, TOPIC_FOREIGN);
        expect(&device, ACCESS_SUBSCRIBE, topic, TOPIC_FOREIGN);
    }
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        expect(&device, ACCESS_WRITE, foreign[i], TOPIC_FOREIGN);
}

static void test_device_is_given(void)
{
    expect(&device, ACCESS_READ, "wg/v1/d/dev-1/down/order", TOPIC_ALLOWED);
    expect(&device, ACCESS_READ, "wg/v1/d/dev-1/down/ack", TOPIC_ALLOWED);
    expect(&device, ACCESS_READ, "wg/v1/d/dev-1/down/cert", TOPIC_ALLOWED);
    expect(&device, ACCESS_READ, "wg/v1/d/dev-2/down/order", TOPIC_FOREIGN);
    expect(&device, ACCESS_READ, "wg/v1/d/dev-1/down/other", TOPIC_FOREIGN);
    expect(&device, ACCESS_READ, "wg/v1/guard", TOPIC_FOREIGN);
    expect(&device, ACCESS_READ, "$SYS/broker/uptime", TOPIC_FOREIGN);
}

static void test_device_subscribes(void)
{
    static const char *const own[] = {"wg/v1/d/dev-1/down/#", "wg/v1/d/dev-1/down/+",
                                      "wg/v1/d/dev-1/down/order", "wg/v1/d/dev-1/down/ack",
                                      "wg/v1/d/dev-1/down/cert"};
    static const char *const foreign[] = {
        "#",
        "+/#",
        "wg/#",
        "wg/v1/#",
        "wg/v1/d/#",
        "wg/v1/d/dev-1/#",
        "wg/v1/d/+/down/order",
        "wg/v1/d/dev-1/+/order",
        "wg/v1/d/dev-1/+/#",
        "wg/v1/d/dev-2/down/#",
        "wg/v1/d/dev-1/down",
        "wg/v1/d/dev-1/down/",
        "wg/v1/d/dev-1/down/#/x",
        "wg/v1/d/dev-1/down/order/#",
        "+/v1/d/dev-1/down/order",
        "$share/g/wg/v1/d/dev-1/down/#",
        "$share/g/wg/v1/d/dev-2/down/#",
        "$share/wavegate/wg/v1/d/+/up/hello",
        "$SYS/#",
        "$CONTROL/#",
        "/wg/v1/d/dev-1/down/#",
        "",
    };
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        expect(&device, ACCESS_SUBSCRIBE, own[i], TOPIC_ALLOWED);
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        expect(&device, ACCESS_SUBSCRIBE, foreign[i], TOPIC_FOREIGN);
    expect(&device, ACCESS_UNSUBSCRIBE, "wg/v1/#", TOPIC_ALLOWED);
}

static void test_retained_and_long(void)
{
    struct topic_question question = {
        .access = ACCESS_WRITE, .topic = "wg/v1/d/dev-1/up/hello", .len = WG_MESSAGE_MAX};
    CU_ASSERT_EQUAL(topic_rule(&device, &question), TOPIC_ALLOWED);
    question.len++;
    CU_ASSERT_EQUAL(topic_rule(&device, &question), TOPIC_TOO_LONG);
    question.len = 0;
    question.retain = true;
    CU_ASSERT_EQUAL(topic_rule(&device, &question), TOPIC_RETAINED);
    question.topic = "wg/v1/d/dev-1/down/order";
    CU_ASSERT_EQUAL(topic_rule(&orchestrator, &question), TOPIC_RETAINED);
    question.topic = TOPIC_REVOKE;
    CU_ASSERT_EQUAL(topic_rule(&orchestrator, &question), TOPIC_RETAINED);
    question.retain = false;
    question.len = 100000;
    CU_ASSERT_EQUAL(topic_rule(&orchestrator, &question), TOPIC_TOO_LONG);
}

static void test_orchestrator(void)
{
    expect(&orchestrator, ACCESS_SUBSCRIBE, "$share/wavegate/wg/v1/d/+/up/hello", TOPIC_ALLOWED);
    expect(&orchestrator, ACCESS_SUBSCRIBE, "$share/wavegate/wg/v1/d/+/up/report", TOPIC_ALLOWED);
    expect(&orchestrator, ACCESS_SUBSCRIBE, "wg/v1/guard", TOPIC_ALLOWED);
    expect(&orchestrator, ACCESS_SUBSCRIBE, "wg/v1/#", TOPIC_ALLOWED);
    expect(&orchestrator, ACCESS_SUBSCRIBE, "#", TOPIC_FOREIGN);
    expect(&orchestrator, ACCESS_SUBSCRIBE, "$SYS/#", TOPIC_FOREIGN);
    expect(&orchestrator, ACCESS_SUBSCRIBE, "$share/wavegate/#", TOPIC_FOREIGN);
    expect(&orchestrator, ACCESS_SUBSCRIBE, "$share//wg/v1/#", TOPIC_FOREIGN);
    expect(&orchestrator, ACCESS_SUBSCRIBE, "$share/+/wg/v1/#", TOPIC_FOREIGN);
    expect(&orchestrator, ACCESS_SUBSCRIBE, "$share/wavegate", TOPIC_FOREIGN);
    expect(&orchestrator, ACCESS_READ, "wg/v1/d/dev-1/up/hello", TOPIC_ALLOWED);
    expect(&orchestrator, ACCESS_READ, "wg/v1/guard", TOPIC_ALLOWED);
    expect(&orchestrator, ACCESS_WRITE, "wg/v1/d/dev-1/down/order", TOPIC_ALLOWED);
    expect(&orchestrator, ACCESS_WRITE, "wg/v1/d/dev-1/down/ack", TOPIC_ALLOWED);
    expect(&orchestrator, ACCESS_WRITE, TOPIC_REVOKE, TOPIC_ALLOWED);
    /* it speaks to devices, not for them */
    expect(&orchestrator, ACCESS_WRITE, "wg/v1/d/dev-1/up/hello", TOPIC_FOREIGN);
    expect(&orchestrator, ACCESS_WRITE, TOPIC_NOTICES, TOPIC_FOREIGN);
    expect(&orchestrator, ACCESS_WRITE, "$CONTROL/dynamic-security/v1", TOPIC_FOREIGN);
    expect(&orchestrator, ACCESS_WRITE, "$SYS/broker/uptime", TOPIC_FOREIGN);
}

static void test_enrolment(void)
{
    expect(&enrolment, ACCESS_SUBSCRIBE, "wg/v1/d/+/up/csr", TOPIC_ALLOWED);
    expect(&enrolment, ACCESS_SUBSCRIBE, "$share/enrol/wg/v1/d/+/up/csr", TOPIC_ALLOWED);
    expect(&enrolment, ACCESS_READ, "wg/v1/d/dev-1/up/csr", TOPIC_ALLOWED);
    expect(&enrolment, ACCESS_WRITE, "wg/v1/d/dev-1/down/cert", TOPIC_ALLOWED);
    expect(&enrolment, ACCESS_WRITE, TOPIC_REVOKE, TOPIC_ALLOWED);
    expect(&enrolment, ACCESS_SUBSCRIBE, "wg/v1/#", TOPIC_FOREIGN);
    expect(&enrolment, ACCESS_READ, "wg/v1/d/dev-1/up/report", TOPIC_FOREIGN);
    expect(&enrolment, ACCESS_WRITE, "wg/v1/d/dev-1/down/order", TOPIC_FOREIGN);
    expect(&enrolment, ACCESS_WRITE, "wg/v1/d/dev-1/up/csr", TOPIC_FOREIGN);
}

static void test_users(void)
{
    static const char *const strangers[] = {
        "",       "dev-1",  "device",       "device/",  "devices/x", "device/a/b",
        "root/x", "/dev-1", "device/dev 1", "Device/x", "device/+",  "orchestrator/#",
    };
    char text[USER_MAX];
    struct user user;
    user_text(&device, text);
    ASSERT_TEXT(text, "device/dev-1");
    CU_ASSERT_TRUE(user_parse(text, &user));
    CU_ASSERT_EQUAL(user.role, ROLE_DEVICE);
    ASSERT_TEXT(user.name, "dev-1");
    user_text(&enrolment, text);
    CU_ASSERT_TRUE(user_parse(text, &user));
    CU_ASSERT_EQUAL(user.role, ROLE_ENROLMENT);
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        CU_ASSERT_FALSE(user_parse(strangers[i], &user));
    CU_ASSERT_FALSE(user_parse(NULL, &user));
}

WG_SUITE("topic_rule", {"a device publishes to its branch alone", test_device_writes},
         {"a device is given its own alone", test_device_is_given},
         {"a device subscribes to its own alone", test_device_subscribes},
         {"retained and long messages", test_retained_and_long},
         {"what orchestrators may", test_orchestrator}, {"what enrolment may", test_enrolment},
         {"users as text", test_users})
