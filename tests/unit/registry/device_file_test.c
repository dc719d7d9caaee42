/* device_file_test.c: devices from CSV and NDJSON, every rule of their fields, and both formats
 * there and back. */
#include "orchestrator/registry/device_file.h"
#include "tests/unit/harness.h"
#include "tests/unit/registry/bytes.h"

#include <stdio.h>
#include <stdlib.h>

static struct device_file file;

/* Opens the text; the error when that fails. */
static const char *open_text(const char *text, enum device_format format, struct bytes *bytes)
{
    static struct wg_error err;
    err = (struct wg_error){0};
    *bytes = bytes_of(text);
    return device_file_open(&file, format, bytes_read, bytes, &err) ? NULL : err.text;
}

/* What becomes of the whole text: each device as NDJSON without what was unsaid, or its refusal. */
static const char *read_all(const char *text)
{
    static char out[8192];
    struct bytes bytes;
    struct wg_error err;
    struct wg_buf lines;
    const char *problem = open_text(text, DEVICE_FORMAT_GUESS, &bytes);
    enum device_result result = DEVICE_END;
    wg_buf_init(&lines, sizeof out - 1);
    if (problem) wg_buf_printf(&lines, "%lld: %s\n", (long long)file.line, problem);
    while (!problem && (result = device_file_read(&file, &err)) != DEVICE_END) {
        if (result == DEVICE_READ)
            device_ndjson_write(&file.record, &lines);
        else
            wg_buf_printf(&lines, "%lld: %s\n", (long long)file.line, err.text);
        if (result == DEVICE_FAILED) break;
    }
    (void)wg_copy(out, sizeof out, wg_buf_str(&lines));
    wg_buf_clear(&lines);
    device_file_close(&file);
    return out;
}

static void csv_and_ndjson_say_the_same(void)
{
    static const char csv[] =
        "id,hardware_model,hardware_revision,region,zone,lat,lon,tags,groups,software.app,"
        "software.boot,attribute.site,attribute.line,attribute.note\r\n"
        "dev-1,m,C2,DE-BY,Europe/Berlin,48.14,11.58,b;a b,g,2.3.1,1.0,plant-7,5,\"say "
        "\"\"hi\"\"\"\r\n"
        "dev-2,,,,,,,,,,,,,\r\n";
    static const char ndjson[] =
        "{\"id\": \"dev-1\", \"hardware_model\": \"m\", \"hardware_revision\": \"C2\", "
        "\"region\": \"DE-BY\", \"zone\": \"Europe/Berlin\", \"lat\": 48.14, \"lon\": 11.58, "
        "\"tags\": [\"b\", \"a\", \"b\"], \"groups\": [\"g\"], \"software\": {\"app\": \"2.3.1\", "
        "\"boot\": \"1.0\"}, \"attributes\": {\"site\": \"plant-7\", \"line\": 5, \"note\": \"say "
        "\\\"hi\\\"\"}}\n"
        "\r\n"
        "{\"id\": \"dev-2\", \"hardware_model\": null, \"hardware_revision\": \"\", \"region\": "
        "null, \"zone\": \"\", \"lat\": null, \"lon\": null, \"tags\": [], \"groups\": null, "
        "\"software\": {\"app\": null, \"boot\": \"\"}, \"attributes\": {\"site\": null, \"line\": "
        "null, \"note\": null}}";
    static const char expected[] =
        "{\"id\":\"dev-1\",\"hardware_model\":\"m\",\"hardware_revision\":\"C2\",\"software\":{"
        "\"app\":\"2.3.1\",\"boot\":\"1.0\"},\"region\":\"DE-BY\",\"zone\":\"Europe/Berlin\","
        "\"lat\":48.14,\"lon\":11.58,\"tags\":[\"a\",\"b\"],\"groups\":[\"g\"],\"attributes\":{"
        "\"site\":\"plant-7\",\"line\":5,\"note\":\"say \\\"hi\\\"\"}}\n"
        "{\"id\":\"dev-2\",\"hardware_model\":\"\",\"hardware_revision\":\"\",\"software\":{"
        "\"app\":null,\"boot\":null},\"region\":\"\",\"zone\":\"\",\"lat\":null,\"lon\":null,"
        "\"tags\":[],\"groups\":[],\"attributes\":{}}\n";
    ASSERT_TEXT(read_all(csv), expected);
    ASSERT_TEXT(read_all(ndjson), expected);
}

static void what_is_not_mentioned_is_unsaid(void)
{
    static const char *const texts[] = {"id\ndev-1\n", "{\"id\": \"dev-1\"}\n"};
    for (size_t i = 0; i < 2; i++) {
        struct bytes bytes;
        struct wg_error err = {0};
        CU_ASSERT_PTR_NULL_FATAL(open_text(texts[i], DEVICE_FORMAT_GUESS, &bytes));
        CU_ASSERT_EQUAL_FATAL(device_file_read(&file, &err), DEVICE_READ);
        const struct device_record *record = &file.record;
        CU_ASSERT_PTR_NULL(record->hardware_model);
        CU_ASSERT_PTR_NULL(record->region);
        CU_ASSERT_PTR_NULL(record->zone);
        CU_ASSERT_PTR_NULL(record->attributes);
        CU_ASSERT_EQUAL(record->position, POSITION_UNSAID);
        CU_ASSERT_FALSE(record->tags.given || record->groups.given);
        CU_ASSERT_EQUAL(record->component_count, 0);
        CU_ASSERT_EQUAL(device_file_read(&file, &err), DEVICE_END);
        device_file_close(&file);
    }
}

static void headers_are_checked(void)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"", "1: the file is empty: expected a header row\n"},
        {"id,zones\n", "1: unknown column \"zones\": did you mean \"zone\"?\n"},
        {"id,regoin\n", "1: unknown column \"regoin\": did you mean \"region\"?\n"},
        {"id,hardware\n",
         "1: unknown column \"hardware\": expected id, hardware_model, hardware_revision, region, "
         "zone, lat, lon, tags, groups, software.COMPONENT or attribute.NAME\n"},
        {"region\nDE\n", "1: the header has no column \"id\"\n"},
        {"id,lat\n", "1: the columns lat and lon need each other\n"},
        {"id,tags,id\n", "1: columns 1 and 3 have one name\n"},
        {"id,software.a,software.a\n", "1: columns 2 and 3 have one name\n"},
        {"id,software.\n",
         "1: column: expected software. and a component's name, found \"software.\"\n"},
        {"id,attribute.\n",
         "1: column: expected attribute. and a name of 1 to 64 bytes, found \"attribute.\"\n"},
        {"id;region;zone\n",
         "1: the header is one column \"id;region;zone\": columns are separated by commas\n"},
        {"\n\nID\n", "3: unknown column \"ID\": did you mean \"id\"?\n"},
        {"id,\"x\n", "1: cell 2 opens with a quote that does not close within 65536 bytes\n"},
        {"[{\"id\":\"d\"}]",
         "1: a JSON list: expected an object for each device, one a line (NDJSON)\n"},
        {"\xff\xfe"
         "i",
         "1: the file is UTF-16: save it as UTF-8\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes bytes;
        ASSERT_TEXT(read_all(rows[i].text), rows[i].expected);
        CU_ASSERT_PTR_NOT_NULL(open_text(rows[i].text, DEVICE_FORMAT_CSV, &bytes));
        device_file_close(&file);
    }
}

static void every_rule_names_its_field(void)
{
    static const char header[] = "id,hardware_model,hardware_revision,region,zone,lat,lon,tags,"
                                 "groups,software.app,attribute.a\n";
    static const struct {
        const char *row, *expected;
    } rows[] = {
        {",,,,,,,,,,", "id: expected 1 to 64 letters, digits, '.', '_' or '-', found \"\""},
        {"a b,,,,,,,,,,", "id: expected 1 to 64 letters, digits, '.', '_' or '-', found \"a b\""},
        {"-a,,,,,,,,,,", "id: expected 1 to 64 letters, digits, '.', '_' or '-', found \"-a\""},
        {"../etc,,,,,,,,,,",
         "id: expected 1 to 64 letters, digits, '.', '_' or '-', found \"../etc\""},
        {"d,m/x,,,,,,,,,",
         "hardware_model: expected 1 to 64 letters, digits, '.', '_' or '-', found \"m/x\""},
        {"d,,\xc3\xa9,,,,,,,,", "hardware_revision: expected 1 to 64 letters, digits, '.', '_' or "
                                "'-', found \"\xc3\xa9\""},
        {"d,,,de,,,,,,,", "region: expected an ISO 3166 code, as DE or DE-BY, found \"de\""},
        {"d,,,DEU,,,,,,,", "region: expected an ISO 3166 code, as DE or DE-BY, found \"DEU\""},
        {"d,,,DE-BAYE,,,,,,,",
         "region: expected an ISO 3166 code, as DE or DE-BY, found \"DE-BAYE\""},
        {"d,,,DE-,,,,,,,", "region: expected an ISO 3166 code, as DE or DE-BY, found \"DE-\""},
        {"d,,,,Europe Berlin,,,,,,",
         "zone: expected an IANA time zone, as Europe/Berlin, found \"Europe Berlin\""},
        {"d,,,,,90.1,0,,,,", "lat: expected -90 to 90 degrees, found 90.1"},
        {"d,,,,,0,-180.5,,,,", "lon: expected -180 to 180 degrees, found -180.5"},
        {"d,,,,,nan,0,,,,", "lat: expected decimal degrees, found \"nan\""},
        {"d,,,,,1e999,0,,,,", "lat: expected -90 to 90 degrees, found inf"},
        {"d,,,,,48\xc2\xb0,11,,,,", "lat: expected decimal degrees, found \"48\xc2\xb0\""},
        {"d,,,,,\"48,14\",11,,,,", "lat: expected decimal degrees, found \"48,14\""},
        {"d,,,,,0x10,11,,,,", "lat: expected decimal degrees, found \"0x10\""},
        {"d,,,,,48,,,,,", "lat and lon need each other"},
        {"d,,,,,,11,,,,", "lat and lon need each other"},
        {"d,,,,,,,a;b/c,,,",
         "tags: expected 1 to 64 letters, digits, '.', '_' or '-', found \"b/c\""},
        {"d,,,,,,,,\xc3\xa9,,",
         "groups: expected 1 to 64 letters, digits, '.', '_' or '-', found \"\xc3\xa9\""},
        {"d,,,,,,,,,1 2,", "software.app: expected a version (1 to 64 printable ASCII characters, "
                           "no spaces), found \"1 2\""},
        {"d,,,,,,,,,", "expected 11 cells as in the header, found 10"},
        {"d,,,,,,,,,,,", "expected 11 cells as in the header, found 12"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512], expected[512];
        (void)snprintf(text, sizeof text, "%s%s\ngood,,,,,,,,,,\n", header, rows[i].row);
        (void)snprintf(expected, sizeof expected, "2: %s\n{\"id\":\"good\"", rows[i].expected);
        const char *got = read_all(text);
        CU_ASSERT_TRUE(strncmp(got, expected, strlen(expected)) == 0);
        if (strncmp(got, expected, strlen(expected)) != 0)
            printf("\n    got      %s    expected %s\n", got, expected);
    }
}

static void what_is_just_within_is_taken(void)
{
    char name[WG_NAME_MAX + 1], text[512];
    memset(name, 'n', WG_NAME_MAX);
    name[WG_NAME_MAX] = '\0';
    (void)snprintf(text, sizeof text,
                   "id,region,zone,lat,lon,tags,software.a\n%s,AX-1,Etc/GMT+12,-90,180,%s,%s\n",
                   name, name, name);
    CU_ASSERT_PTR_NOT_NULL(strstr(read_all(text), "\"lat\":-90,\"lon\":180"));
    (void)snprintf(text, sizeof text, "id\n%sn\n", name);
    CU_ASSERT_PTR_NOT_NULL(strstr(read_all(text), "2: id: expected"));
    (void)snprintf(text, sizeof text, "id,software.a\nd,%s!\n", name);
    CU_ASSERT_PTR_NOT_NULL(strstr(read_all(text), "2: software.a: expected"));
}

static void lines_of_json_are_checked(void)
{
    static const struct {
        const char *line, *expected;
    } rows[] = {
        {"{\"id\": 5}", "id: expected text, found a number"},
        {"{}", "id: missing"},
        {"{\"id\": \"d\", \"id\": \"e\"}", "column 16: duplicate object key near '\"id\"'"},
        {"[1]", "expected an object for a device, found a list"},
        {"{\"id\": \"d\"", "column 10: '}' expected near end of file"},
        {"{\"id\": \"d\"} {}", "column 13: end of file expected near '{'"},
        {"{\"id\": \"d\", \"regoin\": \"DE\"}",
         "unknown member \"regoin\": did you mean \"region\"?"},
        {"{\"id\": \"d\", \"lat\": 5}", "lat and lon need each other"},
        {"{\"id\": \"d\", \"lat\": 5, \"lon\": null}", "lat and lon need each other"},
        {"{\"id\": \"d\", \"lat\": \"5\", \"lon\": 5}", "lat: expected a number, found text"},
        {"{\"id\": \"d\", \"tags\": \"a\"}", "tags: expected a list of names, found text"},
        {"{\"id\": \"d\", \"tags\": [1]}", "tags: expected a list of names, found a number"},
        {"{\"id\": \"d\", \"software\": [\"a\"]}",
         "software: expected an object of versions, found a list"},
        {"{\"id\": \"d\", \"software\": {\"a\": 2}}",
         "software: expected versions as text, found a number"},
        {"{\"id\": \"d\", \"attributes\": {\"a\": [1]}}",
         "attribute.a: expected text, a number, true, false or null, found \"a list\""},
        {"{\"id\": \"d\", \"attributes\": {\"\": 1}}",
         "attributes: expected names of 1 to 64 bytes, found \"\""},
        {"{\"id\": \"d\", \"attributes\": 1}", "attributes: expected an object, found a number"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512], expected[512];
        (void)snprintf(text, sizeof text, "{\"id\":\"first\"}\n\n%s\n{\"id\":\"last\"}",
                       rows[i].line);
        (void)snprintf(expected, sizeof expected, "3: %s\n", rows[i].expected);
        const char *got = read_all(text);
        CU_ASSERT_PTR_NOT_NULL(strstr(got, expected));
        if (!strstr(got, expected)) printf("\n    got %s    expected %s", got, expected);
        CU_ASSERT_PTR_NOT_NULL(strstr(got, "\"last\""));
    }
}

/* A device with so many components, or an attribute of so many bytes, or a longer line. */
static const char *read_large(int components, int value, int spaces)
{
    struct wg_buf text;
    wg_buf_init(&text, 100000);
    for (int i = 0; i < spaces; i++) wg_buf_char(&text, ' ');
    wg_buf_text(&text, "{\"id\":\"d\",\"software\":{\"gone\":null");
    for (int i = 0; i < components; i++) wg_buf_printf(&text, ",\"c%d\":\"1\"", i);
    wg_buf_text(&text, "},\"attributes\":{\"a\":\"");
    for (int i = 0; i < value; i++) wg_buf_char(&text, 'x');
    wg_buf_text(&text, "\"}}\n{\"id\":\"next\"}\n");
    struct bytes bytes = bytes_of(wg_buf_str(&text));
    static struct wg_error err;
    err = (struct wg_error){0};
    CU_ASSERT_TRUE_FATAL(device_file_open(&file, DEVICE_FORMAT_NDJSON, bytes_read, &bytes, &err));
    (void)device_file_read(&file, &err);
    CU_ASSERT_EQUAL(device_file_read(&file, NULL), DEVICE_READ);
    CU_ASSERT_EQUAL(file.line, 2);
    device_file_close(&file);
    wg_buf_clear(&text);
    return err.text;
}

static void a_device_has_bounds(void)
{
    ASSERT_TEXT(read_large(16, 1, 0), "");
    ASSERT_TEXT(read_large(17, 1, 0), "software: 17 components, at most 16 allowed");
    ASSERT_TEXT(read_large(0, 4087, 0), ""); /* and 8 bytes around it */
    ASSERT_TEXT(read_large(0, 4088, 0), "attributes: more than 4095 bytes");
    ASSERT_TEXT(read_large(0, 1, 65000), "");
    ASSERT_TEXT(read_large(0, 1, 65536), "a line of more than 65536 bytes");
}

/* Reads all of the text in its format and writes it in the other, or again in its own. */
static char *convert(const char *text, enum device_format from, enum device_format to,
                     const struct device_columns *columns)
{
    struct bytes bytes;
    struct wg_error err = {0};
    struct wg_buf out;
    wg_buf_init(&out, 100000);
    if (to == DEVICE_FORMAT_CSV) device_csv_write_header(columns, &out);
    CU_ASSERT_PTR_NULL_FATAL(open_text(text, from, &bytes));
    for (;;) {
        enum device_result result = device_file_read(&file, &err);
        if (result == DEVICE_END) break;
        if (result != DEVICE_READ) printf("\n    %s\n", err.text);
        CU_ASSERT_EQUAL_FATAL(result, DEVICE_READ);
        if (to == DEVICE_FORMAT_CSV)
            device_csv_write(columns, &file.record, &out);
        else
            device_ndjson_write(&file.record, &out);
    }
    device_file_close(&file);
    return wg_buf_take(&out);
}

static void both_formats_keep_everything(void)
{
    static struct device_columns columns;
    static const char first[] =
        "{\"id\":\"a\",\"hardware_model\":\"m\",\"hardware_revision\":\"C\",\"software\":{\"app\":"
        "\"1:2.3-4~rc,x\"},\"region\":\"DE\",\"zone\":\"UTC\",\"lat\":0.1,\"lon\":-179."
        "99999999999997,"
        "\"tags\":[\"t\",\"u\"],\"groups\":[\"g\"],\"attributes\":{\"n\":5,\"t\":\"5\",\"e\":"
        "\"\",\"b\":true,\"s\":\"true\",\"q\":\"a \\\"b\\\", c\",\"l\":\"x\\ny\",\"r\":"
        "0.1,\"c\":\"007\",\"u\":\"\xc3\xa9\"}}\n"
        "{\"id\":\"b\",\"hardware_model\":\"\",\"hardware_revision\":\"\",\"software\":{\"app\":"
        "null},\"region\":\"\",\"zone\":\"\",\"lat\":null,\"lon\":null,\"tags\":[],\"groups\":[],"
        "\"attributes\":{}}\n";
    static const char *const attributes[] = {"n", "t", "e", "b", "s", "q", "l", "r", "c", "u"};
    columns.count = 0;
    for (int kind = 0; kind < COLUMN_FIXED; kind++)
        CU_ASSERT_TRUE(device_columns_add(&columns, (enum column_kind)kind, NULL, NULL));
    CU_ASSERT_TRUE(device_columns_add(&columns, COLUMN_SOFTWARE, "app", NULL));
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        CU_ASSERT_TRUE(device_columns_add(&columns, COLUMN_ATTRIBUTE, attributes[i], NULL));
    char *same = convert(first, DEVICE_FORMAT_NDJSON, DEVICE_FORMAT_NDJSON, NULL);
    ASSERT_TEXT(same, first);
    char *csv = convert(first, DEVICE_FORMAT_NDJSON, DEVICE_FORMAT_CSV, &columns);
    char *back = convert(csv, DEVICE_FORMAT_CSV, DEVICE_FORMAT_NDJSON, NULL);
    ASSERT_TEXT(back, first);
    free(same);
    free(csv);
    free(back);
}

static void formats_are_told_apart(void)
{
    enum device_format format;
    struct bytes bytes;
    CU_ASSERT_EQUAL(device_format_of("a/b.csv"), DEVICE_FORMAT_CSV);
    CU_ASSERT_EQUAL(device_format_of("a.CSV"), DEVICE_FORMAT_CSV);
    CU_ASSERT_EQUAL(device_format_of("a.csv.ndjson"), DEVICE_FORMAT_NDJSON);
    CU_ASSERT_EQUAL(device_format_of("a.jsonl"), DEVICE_FORMAT_NDJSON);
    CU_ASSERT_EQUAL(device_format_of("-"), DEVICE_FORMAT_GUESS);
    CU_ASSERT_TRUE(device_format_parse("ndjson", &format) && format == DEVICE_FORMAT_NDJSON);
    CU_ASSERT_FALSE(device_format_parse("json", &format));
    CU_ASSERT_PTR_NULL(open_text("\xef\xbb\xbf{\"id\":\"d\"}", DEVICE_FORMAT_GUESS, &bytes));
    CU_ASSERT_EQUAL(file.format, DEVICE_FORMAT_NDJSON);
    device_file_close(&file);
}

WG_SUITE("registry device file", {"csv and ndjson say the same", csv_and_ndjson_say_the_same},
         {"what is not mentioned is unsaid", what_is_not_mentioned_is_unsaid},
         {"headers are checked", headers_are_checked},
         {"every rule names its field", every_rule_names_its_field},
         {"what is just within is taken", what_is_just_within_is_taken},
         {"lines of JSON are checked", lines_of_json_are_checked},
         {"a device has bounds", a_device_has_bounds},
         {"both formats keep everything", both_formats_keep_everything},
         {"formats are told apart", formats_are_told_apart})
