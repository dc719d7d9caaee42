/* vouch_test.c: a device that trusts nobody's word alone: what the repository and the people must
 * say before it touches anything. */
#include "common/signed.h"
#include "common/trust/warrant.h"
#include "tests/unit/agent/device.h"
#include "tests/unit/common/twin.h"

enum who { ALICE, BOB, CAROL, PEOPLE };

static const char *const names[PEOPLE] = {"alice", "bob", "carol"};
static struct device device;
static struct wg_identity_key keys[PEOPLE], stranger;
static struct trust_policy policy;
static struct release_facts facts, beside[2]; /* beside: facts' companions */
static wg_time issued;

static void make_key(enum wg_identity_kind kind, uint8_t fill, struct wg_identity_key *out)
{
    uint8_t seed[WG_P256_SECRET];
    memset(seed, fill, sizeof seed);
    ASSERT_OK(wg_identity_from_secret(kind, seed, out, &device.err), &device.err);
}

static void public_of(const struct wg_identity_key *key, struct tuf_key *out)
{
    ASSERT_OK(tuf_key_from_identity(&key->public_key, out, &device.err), &device.err);
}

static void fill_policy(void)
{
    memset(&policy, 0, sizeof policy);
    policy.director_count = policy.class_count = 1;
    policy.people_count = PEOPLE;
    public_of(&device.director, &policy.directors[0]);
    for (int i = 0; i < PEOPLE; i++) {
        /* carol's token knows nothing else */
        make_key(i == CAROL ? WG_IDENTITY_P256 : WG_IDENTITY_ED25519, (uint8_t)(40 + i), &keys[i]);
        (void)wg_copy(policy.people[i].name, WG_NAME_MAX + 1, names[i]);
        (void)wg_copy(policy.people[i].role, WG_NAME_MAX + 1, "rollout-admin");
        public_of(&keys[i], &policy.people[i].key);
    }
    policy.classes[0].pattern_count = 1;
    (void)wg_copy(policy.classes[0].patterns[0], WG_NAME_MAX + 1, "brake");
    policy.classes[0].quorum.count = 2;
    (void)wg_copy(policy.classes[0].quorum.role, WG_NAME_MAX + 1, "rollout-admin");
}

static void fill_facts(void)
{
    memset(&facts, 0, sizeof facts);
    (void)wg_copy(facts.sha256, sizeof facts.sha256, SHA);
    (void)wg_copy(facts.plain_sha256, sizeof facts.plain_sha256, SHA);
    facts.length = facts.plain_length = 1000;
    (void)wg_copy(facts.component, sizeof facts.component, "brake");
    (void)wg_copy(facts.version, sizeof facts.version, "2.0.0");
    facts.security_version = 3;
}

static const char *tell_policy(void)
{
    const struct core_event event = {.kind = CORE_EV_POLICY, .policy = &policy};
    return device_do(&device, &event);
}

static void open_device(void)
{
    memset(&device, 0, sizeof device);
    device.now = 1000;
    device.wall = DEVICE_WALL;
    device_key(&device.director, &device.err);
    device_config(&device.config, &device.director);
    device.config.vouch = true;
    device.core = core_new(&device.config, &device.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(device.core);
    SAYS(device_start(&device, BOOT_1, "a", false, "1.0.0"), "save");
    SAYS(device_event(&device, CORE_EV_CONNECTED), "hello");
    SAYS(device_ack(&device, JOURNAL, 0), "");
    fill_policy();
    fill_facts();
    SAYS(tell_policy(), "");
}

static json_t *say(enum statement_kind kind, enum who who, const struct wg_order *order)
{
    struct statement statement = {.kind = kind, .at = DEVICE_WALL};
    struct wg_buf text;
    (void)wg_copy(statement.campaign, sizeof statement.campaign, order->campaign);
    (void)wg_copy(statement.digest, sizeof statement.digest, order->digest);
    (void)wg_copy(statement.release, sizeof statement.release, "brake/2.0.0");
    (void)wg_copy(statement.operator_name, sizeof statement.operator_name, names[who]);
    wg_buf_init(&text, STATEMENT_MAX);
    ASSERT_OK(statement_sign(&statement, &keys[who], &text, &device.err), &device.err);
    json_t *json = wg_json_parse(wg_buf_str(&text), text.len, STATEMENT_MAX, &device.err);
    wg_buf_clear(&text);
    return json;
}

enum warrant {
    NO_WARRANT,
    TWINS,   /* carol's one approval with both signatures that hold */
    GARBLED, /* bob's, and one of carol's with a digit changed */
    ONE_APPROVAL,
    TWO_APPROVALS,
    DOWNGRADE
};

static void garble(json_t *statement)
{
    json_t *entry = json_array_get(json_object_get(statement, "signatures"), 0);
    char sig[2 * WG_IDENTITY_SIGNATURE_MAX + 1];
    CU_ASSERT_TRUE(wg_copy(sig, sizeof sig, json_string_value(json_object_get(entry, "sig"))));
    sig[40] = sig[40] == '0' ? '1' : '0';
    (void)json_object_set_new(entry, "sig", json_string(sig));
}

/* The order as it comes, signed by that key. Free it. */
static char *envelope(const struct wg_order *order, enum warrant with,
                      const struct wg_identity_key *key)
{
    json_t *warrant = json_array();
    if (with != NO_WARRANT) {
        (void)json_array_append_new(warrant, say(STATEMENT_APPLY, ALICE, order));
        (void)json_array_append_new(warrant,
                                    say(STATEMENT_APPROVE, with == TWINS ? CAROL : BOB, order));
    }
    if (with >= TWO_APPROVALS || with == TWINS || with == GARBLED)
        (void)json_array_append_new(warrant, say(STATEMENT_APPROVE, CAROL, order));
    if (with == TWINS) twin_envelope(json_array_get(warrant, 2));
    if (with == GARBLED) garble(json_array_get(warrant, 2));
    if (with == DOWNGRADE)
        (void)json_array_append_new(warrant, say(STATEMENT_DOWNGRADE, BOB, order));
    json_t *body = wg_order_make(order, with == NO_WARRANT ? NULL : warrant, &device.err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(body);
    json_t *signed_order = wg_signed_make(body, key, &device.err);
    char *text = json_dumps(signed_order, JSON_COMPACT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    json_decref(signed_order);
    json_decref(body);
    json_decref(warrant);
    return text;
}

static const char *give(enum core_event_kind kind, const struct wg_order *order, enum warrant with)
{
    char *text = envelope(order, with, &device.director);
    const struct core_event event = {.kind = kind,
                                     .bytes = text,
                                     .len = strlen(text),
                                     .issued = issued,
                                     .facts = facts.component[0] ? &facts : NULL,
                                     .companions = beside,
                                     .text = "the server is away"};
    const char *said = device_do(&device, &event);
    free(text);
    return said;
}

/* Asked for, then vouched for. */
static const char *vouched(const struct wg_order *order, enum warrant with)
{
    SAYS(give(CORE_EV_ORDER, order, with), "vouch");
    return give(CORE_EV_VOUCHED, order, with);
}

#define ACCEPTED "save report:accepted report:downloading fetch"

static void test_accepted(void)
{
    struct wg_order order;
    open_device();
    order_fill(&order, ORDER_A, 1, BOOT_1);
    SAYS(give(CORE_EV_ORDER, &order, TWO_APPROVALS), "vouch");
    /* the order goes out as it came in, and nothing here has changed for it */
    struct wg_order asked;
    ASSERT_OK(wg_order_decode(device.actions.items[0].payload, device.actions.items[0].len,
                              device.config.directors, 1, &asked, &device.err),
              &device.err);
    ASSERT_TEXT(asked.id, ORDER_A);
    CU_ASSERT_EQUAL(device.core->state.memory.counter, 0);
    assert_phase(&device, CORE_IDLE);
    SAYS(give(CORE_EV_VOUCHED, &order, TWO_APPROVALS), ACCEPTED);
    ASSERT_TEXT(device.actions.items[device.actions.count - 1].release->sha256, SHA);
    assert_phase(&device, CORE_FETCHING);
    /* told twice, it is a repetition */
    SAYS(give(CORE_EV_VOUCHED, &order, TWO_APPROVALS), "report:downloading");
    device_clear(&device);
}

static void test_not_approved(void)
{
    struct wg_order order;
    open_device();
    order_fill(&order, ORDER_A, 1, BOOT_1);
    SAYS(vouched(&order, ONE_APPROVAL), "save report:failed/refused");
    assert_detail(&device, "campaign brake-2.0 has 1 of the 2 approvals by rollout-admin that "
                           "hardware brake needs");
    order_fill(&order, ORDER_B, 2, BOOT_1);
    SAYS(vouched(&order, NO_WARRANT), "save report:failed/refused");
    assert_phase(&device, CORE_IDLE);
    CU_ASSERT_EQUAL(device.core->state.memory.counter, 2);
    device_clear(&device);
}

/* carol signs by P-256: what is changed is nobody's, and what holds twice is hers once. */
static void test_p256(void)
{
    static const char lacks[] =
        "campaign brake-2.0 has 1 of the 2 approvals by rollout-admin that hardware brake needs";
    struct wg_order order;
    open_device();
    order_fill(&order, ORDER_A, 1, BOOT_1);
    SAYS(vouched(&order, GARBLED), "save report:failed/refused");
    assert_detail(&device, lacks);
    order_fill(&order, ORDER_B, 2, BOOT_1);
    SAYS(vouched(&order, TWINS), "save report:failed/refused");
    assert_detail(&device, lacks);
    assert_phase(&device, CORE_IDLE);
    device_clear(&device);
}

/* The order and the repository must say the same. */
static void test_not_what_was_released(void)
{
    static const struct {
        const char *name;
        size_t offset;
        const char *other, *says;
    } rows[] = {
        {"no such release", offsetof(struct release_facts, component), "", "has no release"},
        {"other bytes", offsetof(struct release_facts, sha256),
         "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
         "not in the repository"},
        {"another version", offsetof(struct release_facts, version), "3.0.0",
         "not in the repository"},
        {"another component", offsetof(struct release_facts, component), "door",
         "not in the repository"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_order order;
        open_device();
        (void)wg_copy((char *)&facts + rows[i].offset, 65, rows[i].other);
        order_fill(&order, ORDER_A, 1, BOOT_1);
        SAYS(vouched(&order, TWO_APPROVALS), "save report:failed/verify");
        struct wg_report report;
        last_report(&device, &report);
        if (!strstr(report.detail, rows[i].says)) ASSERT_TEXT(report.detail, rows[i].says);
        device_clear(&device);
    }
    struct wg_order order;
    open_device();
    facts.is_age = true; /* and the order brings no header */
    order_fill(&order, ORDER_A, 1, BOOT_1);
    SAYS(vouched(&order, TWO_APPROVALS), "save report:failed/verify");
    facts.is_age = false;
    facts.length = 999;
    order_fill(&order, ORDER_B, 2, BOOT_1);
    SAYS(vouched(&order, TWO_APPROVALS), "save report:failed/verify");
    device_clear(&device);
}

static void form_of(size_t i, char digit, bool is_age, struct wg_order *order)
{
    struct wg_order_form *offered = &order->forms[i];
    struct release_form *known = &facts.forms[i];
    memset(offered->sha256, digit, WG_SHA256_HEX - 1);
    offered->length = 100 + (int64_t)i;
    (void)wg_copy(offered->age, sizeof offered->age, is_age ? "age-encryption.org/v1\n" : "");
    (void)wg_copy(offered->urls[0], WG_URL_MAX, "https://example.org/f");
    offered->url_count = 1;
    *known = (struct release_form){.kind = RELEASE_ZSTD_PATCH, .is_age = is_age};
    (void)wg_copy(known->target.sha256, sizeof known->target.sha256, offered->sha256);
    (void)wg_copy(known->from.sha256, sizeof known->from.sha256, SHA);
    known->target.length = offered->length;
    known->plain.length = is_age ? 50 : offered->length;
    known->from.length = 900;
}

/* Only what the order names and the repository knows, each as the repository says it. */
static void test_forms(void)
{
    struct wg_order order;
    open_device();
    order_fill(&order, ORDER_A, 1, BOOT_1);
    order.form_count = facts.form_count = 4;
    form_of(0, 'a', true, &order);
    form_of(1, 'b', false, &order);
    form_of(2, 'c', false, &order);
    form_of(3, 'd', true, &order);
    memset(facts.forms[1].target.sha256, 'e', WG_SHA256_HEX - 1); /* another one */
    facts.forms[2].target.length++;
    facts.forms[3].is_age = false;
    SAYS(vouched(&order, TWO_APPROVALS), ACCEPTED);
    const struct core_release *release = device.actions.items[device.actions.count - 1].release;
    CU_ASSERT_EQUAL_FATAL(release->form_count, 1);
    ASSERT_TEXT(release->forms[0].sha256, order.forms[0].sha256);
    ASSERT_TEXT(release->forms[0].from, SHA);
    CU_ASSERT_TRUE(release->forms[0].is_age && release->forms[0].length == 100);
    CU_ASSERT_TRUE(release->forms[0].packed_length == 50 && release->forms[0].from_length == 900);
    device_clear(&device);
}

/* Nobody vouches for what only the order says. */
static void test_forms_without_repository(void)
{
    struct wg_order order;
    device_init(&device);
    order_fill(&order, ORDER_A, 1, BOOT_1);
    order.form_count = 1;
    form_of(0, 'a', false, &order);
    SAYS(device_order(&device, &order), ACCEPTED);
    CU_ASSERT_EQUAL(device.actions.items[device.actions.count - 1].release->form_count, 0);
    device_clear(&device);
}

static void test_does_not_fit(void)
{
    struct wg_order order;
    open_device();
    facts.hardware_count = 1;
    (void)wg_copy(facts.hardware[0].model, WG_NAME_MAX + 1, "brake");
    (void)wg_copy(facts.hardware[0].revision, RELEASE_RANGE_MAX, ">=D");
    order_fill(&order, ORDER_A, 1, BOOT_1);
    SAYS(vouched(&order, TWO_APPROVALS), "save report:failed/incompatible");
    assert_detail(&device, "brake/2.0.0 does not fit hardware brake C");
    (void)wg_copy(facts.hardware[0].revision, RELEASE_RANGE_MAX, ">=B");
    (void)wg_copy(facts.from, RELEASE_RANGE_MAX, ">=1.5.0");
    order_fill(&order, ORDER_B, 2, BOOT_1);
    SAYS(vouched(&order, TWO_APPROVALS), "save report:failed/incompatible");
    assert_detail(&device, "brake/2.0.0 can be installed over >=1.5.0, here runs 1.0.0");
    facts.from[0] = '\0';
    facts.depends_count = 1;
    (void)wg_copy(facts.depends[0].component, WG_NAME_MAX + 1, "gateway");
    (void)wg_copy(facts.depends[0].range, RELEASE_RANGE_MAX, "^5");
    order_fill(&order, "33333333-3333-4333-8333-333333333333", 3, BOOT_1);
    SAYS(vouched(&order, TWO_APPROVALS), "save report:failed/incompatible");
    assert_detail(&device, "brake/2.0.0 needs gateway ^5, here runs none");
    device_clear(&device);
}

/* The release comes with app and modem; app needs it, it needs modem. */
static void fill_companions(struct wg_order *order)
{
    static const char *const names_of[] = {"app", "modem"}, *const versions[] = {"5.0.1", "1.2.0"};
    facts.companion_count = order->companion_count = 2;
    for (size_t i = 0; i < 2; i++) {
        struct wg_order_companion *companion = &order->companions[i];
        struct release_facts *about = &beside[1 - i]; /* the order may name them in another order */
        memset(about, 0, sizeof *about);
        memset(about->sha256, i == 0 ? 'a' : 'b', WG_SHA256_HEX - 1);
        (void)wg_copy(about->plain_sha256, WG_SHA256_HEX, about->sha256);
        about->length = about->plain_length = 200 + (int64_t)i;
        about->security_version = 5;
        (void)wg_copy(about->component, WG_NAME_MAX + 1, names_of[i]);
        (void)wg_copy(about->version, WG_VERSION_MAX + 1, versions[i]);
        (void)wg_copy(facts.companions[1 - i].name, WG_NAME_MAX + 1, names_of[i]);
        (void)wg_copy(facts.companions[1 - i].version, WG_VERSION_MAX + 1, versions[i]);
        *companion = (struct wg_order_companion){.length = about->length, .url_count = 1};
        (void)wg_copy(companion->component, WG_NAME_MAX + 1, names_of[i]);
        (void)wg_copy(companion->version, WG_VERSION_MAX + 1, versions[i]);
        (void)wg_copy(companion->sha256, WG_SHA256_HEX, about->sha256);
        (void)wg_copy(companion->urls[0], WG_URL_MAX, "https://example.org/c");
    }
    facts.depends_count = beside[1].depends_count = 1;
    (void)wg_copy(facts.depends[0].component, WG_NAME_MAX + 1, "modem");
    (void)wg_copy(facts.depends[0].range, RELEASE_RANGE_MAX, "^1");
    (void)wg_copy(beside[1].depends[0].component, WG_NAME_MAX + 1, "brake");
    (void)wg_copy(beside[1].depends[0].range, RELEASE_RANGE_MAX, "^2");
}

static void open_with(struct wg_order *order, const char *id, int64_t counter)
{
    fill_facts();
    order_fill(order, id, counter, BOOT_1);
    fill_companions(order);
}

static void test_companions(void)
{
    struct wg_order order;
    open_device();
    open_with(&order, ORDER_A, 1);
    order.form_count = facts.form_count = 1;
    form_of(0, 'c', false, &order);
    order.forms[0].member = 2;
    beside[0].form_count = 1;
    beside[0].forms[0] = facts.forms[0];
    facts.form_count = 0;
    SAYS(vouched(&order, TWO_APPROVALS), ACCEPTED);
    const struct core_release *release = device.actions.items[device.actions.count - 1].release;
    CU_ASSERT_EQUAL(release->companion_count, 2);
    CU_ASSERT_TRUE(release->sequence[0] == 2 && release->sequence[1] == 0 &&
                   release->sequence[2] == 1); /* modem, brake, app */
    CU_ASSERT_TRUE(release->companions[0].length == 200 && release->companions[1].length == 201);
    CU_ASSERT_EQUAL(release->companions[1].sha256[0], 'b');
    CU_ASSERT_TRUE(release->form_count == 1 && release->forms[0].member == 2);
    struct core_release alone;
    core_release_member(release, 2, &alone);
    ASSERT_TEXT(alone.sha256, order.companions[1].sha256);
    CU_ASSERT_TRUE(alone.companion_count == 0 && alone.form_count == 1 && alone.length == 201);
    core_release_member(release, 0, &alone);
    ASSERT_TEXT(alone.sha256, SHA);
    CU_ASSERT_TRUE(alone.form_count == 0 && alone.security == 3);
    device_clear(&device);
}

/* What the order says of companions, and what the repository says of them. */
static void test_other_companions(void)
{
    struct wg_order order;
    enum { LEFT_OUT, ADDED, SWAPPED, OTHER_VERSION, OTHER_BYTES, UNKNOWN, SEALED, CIRCLE, WRONGS };
    static const char *const says[WRONGS] = {
        [LEFT_OUT] = "brake/2.0.0 has other companions in the repository than in the order",
        [ADDED] = "brake/2.0.0 has other companions in the repository than in the order",
        [SWAPPED] = "brake/2.0.0 has other companions in the repository than in the order",
        [OTHER_VERSION] = "app/5.0.2 is not in the repository what the order says it is",
        [OTHER_BYTES] = "modem/1.2.0 is not in the repository what the order says it is",
        [UNKNOWN] = "the repository has no release modem/1.2.0",
        [SEALED] = "app/5.0.1 is not in the repository what the order says it is",
        [CIRCLE] = "app/5.0.1 and brake/2.0.0 need each other: neither can come first",
    };
    for (int wrong = 0; wrong < WRONGS; wrong++) {
        open_device();
        open_with(&order, ORDER_A, 1);
        if (wrong == LEFT_OUT) order.companion_count = 1;
        if (wrong == ADDED) facts.companion_count = 1;
        if (wrong == SWAPPED) (void)wg_copy(order.companions[1].component, WG_NAME_MAX + 1, "door");
        if (wrong == OTHER_VERSION)
            (void)wg_copy(order.companions[0].version, WG_VERSION_MAX + 1, "5.0.2");
        if (wrong == OTHER_BYTES) order.companions[1].sha256[5] = '1';
        if (wrong == UNKNOWN) memset(&beside[0], 0, sizeof beside[0]);
        if (wrong == SEALED) beside[1].is_age = true;
        if (wrong == CIRCLE) (void)wg_copy(facts.depends[0].component, WG_NAME_MAX + 1, "app");
        if (wrong == CIRCLE) (void)wg_copy(facts.depends[0].range, RELEASE_RANGE_MAX, "*");
        SAYS(vouched(&order, TWO_APPROVALS), "save report:failed/verify");
        assert_detail(&device, says[wrong]);
        device_clear(&device);
    }
}

static void test_companion_does_not_fit(void)
{
    struct wg_order order;
    open_device();
    open_with(&order, ORDER_A, 1);
    beside[0].hardware_count = 1;
    (void)wg_copy(beside[0].hardware[0].model, WG_NAME_MAX + 1, "door");
    SAYS(vouched(&order, TWO_APPROVALS), "save report:failed/incompatible");
    assert_detail(&device, "modem/1.2.0 does not fit hardware brake C");
    device_clear(&device);
}

/* To a committed slot. */
static void run_through(int64_t seq)
{
    (void)seq;
    SAYS(device_event(&device, CORE_EV_FETCHED), "save report:installing install");
    (void)device_event(&device, CORE_EV_INSTALLED);
    (void)device_go(&device);
    (void)device_event(&device, CORE_EV_ACTIVATED);
    (void)device_start(&device, BOOT_2, "b", true, "2.0.0");
    (void)tell_policy();
    (void)device_event(&device, CORE_EV_CONNECTED);
    (void)device_event(&device, CORE_EV_BOOTED);
    (void)device_event(&device, CORE_EV_HEALTHY);
    device.now += device.config.soak;
    (void)device_event(&device, CORE_EV_HEALTHY);
    (void)device_event(&device, CORE_EV_COMMITTED);
    assert_phase(&device, CORE_IDLE);
    (void)device_ack(&device, JOURNAL, device.core->state.memory.seq);
}

/* What was committed is the least from then on, also after a restart; going back needs leave. */
static void test_security_never_goes_back(void)
{
    struct wg_order order;
    open_device();
    policy.has_downgrade = true;
    policy.downgrade.count = 1;
    (void)wg_copy(policy.downgrade.role, WG_NAME_MAX + 1, "rollout-admin");
    order_fill(&order, ORDER_A, 1, BOOT_1);
    SAYS(vouched(&order, TWO_APPROVALS), ACCEPTED);
    run_through(1);
    CU_ASSERT_EQUAL(device.core->state.memory.security_count, 1);
    CU_ASSERT_EQUAL(device.core->state.memory.security[0].version, 3);
    (void)device_start(&device, BOOT_1, "b", false, "1.9.0");
    (void)tell_policy();
    (void)device_event(&device, CORE_EV_CONNECTED);
    facts.security_version = 2;
    order_fill(&order, ORDER_B, 2, BOOT_1);
    SAYS(vouched(&order, TWO_APPROVALS), "save report:failed/refused");
    assert_detail(&device, "brake/2.0.0 goes back in security: 0 of the 1 permissions by "
                           "rollout-admin are there");
    order_fill(&order, "33333333-3333-4333-8333-333333333333", 3, BOOT_1);
    SAYS(vouched(&order, DOWNGRADE), ACCEPTED);
    facts.security_version = 3;
    order_fill(&order, "44444444-4444-4444-8444-444444444444", 4, BOOT_1);
    SAYS(vouched(&order, TWO_APPROVALS), "save report:withdrawn/withdrawn cancel discard "
                                         "report:accepted report:downloading fetch");
    device_clear(&device);
}

static void start_with(const char *boot, const char *slot, bool trial, const char *app)
{
    static const char *const found[] = {"brake", "app", "modem"};
    start_fill(&device.start, boot, slot, trial, "2.0.0");
    device.start.component_count = 3;
    for (size_t i = 1; i < 3; i++)
        (void)wg_copy(device.start.components[i].name, WG_NAME_MAX + 1, found[i]);
    (void)wg_copy(device.start.components[1].version, WG_VERSION_MAX + 1, app);
    (void)wg_copy(device.start.components[2].version, WG_VERSION_MAX + 1, "1.2.0");
    const struct core_event event = {.kind = CORE_EV_START, .start = &device.start};
    (void)device_do(&device, &event);
    (void)tell_policy();
    (void)device_event(&device, CORE_EV_CONNECTED);
}

/* To the trial boot. */
static void try_with(struct wg_order *order)
{
    open_device();
    policy.has_downgrade = true;
    policy.downgrade.count = 1;
    (void)wg_copy(policy.downgrade.role, WG_NAME_MAX + 1, "rollout-admin");
    open_with(order, ORDER_A, 1);
    SAYS(vouched(order, TWO_APPROVALS), ACCEPTED);
    (void)device_event(&device, CORE_EV_FETCHED);
    (void)device_event(&device, CORE_EV_INSTALLED);
    (void)device_go(&device);
    (void)device_event(&device, CORE_EV_ACTIVATED);
}

/* The order has succeeded when all run. */
static void test_all_run(void)
{
    struct wg_order order;
    try_with(&order);
    start_with(BOOT_2, "b", true, "5.0.1");
    (void)device_event(&device, CORE_EV_BOOTED);
    assert_phase(&device, CORE_PROBATION);
    (void)device_event(&device, CORE_EV_HEALTHY);
    device.now += device.config.soak;
    (void)device_event(&device, CORE_EV_HEALTHY);
    (void)device_event(&device, CORE_EV_COMMITTED);
    CU_ASSERT_EQUAL(device.core->state.memory.last.state, WG_SUCCEEDED);
    CU_ASSERT_EQUAL(device.core->state.memory.security_count, 3);
    (void)device_ack(&device, JOURNAL, device.core->state.memory.seq);
    /* nobody needs to be asked about what runs already */
    open_with(&order, ORDER_B, 2);
    (void)wg_copy(order.boot, sizeof order.boot, BOOT_2);
    SAYS(give(CORE_EV_ORDER, &order, TWO_APPROVALS), "save report:satisfied");
    /* a companion that would go back in security needs leave */
    open_with(&order, "33333333-3333-4333-8333-333333333333", 3);
    (void)wg_copy(order.boot, sizeof order.boot, BOOT_2);
    beside[1].security_version = 4;
    beside[1].depends_count = 0;
    (void)wg_copy(order.companions[0].version, WG_VERSION_MAX + 1, "5.0.0");
    (void)wg_copy(facts.companions[1].version, WG_VERSION_MAX + 1, "5.0.0");
    (void)wg_copy(beside[1].version, WG_VERSION_MAX + 1, "5.0.0");
    SAYS(vouched(&order, TWO_APPROVALS), "save report:failed/refused");
    assert_detail(&device, "brake/2.0.0 goes back in security: 0 of the 1 permissions by "
                           "rollout-admin are there");
    device_clear(&device);
}

static void test_one_does_not_run(void)
{
    struct wg_order order;
    try_with(&order);
    start_with(BOOT_2, "b", true, "5.0.0");
    SAYS(device_event(&device, CORE_EV_BOOTED), "save reboot");
    (void)device_start(&device, BOOT_1, "a", false, "1.0.0");
    CU_ASSERT_EQUAL(device.core->state.memory.last.state, WG_ROLLED_BACK);
    ASSERT_TEXT(device.core->state.memory.last.detail,
                "slot b started but does not hold app 5.0.1");
    device_clear(&device);
    try_with(&order); /* committed by somebody else */
    start_with(BOOT_2, "b", false, "5.0.0");
    CU_ASSERT_EQUAL(device.core->state.memory.last.state, WG_FAILED);
    ASSERT_TEXT(device.core->state.memory.last.detail,
                "slot b was committed but does not hold app 5.0.1");
    device_clear(&device);
}

/* Offline, or with metadata that have expired: put off, not refused. */
static void test_unvouched(void)
{
    struct wg_order order;
    open_device();
    order_fill(&order, ORDER_A, 1, BOOT_1);
    SAYS(give(CORE_EV_ORDER, &order, TWO_APPROVALS), "vouch");
    SAYS(give(CORE_EV_UNVOUCHED, &order, TWO_APPROVALS), "save report:deferred/deferred");
    assert_detail(&device, "the server is away");
    CU_ASSERT_EQUAL(device.core->state.memory.counter, 0);
    (void)device_ack_all(&device);
    SAYS(vouched(&order, TWO_APPROVALS), ACCEPTED);
    SAYS(give(CORE_EV_UNVOUCHED, &order, TWO_APPROVALS), "log"); /* of an earlier question */
    assert_phase(&device, CORE_FETCHING);
    device_clear(&device);
}

/* Whose signature makes an order is the policy's to say. */
static void test_directors(void)
{
    struct wg_order order;
    struct wg_identity_key old;
    open_device();
    old = device.director;
    make_key(WG_IDENTITY_P256, 99, &stranger); /* directors may change their kind */
    order_fill(&order, ORDER_A, 1, BOOT_1);
    public_of(&stranger, &policy.directors[0]);
    SAYS(give(CORE_EV_ORDER, &order, TWO_APPROVALS), "log vouch");
    CU_ASSERT_PTR_NULL(device.actions.items[1].payload); /* a newer policy may know who it was */
    SAYS(give(CORE_EV_ORDER, &order, TWO_APPROVALS), "log"); /* not for each of them */
    device.now += CORE_REFRESH_EVERY;
    SAYS(give(CORE_EV_ORDER, &order, TWO_APPROVALS), "log vouch");
    device.director = stranger;
    SAYS(vouched(&order, TWO_APPROVALS), ACCEPTED);
    device.director = old;
    SAYS(device_withdraw(&device, ORDER_A, 2), "log"); /* neither may the old one take back */
    device.director = stranger;
    SAYS(device_withdraw(&device, ORDER_A, 2), "save report:withdrawn/withdrawn cancel discard");
    device_clear(&device);
}

/* The configuration's directors count until there is a policy; without one nobody has approved. */
static void test_no_policy(void)
{
    struct wg_order order;
    open_device();
    (void)device_start(&device, BOOT_2, "a", false, "1.0.0");
    (void)device_event(&device, CORE_EV_CONNECTED);
    order_fill(&order, ORDER_A, 1, BOOT_2);
    SAYS(vouched(&order, TWO_APPROVALS), "save report:failed/refused");
    assert_detail(&device, "the repository has no policy that says who may approve");
    device_clear(&device);
}

static void test_papers(void)
{
    struct wg_order order;
    open_device();
    policy.requires_sbom = policy.requires_provenance = true;
    order_fill(&order, ORDER_A, 1, BOOT_1);
    SAYS(vouched(&order, TWO_APPROVALS), "save report:failed/refused");
    assert_detail(&device, "brake/2.0.0 has no SBOM, and the policy asks for it");
    facts.has_sbom = true;
    order_fill(&order, ORDER_B, 2, BOOT_1);
    SAYS(vouched(&order, TWO_APPROVALS), "save report:failed/refused");
    facts.has_provenance = true;
    order_fill(&order, "33333333-3333-4333-8333-333333333333", 3, BOOT_1);
    SAYS(vouched(&order, TWO_APPROVALS), ACCEPTED);
    device_clear(&device);
}

/* Without a clock, what the repository says of the time is what counts. */
static void test_no_clock(void)
{
    struct wg_order order;
    open_device();
    device.wall = 0;
    order_fill(&order, ORDER_A, 1, BOOT_1);
    issued = order.expires + CORE_CLOCK_SKEW + 1;
    SAYS(vouched(&order, TWO_APPROVALS), "save report:failed/refused");
    assert_detail(&device, "expired 2027-01-15T09:00:00.000Z, the repository says it is "
                           "2027-01-15T09:05:00.001Z");
    issued = 0;
    order_fill(&order, ORDER_B, 2, BOOT_1);
    SAYS(vouched(&order, TWO_APPROVALS), ACCEPTED);
    device_clear(&device);
}

/* Without a repository nobody checks what an encrypted artifact opens to. */
static void test_encrypted_without_repository(void)
{
    struct wg_order order;
    device_init(&device);
    order_fill(&order, ORDER_A, 1, BOOT_1);
    (void)wg_copy(order.age, sizeof order.age, "age-encryption.org/v1\n");
    SAYS(device_order(&device, &order), "save report:failed/refused");
    device_clear(&device);
}

WG_SUITE("agent/core/vouch", {"accepted", test_accepted}, {"not approved", test_not_approved},
         {"P-256", test_p256}, {"not what was released", test_not_what_was_released},
         {"does not fit", test_does_not_fit},
         {"security never goes back", test_security_never_goes_back}, {"unvouched", test_unvouched},
         {"directors", test_directors}, {"no policy", test_no_policy}, {"no clock", test_no_clock},
         {"papers", test_papers}, {"forms", test_forms},
         {"forms without repository", test_forms_without_repository},
         {"encrypted without repository", test_encrypted_without_repository},
         {"companions", test_companions}, {"other companions", test_other_companions},
         {"companion does not fit", test_companion_does_not_fit}, {"all run", test_all_run},
         {"one does not run", test_one_does_not_run})
