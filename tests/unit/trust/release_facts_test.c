/* release_facts_test.c: what the metadata say of the forms of an artifact. */
#include "common/trust/release_facts.h"

#include "tests/unit/harness.h"

#include <string.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define D "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define TO "\"to\":{\"sha256\":\"" B "\",\"length\":20}"
#define FROM "\"from\":{\"sha256\":\"" C "\",\"length\":30}"
#define PLAIN "\"plain\":{\"sha256\":\"" D "\",\"length\":40}"

static struct wg_error err;

static bool read_form(const char *text, struct release_form *out)
{
    json_t *custom = json_loads(text, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(custom);
    *out = (struct release_form){.target = {A, 10}};
    bool ok = release_form_read(custom, out, &err);
    json_decref(custom);
    return ok;
}

static void test_forms(void)
{
    struct release_form form;
    ASSERT_OK(read_form("{\"wavegate\":{\"form\":\"zstd\"," TO "}}", &form), &err);
    CU_ASSERT_TRUE(form.kind == RELEASE_ZSTD && !form.is_age && form.to.length == 20);
    ASSERT_TEXT(form.to.sha256, B);
    ASSERT_TEXT(form.from.sha256, "");
    CU_ASSERT_TRUE(form.plain.length == 10 && strcmp(form.plain.sha256, A) == 0);
    ASSERT_OK(
        read_form("{\"wavegate\":{\"form\":\"zstd-patch\"," TO "," FROM "," PLAIN "}}", &form),
        &err);
    CU_ASSERT_TRUE(form.kind == RELEASE_ZSTD_PATCH && form.is_age && form.from.length == 30);
    ASSERT_TEXT(form.from.sha256, C);
    CU_ASSERT_TRUE(form.plain.length == 40 && strcmp(form.plain.sha256, D) == 0);
    CU_ASSERT_TRUE(form.target.length == 10 && strcmp(form.target.sha256, A) == 0);
}

static void test_refused(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"{}", "wavegate: missing"},
        {"{\"wavegate\":{" TO "}}", "form: missing"},
        {"{\"wavegate\":{\"form\":\"bsdiff\"," TO "}}", "expected zstd or zstd-patch, found"},
        {"{\"wavegate\":{\"form\":\"zstd\"}}", "to: "},
        {"{\"wavegate\":{\"form\":\"zstd-patch\"," TO "}}", "from: "},
        {"{\"wavegate\":{\"form\":\"zstd\",\"to\":{\"sha256\":\"xx\",\"length\":1}}}", "to.sha256"},
        {"{\"wavegate\":{\"form\":\"zstd\",\"to\":{\"sha256\":\"" B "\",\"length\":-1}}}",
         "length"},
        {"{\"wavegate\":{\"form\":\"zstd\"," TO ",\"plain\":7}}", "plain"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct release_form form;
        CU_ASSERT_FALSE(read_form(rows[i].text, &form));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        CU_ASSERT_EQUAL(form.to.length, 0);
        if (!strstr(err.text, rows[i].says)) ASSERT_TEXT(err.text, rows[i].says);
    }
}

static bool read_facts(const char *forms, struct release_facts *out)
{
    json_t *custom = json_pack("{s:{s:s,s:s,s:o}}", "wavegate", "component", "brake", "version",
                               "1.0.0", "forms", json_loads(forms, 0, NULL));
    CU_ASSERT_PTR_NOT_NULL_FATAL(custom);
    memset(out, 0, sizeof *out);
    (void)wg_copy(out->sha256, sizeof out->sha256, B);
    out->length = 20;
    bool ok = release_facts_read(custom, out, &err);
    json_decref(custom);
    return ok;
}

/* They are named by the artifact, and become what it becomes. */
static void test_names(void)
{
    static struct release_facts facts;
    struct release_form form;
    ASSERT_OK(read_facts("[\"artifact.zst\",\"from-c.zst\"]", &facts), &err);
    CU_ASSERT_EQUAL_FATAL(facts.form_name_count, 2);
    ASSERT_TEXT(facts.form_names[1], "from-c.zst");
    CU_ASSERT_FALSE(read_facts("[\"../x\"]", &facts));
    CU_ASSERT_FALSE(read_facts("[7]", &facts));
    CU_ASSERT_FALSE(read_facts("{}", &facts));
    CU_ASSERT_FALSE(read_facts("[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]", &facts));
    ASSERT_OK(read_facts("[]", &facts), &err);
    ASSERT_OK(read_form("{\"wavegate\":{\"form\":\"zstd\"," TO "}}", &form), &err);
    for (size_t i = 0; i < RELEASE_FORMS_MAX; i++)
        CU_ASSERT_TRUE(release_facts_add_form(&facts, &form));
    CU_ASSERT_FALSE(release_facts_add_form(&facts, &form));
    facts.form_count = 0;
    form.to.length++;
    CU_ASSERT_FALSE(release_facts_add_form(&facts, &form));
    form.to.length--;
    (void)wg_copy(form.to.sha256, sizeof form.to.sha256, C);
    CU_ASSERT_FALSE(release_facts_add_form(&facts, &form));
    CU_ASSERT_EQUAL(facts.form_count, 0);
}

static bool read_with(const char *with, struct release_facts *out)
{
    json_t *custom = json_pack("{s:{s:s,s:s,s:o}}", "wavegate", "component", "os", "version",
                               "2.0.0", "with", json_loads(with, 0, NULL));
    CU_ASSERT_PTR_NOT_NULL_FATAL(custom);
    memset(out, 0, sizeof *out);
    (void)wg_copy(out->sha256, sizeof out->sha256, B);
    out->length = 20;
    bool ok = release_facts_read(custom, out, &err);
    json_decref(custom);
    return ok;
}

static void test_companions(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"[]", "with: expected an object of at most 4 components"},
        {"{\"a\":\"1\",\"b\":\"1\",\"c\":\"1\",\"d\":\"1\",\"e\":\"1\"}", "at most 4 components"},
        {"{\"os\":\"2.0.0\"}", "with: \"os\" is no other component"},
        {"{\"a/b\":\"1\"}", "with: \"a/b\" is no other component"},
        {"{\"app\":5}", "with: app: expected text"},
        {"{\"app\":\"\"}", "with: app: expected a version"},
    };
    static struct release_facts facts;
    ASSERT_OK(read_with("{\"app\":\"5.0.1\",\"modem\":\"1.2.0\"}", &facts), &err);
    CU_ASSERT_EQUAL(facts.companion_count, 2);
    ASSERT_TEXT(facts.companions[0].name, "app");
    ASSERT_TEXT(facts.companions[1].version, "1.2.0");
    ASSERT_OK(read_with("{}", &facts), &err);
    CU_ASSERT_EQUAL(facts.companion_count, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CU_ASSERT_FALSE(read_with(rows[i].text, &facts));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        if (!strstr(err.text, rows[i].says)) ASSERT_TEXT(err.text, rows[i].says);
    }
}

WG_SUITE("trust/release_facts", {"forms", test_forms}, {"refused", test_refused},
         {"names", test_names}, {"companions", test_companions})
