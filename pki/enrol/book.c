/* book.c: pages as JSON files, replaced whole. */
#include "pki/enrol/book.h"

#include "common/json.h"
#include "common/posix/file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES_MAX 32768
#define COUNT_MAX 1000000

static bool folder_of(const char *pki, char out[PATH_MAX], struct wg_error *err)
{
    return wg_path_join(out, PATH_MAX, pki, "device/renewals", err);
}

/* A valid name holds no slash and begins with no dot. */
static bool path_of(const char *pki, const char *device, char out[PATH_MAX], struct wg_error *err)
{
    char folder[PATH_MAX], file[WG_NAME_MAX + 8];
    if (!wg_name_is_valid(device) || !wg_format(file, sizeof file, "%s.json", device))
        return wg_fail(err, WG_E_BAD_INPUT, "\"%.80s\" is no name of a device", device);
    return folder_of(pki, folder, err) && wg_path_join(out, PATH_MAX, folder, file, err);
}

static bool read_page(const json_t *json, struct book_page *out, struct wg_error *err)
{
    char since[WG_TIME_TEXT] = "";
    return wg_json_text(json, "device", out->device, sizeof out->device, err) &&
           wg_json_text(json, "key", out->key, sizeof out->key, err) &&
           wg_json_text(json, "serial", out->serial, sizeof out->serial, err) &&
           wg_json_text(json, "old", out->old, sizeof out->old, err) &&
           wg_json_bool(json, "settled", &out->settled, err) &&
           wg_json_text(json, "since", since, sizeof since, err) &&
           (wg_time_parse(since, &out->since) || wg_fail(err, WG_E_BAD_FILE, "since: no time")) &&
           wg_json_int(json, "count", 0, COUNT_MAX, &out->count, err) &&
           wg_json_text(json, "chain", out->chain, sizeof out->chain, err);
}

static bool parse(const struct wg_buf *text, struct book_page *out, struct wg_error *err)
{
    json_t *json = wg_json_parse(wg_buf_str(text), text->len, PAGE_BYTES_MAX, err);
    bool ok = json && read_page(json, out, err);
    json_decref(json);
    if (!ok && err && err->code == WG_E_BAD_INPUT) err->code = WG_E_BAD_FILE;
    return ok;
}

bool book_read(const char *pki, const char *device, struct book_page *out, bool *found,
               struct wg_error *err)
{
    char path[PATH_MAX];
    struct wg_buf text;
    struct wg_error problem = {0};
    *out = (struct book_page){.count = 0};
    if (!path_of(pki, device, path, err)) return false;
    wg_buf_init(&text, PAGE_BYTES_MAX);
    *found = wg_file_read(path, &text, &problem);
    bool ok = *found ? parse(&text, out, err) : problem.code == WG_E_NOT_FOUND;
    wg_buf_clear(&text);
    if (!ok && !*found && err) *err = problem;
    return ok || wg_context(err, "%s", path);
}

bool book_write(const char *pki, const struct book_page *page, struct wg_error *err)
{
    char path[PATH_MAX], folder[PATH_MAX], since[WG_TIME_TEXT];
    wg_time_text(page->since, since);
    json_t *json =
        json_pack("{s:s,s:s,s:s,s:s,s:b,s:s,s:I,s:s}", "device", page->device, "key", page->key,
                  "serial", page->serial, "old", page->old, "settled", (int)page->settled, "since",
                  since, "count", (json_int_t)page->count, "chain", page->chain);
    char *text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
    json_decref(json);
    if (!text) return wg_fail_memory(err, "writing a renewal");
    bool ok = folder_of(pki, folder, err) && wg_folder_make(folder, 0755, err) &&
              path_of(pki, page->device, path, err) &&
              wg_file_replace(path, text, strlen(text), 0644, err);
    free(text);
    return ok;
}
