/* csv_test.c: rows, quotes, line ends, and what is wrong with them. */
#include "orchestrator/registry/csv.h"
#include "tests/unit/harness.h"
#include "tests/unit/registry/bytes.h"

#include <stdio.h>
#include <stdlib.h>

/* All rows as text: cells in brackets, bad rows as their line and error. */
static const char *read_all(const char *text, size_t len, size_t piece)
{
    static char out[4096];
    static struct source source;
    struct bytes bytes = {text, len, 0, piece, 0};
    struct wg_error err = {0};
    struct csv csv;
    enum csv_result result;
    out[0] = '\0';
    ASSERT_OK(source_init(&source, bytes_read, &bytes, &err), &err);
    csv_init(&csv, &source);
    while ((result = csv_read(&csv, &err)) != CSV_END) {
        size_t used = strlen(out);
        (void)snprintf(out + used, sizeof out - used, "%lld:", (long long)csv.line);
        if (result != CSV_ROW)
            (void)snprintf(out + strlen(out), sizeof out - strlen(out), "%s %s",
                           result == CSV_BAD_ROW ? "bad" : "failed", err.text);
        for (size_t i = 0; result == CSV_ROW && i < csv.count; i++)
            (void)snprintf(out + strlen(out), sizeof out - strlen(out), "[%s]", csv.cells[i]);
        (void)snprintf(out + strlen(out), sizeof out - strlen(out), "\n");
        if (result == CSV_FAILED) break;
    }
    csv_clear(&csv);
    return out;
}

static void rows_are_read(void)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"", ""},
        {"a", "1:[a]\n"},
        {"a\n", "1:[a]\n"},
        {"a,b\r\nc,d\r\n", "1:[a][b]\n2:[c][d]\n"},
        {"a,,\n,\n", "1:[a][][]\n2:[][]\n"},
        {"\xef\xbb\xbf"
         "a,b\n",
         "1:[a][b]\n"}, /* byte order mark */
        {"\n\na\n\r\n\nb\n", "3:[a]\n6:[b]\n"},
        {"\"\"\n", "1:[]\n"}, /* an empty cell, not an empty line */
        {"\"a,b\",\"c\"\"d\"\n", "1:[a,b][c\"d]\n"},
        {"\"a\nb\r\nc\",d\ne\n", "1:[a\nb\r\nc][d]\n4:[e]\n"},
        {"\"\"\"\"\n", "1:[\"]\n"},
        {"\"a\"", "1:[a]\n"},
        {"a\rb,c\n", "1:[a\rb][c]\n"}, /* a return alone is no line break */
        {"a;b\t c \n", "1:[a;b\t c ]\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t piece = 4; piece <= 64; piece *= 4)
            ASSERT_TEXT(read_all(rows[i].text, strlen(rows[i].text), piece), rows[i].expected);
}

static void a_bad_row_does_not_take_the_next_with_it(void)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"a\"b,c\nd\n", "1:bad cell 1 has a quote inside but does not open with one\n2:[d]\n"},
        {"x,\"a\"b,\"c\nd\"\ne\n",
         "1:bad cell 2 goes on behind its closing quote: a quote inside is doubled\n"
         "2:bad cell 1 has a quote inside but does not open with one\n3:[e]\n"},
        {"ok\n\"a\" ,b\nlast", "1:[ok]\n2:bad cell 1 goes on behind its closing quote: a quote "
                               "inside is doubled\n3:[last]\n"},
        {"a\xff\nb\n", "1:bad cell 1 is no UTF-8 text\n2:[b]\n"},
        {"a,\"\xc3\"\nb\n", "1:bad cell 2 is no UTF-8 text\n2:[b]\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ASSERT_TEXT(read_all(rows[i].text, strlen(rows[i].text), 5), rows[i].expected);
    ASSERT_TEXT(read_all("a\0b\nc\n", 6, 5), "1:bad cell 1 is no UTF-8 text\n2:[c]\n");
}

static void a_quote_that_never_closes_ends_the_file(void)
{
    ASSERT_TEXT(read_all("a\nb,\"c\nd\n", 9, 64),
                "1:[a]\n2:failed cell 2 opens with a quote that does not close within 65536 "
                "bytes\n");
}

static void rows_have_bounds(void)
{
    size_t size = CSV_ROW_MAX + 64;
    char *text = malloc(size + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, 'x', size);
    text[size] = '\0';
    memcpy(text + size - 3, "\ny\n", 3);
    ASSERT_TEXT(read_all(text, size, 4096), "1:bad a row of more than 65536 bytes\n2:[y]\n");
    text[0] = '"';
    ASSERT_TEXT(read_all(text, size, 4096),
                "1:failed cell 1 opens with a quote that does not close within 65536 bytes\n");
    for (size_t i = 0; i < CSV_CELLS_MAX; i++) text[i] = ',';
    memcpy(text + CSV_CELLS_MAX, "\ny\n", 4);
    ASSERT_TEXT(read_all(text, strlen(text), 4096), "1:bad a row of more than 512 cells\n2:[y]\n");
    text[CSV_CELLS_MAX - 1] = 'z';
    CU_ASSERT_PTR_NOT_NULL(strstr(read_all(text, strlen(text), 4096), "[z]\n2:[y]\n"));
    free(text);
}

static void a_failing_read_is_told(void)
{
    static struct source source;
    struct bytes bytes = bytes_of("a,b\nc,d\ne,f\n");
    struct wg_error err = {0};
    struct csv csv;
    bytes.fail_at = 8;
    ASSERT_OK(source_init(&source, bytes_read, &bytes, &err), &err);
    csv_init(&csv, &source);
    CU_ASSERT_EQUAL(csv_read(&csv, &err), CSV_ROW);
    CU_ASSERT_EQUAL(csv_read(&csv, &err), CSV_FAILED);
    CU_ASSERT_EQUAL(err.code, WG_E_IO);
    ASSERT_TEXT(err.text, "the disk is gone");
    csv_clear(&csv);
}

static void other_files_are_told_apart(void)
{
    static const char *const texts[] = {"\xff\xfe"
                                        "a\x01",
                                        "\xfe\xff\x01"
                                        "a",
                                        "\x1f\x8b\x08\x01", "PK\x03\x04"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        static struct source source;
        struct bytes bytes = bytes_of(texts[i]);
        struct wg_error err = {0};
        CU_ASSERT_FALSE(source_init(&source, bytes_read, &bytes, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    }
}

static void what_is_written_is_read_back(void)
{
    static const char *const cells[] = {"",     "plain", "a,b",      "\"", "\"\"",
                                        "x\"y", "a\nb",  "a\r\nb",   "\r", " a",
                                        "a ",   ";",     "\xc3\xa9", "'",  "#"};
    enum { CELLS = sizeof cells / sizeof cells[0] };
    static struct source source;
    struct wg_error err = {0};
    struct wg_buf out;
    struct csv csv;
    wg_buf_init(&out, 4096);
    for (size_t row = 0; row < CELLS; row++) {
        for (size_t i = 0; i < CELLS; i++) csv_write(&out, i == 0, cells[(row + i) % CELLS]);
        csv_write_end(&out);
    }
    csv_write(&out, true, "");
    csv_write_end(&out);
    struct bytes bytes = bytes_of(wg_buf_str(&out));
    ASSERT_OK(source_init(&source, bytes_read, &bytes, &err), &err);
    csv_init(&csv, &source);
    for (size_t row = 0; row < CELLS; row++) {
        CU_ASSERT_EQUAL_FATAL(csv_read(&csv, &err), CSV_ROW);
        CU_ASSERT_EQUAL_FATAL(csv.count, CELLS);
        for (size_t i = 0; i < CELLS; i++) ASSERT_TEXT(csv.cells[i], cells[(row + i) % CELLS]);
    }
    CU_ASSERT_EQUAL(csv_read(&csv, &err), CSV_ROW);
    CU_ASSERT_EQUAL(csv.count, 1);
    CU_ASSERT_EQUAL(csv_read(&csv, &err), CSV_END);
    csv_clear(&csv);
    wg_buf_clear(&out);
}

WG_SUITE("registry csv", {"rows are read", rows_are_read},
         {"a bad row does not take the next with it", a_bad_row_does_not_take_the_next_with_it},
         {"a quote that never closes ends the file", a_quote_that_never_closes_ends_the_file},
         {"rows have bounds", rows_have_bounds}, {"a failing read is told", a_failing_read_is_told},
         {"other files are told apart", other_files_are_told_apart},
         {"what is written is read back", what_is_written_is_read_back})
