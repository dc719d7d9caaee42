/* pin_list.c: reads the file, keeps it as compact JSON. */
#include "pki/enrol/pin_list.h"

#include "common/log.h"
#include "common/pins.h"
#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

void pin_list_init(struct pin_list *list, const char *file)
{
    memset(list, 0, sizeof *list);
    list->file = file;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Everything in it goes along, known here or not: it is signed. */
static bool compact(const struct wg_buf *text, char out[WG_PINS_WIRE_MAX], struct wg_error *err)
{
    json_t *json = wg_json_parse(wg_buf_str(text), text->len, WG_PINS_BYTES_MAX, err);
    char *dump = json ? json_dumps(json, JSON_COMPACT) : NULL;
    bool ok = dump && strlen(dump) < WG_PINS_WIRE_MAX && wg_copy(out, WG_PINS_WIRE_MAX, dump);
    if (json && !ok)
        (void)wg_fail(err, WG_E_LIMIT, "the list has more than %d bytes", WG_PINS_WIRE_MAX - 1);
    free(dump);
    json_decref(json);
    return ok;
}

static bool read_list(struct pin_list *list, struct wg_error *err)
{
    struct wg_pins pins;
    char packed[WG_PINS_WIRE_MAX];
    struct wg_buf text;
    wg_buf_init(&text, WG_PINS_BYTES_MAX);
    bool ok = wg_file_read(list->file, &text, err) &&
              wg_pins_peek(wg_buf_str(&text), text.len, &pins, err) && compact(&text, packed, err);
    wg_buf_clear(&text);
    if (!ok) return wg_context(err, "%s", list->file);
    memcpy(list->text, packed, sizeof list->text);
    list->number = pins.number;
    return true;
}

static void look(struct pin_list *list)
{
    struct stat now = {.st_ino = 0};
    struct wg_error err = {0};
    char number[24];
    if (!list->file[0]) return;
    if (stat(list->file, &now) != 0) now = (struct stat){.st_ino = 0};
    if (list->looked && is_same(&now, &list->seen)) return;
    list->looked = true;
    list->seen = now;
    if (!read_list(list, &err)) {
        wg_log_error("the list of pins is not handed on", &err);
        return;
    }
    (void)wg_format(number, sizeof number, "%lld", (long long)list->number);
    wg_log(WG_LOG_INFO, "list of pins read", "number", number, NULL);
}

bool pin_list_answer(struct pin_list *list, int64_t number, struct wg_buf *out)
{
    struct wg_cert_message answer = {.kind = WG_CERT_PINS};
    look(list);
    if (list->number <= number) return false;
    memcpy(answer.pins, list->text, sizeof answer.pins);
    return wg_cert_message_encode(&answer, out, NULL);
}
