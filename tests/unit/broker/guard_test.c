/* guard_test.c: connects, messages and revocations against limits, in a time of our own. */
#include "broker/guard.h"

#include "tests/unit/harness.h"

#include <malloc.h>
#include <string.h>

#define HELLO "wg/v1/d/dev-1/up/hello"

static const int a, b, c;
static nanoseconds now;

static struct guard *guard_with(int64_t clients)
{
    struct settings settings;
    struct wg_error err = {0};
    settings_init(&settings);
    settings.clients = clients;
    settings.connect_burst = 4;
    settings.device_connects = 60;
    settings.messages = 10;
    settings.message_burst = 5;
    settings.bytes = 1024;
    settings.byte_burst = 40000;
    settings.subscribes = 60;
    settings.subscribe_burst = 3;
    settings.drops = 2;
    now = 1000 * NS_PER_SECOND;
    struct guard *guard = guard_new(&settings, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(guard);
    return guard;
}

static struct certificate certificate(const char *name, bool is_device, uint8_t serial)
{
    struct certificate made = {.is_device = is_device, .authority = is_device ? 0 : 1};
    CU_ASSERT_TRUE(wg_copy(made.name, sizeof made.name, name));
    CU_ASSERT_TRUE(serial_set(&made.serial, &serial, 1));
    return made;
}

static char user[USER_MAX];

static enum login login_as(struct guard *guard, const char *name, const char *id,
                           const void *session)
{
    struct certificate held = certificate(name, true, 7);
    return guard_login(guard, &held, id, session, now, user);
}

static enum login join(struct guard *guard, const void *session)
{
    return login_as(guard, "dev-1", "dev-1", session);
}

static enum login service(struct guard *guard, const char *name, const char *id)
{
    struct certificate held = certificate(name, false, 9);
    return guard_login(guard, &held, id, &c, now, user);
}

static enum verdict ask(struct guard *guard, enum access access, const char *topic)
{
    const struct topic_question question = {.access = access, .topic = topic, .len = 1};
    return guard_access(guard, "device/dev-1", &question, now);
}

static enum verdict say(struct guard *guard, size_t len)
{
    return guard_message(guard, "device/dev-1", len, true, now);
}

/* Tells what has been noticed since the last time; kind by kind. */
static uint32_t noticed(struct guard *guard, enum notice_kind kind)
{
    struct notice notice;
    uint32_t count = 0;
    now += NOTICE_GAP;
    while (guard_next_notice(guard, now, &notice))
        if (notice.kind == kind) count += notice.count;
    return count;
}

static void test_identity(void)
{
    struct guard *guard = guard_with(10);
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_OK);
    ASSERT_TEXT(user, "device/dev-1");
    CU_ASSERT_EQUAL(login_as(guard, "dev-2", "dev-1", &b), LOGIN_CLIENT_ID);
    CU_ASSERT_EQUAL(login_as(guard, "dev-2", "", &b), LOGIN_CLIENT_ID);
    CU_ASSERT_EQUAL(login_as(guard, "dev-2", NULL, &b), LOGIN_CLIENT_ID);
    CU_ASSERT_EQUAL(login_as(guard, "", "", &b), LOGIN_NAME);
    CU_ASSERT_EQUAL(noticed(guard, NOTICE_ESCAPE), 3);
    guard_free(guard);
}

static void test_services(void)
{
    struct guard *guard = guard_with(10);
    CU_ASSERT_EQUAL(service(guard, "wavegated", "wavegated-host-17"), LOGIN_OK);
    ASSERT_TEXT(user, "orchestrator/wavegated");
    CU_ASSERT_EQUAL(service(guard, "wavegate-enrol", "wavegate-enrol"), LOGIN_OK);
    ASSERT_TEXT(user, "enrolment/wavegate-enrol");
    CU_ASSERT_EQUAL(service(guard, "other", "other"), LOGIN_SERVICE);
    /* a service cannot take a device's place */
    CU_ASSERT_EQUAL(service(guard, "wavegated", "dev-1"), LOGIN_CLIENT_ID);
    CU_ASSERT_EQUAL(service(guard, "wavegated", "wavegatedx"), LOGIN_CLIENT_ID);
    CU_ASSERT_EQUAL(service(guard, "wavegated", "wavegated-a/b"), LOGIN_CLIENT_ID);
    /* nor a device a service's, whatever authority erred */
    CU_ASSERT_EQUAL(login_as(guard, "wavegated", "wavegated", &b), LOGIN_NAME);
    CU_ASSERT_EQUAL(login_as(guard, "wavegated-host-17", "wavegated-host-17", &b), LOGIN_NAME);
    CU_ASSERT_EQUAL(login_as(guard, "wavegatedx", "wavegatedx", &b), LOGIN_OK);
    guard_free(guard);
}

static void test_connect_storm(void)
{
    struct guard *guard = guard_with(10);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(join(guard, &a), LOGIN_OK);
        guard_logout(guard, "dev-1", &a);
    }
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_STORM);
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_PENALTY);
    now += 59 * NS_PER_SECOND;
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_PENALTY);
    CU_ASSERT_EQUAL(login_as(guard, "dev-2", "dev-2", &b), LOGIN_OK);
    now += NS_PER_SECOND;
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_OK);
    CU_ASSERT_EQUAL(noticed(guard, NOTICE_CONNECT_STORM), 1);
    guard_free(guard);
}

static void test_takeover(void)
{
    struct guard *guard = guard_with(10);
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_OK);
    CU_ASSERT_EQUAL(join(guard, &b), LOGIN_OK);
    guard_logout(guard, "dev-1", &a); /* of the session that was taken over */
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_OK);
    CU_ASSERT_EQUAL(noticed(guard, NOTICE_TAKEOVER), 2);
    guard_logout(guard, "dev-1", &a);
    CU_ASSERT_EQUAL(join(guard, &b), LOGIN_OK);
    CU_ASSERT_EQUAL(noticed(guard, NOTICE_TAKEOVER), 0);
    /* asked again about a session that lives */
    for (int i = 0; i < 100; i++) CU_ASSERT_EQUAL(join(guard, &b), LOGIN_OK);
    CU_ASSERT_EQUAL(noticed(guard, NOTICE_TAKEOVER), 0);
    for (int i = 0; i < 4; i++) CU_ASSERT_EQUAL(join(guard, i % 2 ? &b : &a), LOGIN_OK);
    CU_ASSERT_EQUAL(join(guard, &c), LOGIN_STORM);
    CU_ASSERT_EQUAL(noticed(guard, NOTICE_TAKEOVER_STORM), 1);
    guard_free(guard);
}

static void test_flood(void)
{
    struct guard *guard = guard_with(10);
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_OK);
    for (int i = 0; i < 5; i++) CU_ASSERT_EQUAL(say(guard, 1), VERDICT_ALLOW);
    CU_ASSERT_EQUAL(say(guard, 1), VERDICT_DENY);
    now += 100 * NS_PER_MS;
    CU_ASSERT_EQUAL(say(guard, 1), VERDICT_ALLOW);
    CU_ASSERT_EQUAL(say(guard, 1), VERDICT_DENY);
    CU_ASSERT_EQUAL(say(guard, 1), VERDICT_CUT);
    guard_logout(guard, "dev-1", &a);
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_PENALTY);
    CU_ASSERT_EQUAL(guard_message(guard, "orchestrator/wavegated", 30000, true, now),
                    VERDICT_ALLOW);
    CU_ASSERT_EQUAL(noticed(guard, NOTICE_FLOOD), 3);
    guard_free(guard);
}

/* MQTT 3.1.1: a message that is not taken must not be acknowledged. */
static void test_who_cannot_be_refused_is_cut(void)
{
    struct guard *guard = guard_with(10);
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_OK);
    for (int i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(guard_message(guard, "device/dev-1", 1, false, now), VERDICT_ALLOW);
    CU_ASSERT_EQUAL(guard_message(guard, "device/dev-1", 1, false, now), VERDICT_CUT);
    guard_logout(guard, "dev-1", &a);
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_OK);
    guard_free(guard);
}

static void test_bytes(void)
{
    struct guard *guard = guard_with(10);
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_OK);
    CU_ASSERT_EQUAL(say(guard, 30000), VERDICT_ALLOW);
    CU_ASSERT_EQUAL(say(guard, 30000), VERDICT_DENY);
    CU_ASSERT_EQUAL(say(guard, 9000), VERDICT_ALLOW);
    guard_free(guard);
}

static void test_escapes(void)
{
    struct guard *guard = guard_with(10);
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_OK);
    CU_ASSERT_EQUAL(ask(guard, ACCESS_WRITE, HELLO), VERDICT_ALLOW);
    CU_ASSERT_EQUAL(ask(guard, ACCESS_WRITE, "wg/v1/d/dev-2/up/hello"), VERDICT_DENY);
    CU_ASSERT_EQUAL(ask(guard, ACCESS_WRITE, "wg/v1/d/dev-2/up/hello"), VERDICT_DENY);
    CU_ASSERT_EQUAL(ask(guard, ACCESS_WRITE, "wg/v1/d/dev-2/up/hello"), VERDICT_CUT);
    CU_ASSERT_EQUAL(ask(guard, ACCESS_READ, "wg/v1/d/dev-2/down/order"), VERDICT_DENY);
    CU_ASSERT_EQUAL(join(guard, &b), LOGIN_PENALTY);
    CU_ASSERT_EQUAL(noticed(guard, NOTICE_ESCAPE), 3);
    const struct topic_question question = {.access = ACCESS_WRITE, .topic = HELLO};
    CU_ASSERT_EQUAL(guard_access(guard, NULL, &question, now), VERDICT_DENY);
    CU_ASSERT_EQUAL(guard_access(guard, "dev-1", &question, now), VERDICT_DENY);
    CU_ASSERT_EQUAL(guard_message(guard, "dev-1", 1, true, now), VERDICT_DENY);
    guard_free(guard);
}

static void test_subscribe_storm(void)
{
    struct guard *guard = guard_with(10);
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_OK);
    CU_ASSERT_EQUAL(ask(guard, ACCESS_SUBSCRIBE, "wg/v1/d/dev-1/down/#"), VERDICT_ALLOW);
    CU_ASSERT_EQUAL(ask(guard, ACCESS_SUBSCRIBE, "wg/v1/#"), VERDICT_DENY);
    CU_ASSERT_EQUAL(ask(guard, ACCESS_UNSUBSCRIBE, "wg/v1/d/dev-1/down/#"), VERDICT_ALLOW);
    CU_ASSERT_EQUAL(ask(guard, ACCESS_UNSUBSCRIBE, "wg/v1/d/dev-1/down/#"), VERDICT_CUT);
    CU_ASSERT_EQUAL(join(guard, &b), LOGIN_PENALTY);
    guard_free(guard);
}

static void test_revocation(void)
{
    struct guard *guard = guard_with(10);
    struct wg_error err = {0};
    struct revoked list;
    struct serial seven = certificate("x", true, 7).serial;
    char id[WG_NAME_MAX + 1];
    revoked_init(&list);
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_OK);
    CU_ASSERT_EQUAL(login_as(guard, "dev-2", "dev-2", &b), LOGIN_OK);
    guard_logout(guard, "dev-2", &b);
    CU_ASSERT_EQUAL(service(guard, "wavegated", "wavegated"), LOGIN_OK);
    CU_ASSERT_FALSE(guard_next_kick(guard, now, id));
    /* the same number means another certificate with another authority */
    ASSERT_OK(revoked_add(&list, &seven, &err), &err);
    guard_set_revoked(guard, 1, &list);
    CU_ASSERT_FALSE(guard_next_kick(guard, now, id));
    ASSERT_OK(revoked_add(&list, &seven, &err), &err);
    guard_set_revoked(guard, 0, &list);
    CU_ASSERT_TRUE(guard_next_kick(guard, now, id));
    ASSERT_TEXT(id, "dev-1");
    guard_logout(guard, "dev-1", &a);
    CU_ASSERT_FALSE(guard_next_kick(guard, now, id));
    CU_ASSERT_EQUAL(join(guard, &b), LOGIN_REVOKED);
    CU_ASSERT_EQUAL(noticed(guard, NOTICE_REVOKED), 2);
    /* a new list without it: it was not this authority's will any more */
    guard_set_revoked(guard, 0, &list);
    CU_ASSERT_EQUAL(join(guard, &b), LOGIN_OK);
    /* by message, which the next list does not undo */
    ASSERT_OK(guard_revoke(guard, &seven, &err), &err);
    CU_ASSERT_TRUE(guard_next_kick(guard, now, id));
    guard_set_revoked(guard, 0, &list);
    guard_logout(guard, "dev-1", &b);
    now += 10 * NS_PER_SECOND;
    CU_ASSERT_EQUAL(join(guard, &b), LOGIN_REVOKED);
    guard_free(guard);
}

static void test_room(void)
{
    struct guard *guard = guard_with(2);
    CU_ASSERT_EQUAL(join(guard, &a), LOGIN_OK);
    CU_ASSERT_EQUAL(login_as(guard, "dev-2", "dev-2", &b), LOGIN_OK);
    CU_ASSERT_EQUAL(login_as(guard, "dev-3", "dev-3", &c), LOGIN_FULL);
    guard_logout(guard, "dev-2", &b);
    CU_ASSERT_EQUAL(login_as(guard, "dev-3", "dev-3", &c), LOGIN_OK);
    guard_free(guard);
}

static void test_all_together(void)
{
    struct guard *guard = guard_with(5000);
    int taken = 0, busy = 0;
    for (int i = 0; i < 3000; i++) {
        char name[16];
        CU_ASSERT_TRUE(wg_format(name, sizeof name, "dev-%d", i));
        enum login login = login_as(guard, name, name, &a);
        taken += login == LOGIN_OK;
        busy += login == LOGIN_BUSY;
    }
    CU_ASSERT_EQUAL(taken, 1000);
    CU_ASSERT_EQUAL(busy, 2000);
    /* who was put off may try on: it is not what the device did */
    for (int i = 0; i < 100; i++)
        CU_ASSERT_EQUAL(login_as(guard, "dev-2999", "dev-2999", &a), LOGIN_BUSY);
    now += NS_PER_SECOND;
    CU_ASSERT_EQUAL(login_as(guard, "dev-2999", "dev-2999", &a), LOGIN_OK);
    /* services are not held up by it */
    CU_ASSERT_EQUAL(service(guard, "wavegated", "wavegated"), LOGIN_OK);
    guard_free(guard);
}

/* 200,000 devices come and go, 20,000 at a time, and do what costs memory elsewhere. */
static void test_memory_is_flat(void)
{
    enum { ALL = 200000, AT_ONCE = 20000 };
    struct guard *guard = guard_with(AT_ONCE);
    size_t before = mallinfo2().uordblks;
    char name[16];
    int taken = 0;
    for (int i = 0; i < ALL; i++) {
        now += NS_PER_MS;
        CU_ASSERT_TRUE(wg_format(name, sizeof name, "dev-%d", i));
        taken += login_as(guard, name, name, &a) == LOGIN_OK;
        (void)say(guard, 100);
        (void)ask(guard, ACCESS_WRITE, "wg/v1/d/other/up/hello");
        if (i < AT_ONCE - 1) continue;
        CU_ASSERT_TRUE(wg_format(name, sizeof name, "dev-%d", i - AT_ONCE + 1));
        guard_logout(guard, name, &a);
    }
    CU_ASSERT_EQUAL(taken, ALL);
    CU_ASSERT_EQUAL(mallinfo2().uordblks, before);
    guard_free(guard);
}

WG_SUITE("guard", {"certificate and client id", test_identity}, {"services", test_services},
         {"a device that connects again and again", test_connect_storm},
         {"one identity, two sessions", test_takeover},
         {"a flood is throttled, then cut off", test_flood},
         {"who cannot be refused is cut", test_who_cannot_be_refused_is_cut},
         {"volume", test_bytes}, {"topics of others", test_escapes},
         {"a storm of subscriptions", test_subscribe_storm}, {"revocation", test_revocation},
         {"everybody connected", test_room}, {"all connect at once", test_all_together},
         {"memory is flat", test_memory_is_flat})
