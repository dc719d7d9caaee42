/* area_text.c: reads the text form of an area: WKT of a POLYGON or MULTIPOLYGON in the plane. */
#include "orchestrator/campaign/area_reader.h"

#include <string.h>

struct cursor {
    struct area_reader *reader;
    const struct yaml_value *at;
    const char *text; /* what is left */
};

static const char polygon_word[] = "POLYGON";
static const char multi_word[] = "MULTIPOLYGON";

static const char *after_spaces(const char *text)
{
    while (*text == ' ') text++;
    return text;
}

/* What follows the word, if text begins with it and an opening parenthesis comes next. */
static const char *after_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    if (strncmp(text, word, len) != 0) return NULL;
    text = after_spaces(text + len);
    return *text == '(' ? text : NULL;
}

bool area_is_text(const char *text)
{
    return after_word(text, polygon_word) || after_word(text, multi_word);
}

static bool expected(struct cursor *cursor, const char *what)
{
    const struct yaml_value *at = cursor->at;
    return area_reader_problem(cursor->reader, at, "at character %zu: expected %s, got \"%.20s\"",
                               (size_t)(cursor->text - at->text) + 1, what, cursor->text);
}

static bool take(struct cursor *cursor, char c)
{
    cursor->text = after_spaces(cursor->text);
    if (*cursor->text != c) return false;
    cursor->text++;
    return true;
}

static const char *number(struct cursor *cursor, size_t *len)
{
    cursor->text = after_spaces(cursor->text);
    const char *start = cursor->text;
    *len = strspn(start, "+-.0123456789Ee");
    cursor->text += *len;
    return start;
}

static bool read_position(struct cursor *cursor)
{
    size_t lon_len = 0, lat_len = 0;
    const char *lon = number(cursor, &lon_len);
    const char *lat = number(cursor, &lat_len);
    if (lon_len == 0 || lat_len == 0) return expected(cursor, "a longitude and a latitude");
    area_reader_corner(cursor->reader, cursor->at, cursor->at, lon, lon_len, cursor->at, lat,
                       lat_len);
    return !cursor->reader->full;
}

static bool read_ring(struct cursor *cursor)
{
    if (!take(cursor, '(')) return expected(cursor, "\"(\"");
    do {
        if (!read_position(cursor)) return false;
    } while (take(cursor, ','));
    if (!take(cursor, ')')) return expected(cursor, "\",\" or \")\"");
    area_reader_ring(cursor->reader, cursor->at);
    return !cursor->reader->full;
}

static bool read_polygon(struct cursor *cursor)
{
    if (!take(cursor, '(')) return expected(cursor, "\"(\"");
    do {
        if (!read_ring(cursor)) return false;
    } while (take(cursor, ','));
    if (!take(cursor, ')')) return expected(cursor, "\",\" or \")\"");
    area_reader_polygon(cursor->reader, cursor->at);
    return true;
}

static bool read_polygons(struct cursor *cursor)
{
    if (!take(cursor, '(')) return expected(cursor, "\"(\"");
    do {
        if (!read_polygon(cursor)) return false;
    } while (take(cursor, ','));
    return take(cursor, ')') || expected(cursor, "\",\" or \")\"");
}

void area_text_read(struct area_reader *reader, const struct yaml_value *at)
{
    struct cursor cursor = {.reader = reader, .at = at};
    const char *polygon = after_word(at->text, polygon_word);
    const char *multi = after_word(at->text, multi_word);
    reader->planar = true;
    cursor.text = polygon ? polygon : multi ? multi : at->text;
    if (!polygon && !multi) {
        (void)expected(&cursor, "\"POLYGON (\" or \"MULTIPOLYGON (\"");
        return;
    }
    if (!(polygon ? read_polygon(&cursor) : read_polygons(&cursor))) return;
    cursor.text = after_spaces(cursor.text);
    if (*cursor.text) (void)expected(&cursor, "nothing more");
}
