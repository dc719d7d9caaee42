/* canonical_fuzz.c: JSON in, canonical JSON out. The canonical form of the canonical form is
 * itself, whatever the white space, the order of keys or the escapes of the text were. */
#include "common/json.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

#define INPUT_MAX ((size_t)1 << 16)
#define OUTPUT_MAX (8 * INPUT_MAX)

static void write_canonical(const json_t *value, struct wg_buf *out)
{
    struct wg_error err = {0};
    wg_buf_init(out, OUTPUT_MAX);
    MUST(wg_json_canonical(value, out, &err), "%s", err.text);
}

/* The same value written another way has the same canonical form. */
static void write_otherwise(const json_t *value, size_t flags, const struct wg_buf *canonical)
{
    struct wg_error err = {0};
    struct wg_buf again;
    char *text = json_dumps(value, flags);
    MUST(text, "cannot be written at all");
    json_t *back = wg_json_parse(text, strlen(text), OUTPUT_MAX, &err);
    MUST(back, "%s: %s", err.text, text);
    write_canonical(back, &again);
    target_same(&again, canonical, "canonical JSON");
    wg_buf_clear(&again);
    json_decref(back);
    free(text);
}

/* Control characters stand in canonical JSON as they are, which JSON itself does not allow. */
static bool is_json(const struct wg_buf *canonical)
{
    for (size_t i = 0; i < canonical->len; i++)
        if ((unsigned char)canonical->data[i] < 0x20) return false;
    return true;
}

static void read_canonical(const struct wg_buf *canonical)
{
    struct wg_error err = {0};
    struct wg_buf again;
    json_t *back = wg_json_parse(canonical->data, canonical->len, OUTPUT_MAX, &err);
    MUST(back, "%s: %s", err.text, canonical->data);
    write_canonical(back, &again);
    target_same(&again, canonical, "canonical JSON");
    wg_buf_clear(&again);
    json_decref(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_error err = {0};
    struct wg_buf canonical;
    json_t *value = wg_json_parse((const char *)data, size, INPUT_MAX, &err);
    if (!value) {
        target_refused(&err);
        return 0;
    }
    wg_buf_init(&canonical, OUTPUT_MAX);
    if (wg_json_canonical(value, &canonical, &err)) {
        if (is_json(&canonical)) read_canonical(&canonical);
        write_otherwise(value, JSON_INDENT(3), &canonical);
        write_otherwise(value, JSON_ENSURE_ASCII | JSON_SORT_KEYS, &canonical);
    } else {
        target_refused(&err);
    }
    wg_buf_clear(&canonical);
    json_decref(value);
    return 0;
}
