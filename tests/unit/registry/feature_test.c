/* feature_test.c: features out of GeoJSON of every shape, and what is none. */
#include "orchestrator/registry/feature.h"
#include "tests/unit/harness.h"
#include "tests/unit/registry/bytes.h"

#include <stdio.h>

#define SQUARE "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1.5],[0,0]]]}"
#define FEATURE(properties)                                                                        \
    "{\"type\":\"Feature\",\"properties\":{" properties "},\"geometry\":" SQUARE "}"

static struct feature_file file;

static const char *read_all(const char *text, size_t piece)
{
    static char out[2048];
    struct bytes bytes = bytes_of(text);
    struct wg_error err = {0};
    enum feature_result result;
    bytes.piece = piece;
    out[0] = '\0';
    ASSERT_OK(feature_file_open(&file, bytes_read, &bytes, &err), &err);
    while ((result = feature_file_read(&file, &err)) == FEATURE_READ)
        (void)snprintf(out + strlen(out), sizeof out - strlen(out), "%lld:%s/%s%s ",
                       (long long)file.line, file.region, file.zone,
                       strstr(file.geometry, "1.5") ? "" : " no shape");
    if (result == FEATURE_FAILED)
        (void)snprintf(out + strlen(out), sizeof out - strlen(out), "%lld: %s",
                       (long long)file.line, err.text);
    feature_file_close(&file);
    return out;
}

static void features_are_found(void)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {FEATURE("\"region\":\"DE\""), "1:DE/ "},
        {FEATURE("\"region\":\"DE\"") "\n" FEATURE("\"tzid\":\"Europe/Berlin\"") "\n",
         "1:DE/ 2:/Europe/Berlin "},
        {"\x1e" FEATURE("\"ISO_A2\":\"FR\"") "\n\x1e" FEATURE("\"iso_a2\":\"IT\"") "\n",
         "1:FR/ 2:IT/ "},
        {"{\"type\":\"FeatureCollection\",\"features\":[]}", ""},
        {"{\"type\":\"FeatureCollection\",\n\"features\":[\n" FEATURE(
             "\"region\":\"DE-BY\"") ",\n" FEATURE("\"region\":\"AT\",\"zone\":\"Europe/"
                                                   "Vienna\"") "]}\n",
         "3:DE-BY/ 4:AT/Europe/Vienna "},
        /* members around the list, texts with brackets, a list of the same name deeper down */
        {"{\"name\":\"a]}{[\\\"\",\"crs\":{\"features\":[1,{\"x\":[]}]},\"features\" : "
         "[ " FEATURE(
             "\"region\":\"US-CA\",\"note\":\"}]\\\\\\\"{\"") " ],\"bbox\":[0,{\"a\":[]}],"
                                                              "\"type\":\"FeatureCollection\"}",
         "1:US-CA/ "},
        {FEATURE("\"ISO_A2\":\"-99\",\"ISO_A2_EH\":\"NO\""), "1:NO/ "},
        {FEATURE("\"ISO_A2\":\"-99\",\"region\":null,\"zone\":5"), "1:/ no shape "},
        {"{\"type\":\"Feature\",\"properties\":null,\"geometry\":null}", "1:/ no shape "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t piece = 4; piece <= 256; piece *= 8)
            ASSERT_TEXT(read_all(rows[i].text, piece), rows[i].expected);
}

static void what_is_no_feature_is_refused(void)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"", "1: the file is empty: expected GeoJSON features"},
        {"[]", "1: expected a GeoJSON feature"},
        {"hello", "1: expected a GeoJSON feature"},
        {"{\"type\":\"FeatureCollection\",\"features\":[1]}", "1: expected a GeoJSON feature"},
        {"{\"type\":\"FeatureCollection\",\"features\":[" FEATURE("\"region\":\"DE\""),
         "1:DE/ 1: the file ends within an object"},
        {"{\"type\":\"Feature", "1: the file ends within a text"},
        {SQUARE, "1: type: expected Feature or FeatureCollection, found \"Polygon\""},
        {FEATURE("\"region\":\"Germany\""),
         "1: region: expected an ISO 3166 code, as DE or DE-BY, found \"Germany\""},
        {FEATURE("\"zone\":\"a b\""),
         "1: zone: expected an IANA time zone, as Europe/Berlin, found \"a b\""},
        {"{\"type\":\"Feature\",\"properties\":{\"region\":\"DE\"},\"geometry\":{\"type\":"
         "\"Point\",\"coordinates\":[0,0]}}",
         "1: geometry: expected a Polygon or MultiPolygon, found \"Point\""},
        {"{\"type\":\"Feature\",\"properties\":{\"region\":\"DE\"},\"geometry\":null}",
         "1: geometry: expected a Polygon or MultiPolygon, found \"nothing\""},
        {"\n{\"a\":}", "2: line 1, column 6: unexpected token near '}'"},
        {"{\"a\":1,\"a\":2}", "1: line 1, column 10: duplicate object key"},
        {"{]}", "1: expected a GeoJSON feature"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *got = read_all(rows[i].text, 64);
        CU_ASSERT_TRUE(strncmp(got, rows[i].expected, strlen(rows[i].expected)) == 0);
        if (strncmp(got, rows[i].expected, strlen(rows[i].expected)) != 0)
            printf("\n    got      %s\n    expected %s\n", got, rows[i].expected);
    }
}

static void a_failing_read_is_told(void)
{
    struct bytes bytes = bytes_of(FEATURE("\"region\":\"DE\""));
    struct wg_error err = {0};
    bytes.fail_at = 20;
    ASSERT_OK(feature_file_open(&file, bytes_read, &bytes, &err), &err);
    CU_ASSERT_EQUAL(feature_file_read(&file, &err), FEATURE_FAILED);
    ASSERT_TEXT(err.text, "the disk is gone");
    feature_file_close(&file);
}

WG_SUITE("registry feature", {"features are found", features_are_found},
         {"what is no feature is refused", what_is_no_feature_is_refused},
         {"a failing read is told", a_failing_read_is_told})
