/* release_set_test.c: releases that come together: who first, and which do not go together. */
#include "common/trust/release_set.h"

#include "tests/unit/harness.h"

#include <string.h>

static struct wg_error err;
static struct release_facts facts[RELEASE_SET_MAX];

/* "os/2.0.0" */
static void name(struct release_facts *out, const char *release)
{
    memset(out, 0, sizeof *out);
    const char *slash = strchr(release, '/');
    memcpy(out->component, release, (size_t)(slash - release));
    (void)wg_copy(out->version, sizeof out->version, slash + 1);
}

static void needs(struct release_facts *facts_of, const char *component, const char *range)
{
    struct release_dependency *dependency = &facts_of->depends[facts_of->depends_count++];
    (void)wg_copy(dependency->component, sizeof dependency->component, component);
    (void)wg_copy(dependency->range, sizeof dependency->range, range);
}

/* The first is the main release. */
static void make(size_t count, const char *const *releases)
{
    for (size_t i = 0; i < count; i++) name(&facts[i], releases[i]);
    for (size_t i = 1; i < count; i++) {
        struct wg_component *companion = &facts[0].companions[facts[0].companion_count++];
        (void)wg_copy(companion->name, sizeof companion->name, facts[i].component);
        (void)wg_copy(companion->version, sizeof companion->version, facts[i].version);
    }
}

static const char *const THREE[] = {"os/2.0.0", "modem/1.2.0", "app/5.0.1"};
enum { OS, MODEM, APP };

/* "app modem os", or what is wrong. */
static const char *sequence(void)
{
    static char text[512];
    struct release_set set;
    size_t out[RELEASE_SET_MAX];
    text[0] = '\0';
    release_set_init(&set, &facts[0], &facts[1]);
    if (!release_set_sequence(&set, out, &err)) return err.text;
    for (size_t i = 0; i < set.count; i++) {
        (void)strcat(text, i > 0 ? " " : "");
        (void)strcat(text, set.members[out[i]]->component);
    }
    return text;
}

static void test_sequence(void)
{
    make(1, THREE);
    ASSERT_TEXT(sequence(), "os");
    make(3, THREE);
    ASSERT_TEXT(sequence(), "app modem os");
    needs(&facts[APP], "os", "^2");
    ASSERT_TEXT(sequence(), "modem os app");
    needs(&facts[MODEM], "app", ">=5.0.1");
    ASSERT_TEXT(sequence(), "os app modem");
    /* what is not in the set, or oneself, is not waited for */
    needs(&facts[OS], "gateway", "^7");
    needs(&facts[OS], "os", "<2.0.0");
    ASSERT_TEXT(sequence(), "os app modem");
}

static void test_circle(void)
{
    make(3, THREE);
    needs(&facts[OS], "app", "*");
    needs(&facts[APP], "os", "*");
    const char *said = sequence();
    CU_ASSERT_TRUE(strstr(said, "os/2.0.0") && strstr(said, "app/5.0.1") &&
                   strstr(said, "need each other: neither can come first"));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    /* who only waits for the circle is not named */
    needs(&facts[MODEM], "os", "*");
    CU_ASSERT_PTR_NULL(strstr(sequence(), "modem"));
    /* all three in a ring */
    make(3, THREE);
    needs(&facts[OS], "app", "*");
    needs(&facts[APP], "modem", "*");
    needs(&facts[MODEM], "os", "*");
    CU_ASSERT_PTR_NOT_NULL(strstr(sequence(), "neither can come first"));
}

static void test_ranges(void)
{
    make(3, THREE);
    needs(&facts[OS], "modem", "^2");
    ASSERT_TEXT(sequence(), "os/2.0.0 needs modem ^2, together with it comes modem/1.2.0");
    make(3, THREE);
    needs(&facts[MODEM], "app", "<5.0.1");
    ASSERT_TEXT(sequence(), "modem/1.2.0 needs app <5.0.1, together with it comes app/5.0.1");
}

static void test_companions(void)
{
    make(3, THREE);
    facts[MODEM].companion_count = 1;
    ASSERT_TEXT(sequence(), "os/2.0.0 comes with modem/1.2.0, which has companions of its own: "
                            "expected a release without");
    make(3, THREE);
    memset(&facts[APP], 0, sizeof facts[APP]);
    ASSERT_TEXT(sequence(), "os/2.0.0 comes with app/5.0.1, which is not in the repository");
    make(3, THREE);
    (void)wg_copy(facts[APP].version, sizeof facts[APP].version, "5.0.2");
    ASSERT_TEXT(sequence(), "os/2.0.0 comes with app/5.0.1, which is not in the repository");
    static const char *const twice[] = {"os/2.0.0", "app/5.0.1", "app/5.0.1"};
    make(3, twice);
    ASSERT_TEXT(sequence(), "os/2.0.0 comes with app twice");
}

static const char *runs_os, *runs_app;

static const char *version_of(void *ctx, const char *component)
{
    (void)ctx;
    if (strcmp(component, "os") == 0) return runs_os;
    if (strcmp(component, "app") == 0) return runs_app;
    return strcmp(component, "gateway") == 0 ? "7.1.0" : NULL;
}

/* "" when it fits. */
static const char *fit(void)
{
    static char why[256];
    struct release_set set;
    const struct release_device device = {.model = "box", .revision = "C", .version = version_of};
    why[0] = '\0';
    release_set_init(&set, &facts[0], &facts[1]);
    CU_ASSERT_EQUAL(release_set_fit(&set, &device, why, sizeof why), why[0] == '\0');
    return why;
}

static void test_fit(void)
{
    runs_os = "1.0.0";
    runs_app = "4.0.0";
    make(3, THREE);
    needs(&facts[OS], "gateway", "^7"); /* runs there */
    needs(&facts[OS], "app", "^5");     /* comes along */
    needs(&facts[MODEM], "os", ">=2");  /* the same */
    ASSERT_TEXT(fit(), "");
    needs(&facts[MODEM], "gateway", "^8");
    ASSERT_TEXT(fit(), "modem/1.2.0 needs gateway ^8, here runs 7.1.0");
    make(3, THREE);
    (void)wg_copy(facts[APP].from, sizeof facts[APP].from, ">=4.5.0 <5.0.1");
    ASSERT_TEXT(fit(), "app/5.0.1 can be installed over >=4.5.0 <5.0.1, here runs 4.0.0");
    runs_app = "5.0.1"; /* it stays as it is */
    ASSERT_TEXT(fit(), "");
    facts[MODEM].hardware_count = 1;
    (void)wg_copy(facts[MODEM].hardware[0].model, WG_NAME_MAX + 1, "other-box");
    ASSERT_TEXT(fit(), "modem/1.2.0 does not fit hardware box C");
    make(3, THREE);
    needs(&facts[OS], "app", "^6");
    ASSERT_TEXT(fit(), "os/2.0.0 needs app ^6, here comes 5.0.1");
}

WG_SUITE("release_set", {"sequence", test_sequence}, {"circle", test_circle},
         {"ranges", test_ranges}, {"companions", test_companions}, {"fit", test_fit})
