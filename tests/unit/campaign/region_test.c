/* region_test.c: ISO 3166 codes against the files that they come from, read in another way. */
#include "orchestrator/campaign/region.h"

#include "tests/unit/harness.h"

#include <jansson.h>
#include <string.h>

static json_t *list_of(const char *file, const char *key)
{
    json_error_t error;
    json_t *root = json_load_file(file, JSON_REJECT_DUPLICATES, &error);
    if (!root) printf("\n    %s: %s\n", file, error.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    json_t *list = json_incref(json_object_get(root, key));
    json_decref(root);
    CU_ASSERT_TRUE_FATAL(json_array_size(list) > 100);
    return list;
}

static json_t *countries(void)
{
    return list_of(WG_ISO_CODES "/iso_3166-1.json", "3166-1");
}

static void every_code_is_known(void)
{
    size_t i;
    json_t *entry, *list = countries();
    json_array_foreach(list, i, entry)
        CU_ASSERT_TRUE(region_is_known(json_string_value(json_object_get(entry, "alpha_2"))));
    json_decref(list);
    list = list_of(WG_ISO_CODES "/iso_3166-2.json", "3166-2");
    json_array_foreach(list, i, entry)
        CU_ASSERT_TRUE(region_is_known(json_string_value(json_object_get(entry, "code"))));
    json_decref(list);
}

static void no_other_country_is_known(void)
{
    size_t found = 0;
    char code[3] = "";
    for (code[0] = 'A'; code[0] <= 'Z'; code[0]++)
        for (code[1] = 'A'; code[1] <= 'Z'; code[1]++) found += region_is_known(code);
    json_t *list = countries();
    CU_ASSERT_EQUAL(found, json_array_size(list));
    json_decref(list);
}

/* Every text of one to three letters and digits below some countries. */
static void no_other_subdivision_is_known(void)
{
    static const char *const some[] = {"AU", "US", "DE", "GB", "CN"};
    static const char signs[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    enum { SIGNS = sizeof signs - 1 };
    size_t found = 0, expected = 0, i;
    json_t *entry, *list = list_of(WG_ISO_CODES "/iso_3166-2.json", "3166-2");
    for (size_t c = 0; c < sizeof some / sizeof some[0]; c++) {
        json_array_foreach(list, i, entry) expected +=
            strncmp(json_string_value(json_object_get(entry, "code")), some[c], 2) == 0;
        for (int n = 0; n < SIGNS * SIGNS * SIGNS; n++) {
            char code[8];
            (void)snprintf(code, sizeof code, "%s-%c%c%c", some[c], signs[n / SIGNS / SIGNS],
                           signs[n / SIGNS % SIGNS], signs[n % SIGNS]);
            found += region_is_known(code);
            code[5] = '\0';
            found += n % SIGNS == 0 && region_is_known(code);
            code[4] = '\0';
            found += n % (SIGNS * SIGNS) == 0 && region_is_known(code);
        }
    }
    json_decref(list);
    CU_ASSERT_EQUAL(found, expected);
    CU_ASSERT_TRUE(found > 100);
}

static void other_texts_are_not_known(void)
{
    static const char *const wrong[] = {"",    "D",     "de",    "DEU",   "UK",       "XX",
                                        "DE-", "US-ca", "US_CA", "US-ZZ", "US-CA-LA", " DE",
                                        "DE ", "-",     "US-",   "EU",    "AD-1",     "Germany"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (region_is_known(wrong[i])) {
            printf("\n    known: \"%s\"\n", wrong[i]);
            CU_FAIL("known");
        }
    char wide[5000];
    memset(wide, 'D', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    char out[REGION_TEXT];
    CU_ASSERT_FALSE(region_is_known(wide));
    CU_ASSERT_FALSE(region_nearest(wide, out));
}

static void nearest(void)
{
    static const struct {
        const char *wrong, *meant;
    } cases[] = {
        {"de", "DE"},          {"us-ca", "US-CA"}, {"US_CA", "US-CA"}, {"us ca", "US-CA"},
        {"USA", "US"},         {"deu", "DE"},      {"Germany", "DE"},  {"bolivia", "BO"},
        {"UK", "GB"},          {"el", "GR"},       {"Curaçao", "CW"},  {"DE-BAY", "DE-BY"},
        {"GB-ENGL", "GB-ENG"}, {"XQ", NULL},       {"ABJ", NULL},      {"", NULL},
        {"US-ZZZZ", NULL},     {"Germanyy", NULL}, {"AD-99", NULL},    {"US-C", NULL},
        {"-", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[REGION_TEXT] = "as it was";
        CU_ASSERT_EQUAL(region_nearest(cases[i].wrong, out), cases[i].meant != NULL);
        ASSERT_TEXT(out, cases[i].meant ? cases[i].meant : "as it was");
        CU_ASSERT_TRUE(!cases[i].meant || region_is_known(out));
    }
}

WG_SUITE("region", {"every code is known", every_code_is_known},
         {"no other country is known", no_other_country_is_known},
         {"no other subdivision is known", no_other_subdivision_is_known},
         {"other texts are not known", other_texts_are_not_known}, {"nearest", nearest})
