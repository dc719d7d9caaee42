/* stamps.c: ETag and Last-Modified by server. */
#include "agent/posix/stamps.h"

#include "common/json.h"
#include "common/posix/file.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTES_MAX 16384

static bool read_one(const json_t *json, struct stamp *out)
{
    return wg_json_text(json, "url", out->url, sizeof out->url, NULL) &&
           wg_json_text(json, "etag", out->etag, sizeof out->etag, NULL) &&
           wg_json_text(json, "modified", out->modified, sizeof out->modified, NULL) &&
           !strpbrk(out->etag, "\r\n") && !strpbrk(out->modified, "\r\n");
}

void stamps_open(struct stamps *stamps, const char *path)
{
    struct wg_buf bytes;
    *stamps = (struct stamps){.count = 0};
    if (!wg_copy(stamps->path, sizeof stamps->path, path)) stamps->path[0] = '\0';
    wg_buf_init(&bytes, BYTES_MAX);
    json_t *json = wg_file_read(stamps->path, &bytes, NULL)
                       ? wg_json_parse(wg_buf_str(&bytes), bytes.len, BYTES_MAX, NULL)
                       : NULL;
    for (size_t i = 0; i < json_array_size(json) && stamps->count < STAMPS_MAX; i++)
        if (read_one(json_array_get(json, i), &stamps->items[stamps->count])) stamps->count++;
    json_decref(json);
    wg_buf_clear(&bytes);
}

static bool is_of(const struct stamp *stamp, const char *url)
{
    size_t len = strcspn(url, "?");
    return strlen(stamp->url) == len && strncmp(stamp->url, url, len) == 0;
}

const struct stamp *stamps_find(const struct stamps *stamps, const char *url)
{
    for (size_t i = 0; i < stamps->count; i++)
        if (is_of(&stamps->items[i], url)) return &stamps->items[i];
    return NULL;
}

const char *stamp_validator(const struct stamp *stamp)
{
    if (!stamp) return NULL;
    return stamp->etag[0] ? stamp->etag : stamp->modified[0] ? stamp->modified : NULL;
}

bool stamp_differs(const struct stamp *stamp, const struct https_head *head)
{
    if (!stamp) return false;
    if (stamp->etag[0] || head->etag[0]) return strcmp(stamp->etag, head->etag) != 0;
    return stamp->modified[0] && head->modified[0] && strcmp(stamp->modified, head->modified) != 0;
}

static bool write_all(const struct stamps *stamps, struct wg_error *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i < stamps->count; i++) {
        const struct stamp *stamp = &stamps->items[i];
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "url", stamp->url, "etag",
                                                    stamp->etag, "modified", stamp->modified));
    }
    char *text = list ? json_dumps(list, JSON_COMPACT) : NULL;
    bool ok = text ? wg_file_replace(stamps->path, text, strlen(text), 0600, err)
                   : wg_fail_memory(err, "writing the stamps");
    free(text);
    json_decref(list);
    return ok;
}

bool stamps_keep(struct stamps *stamps, const char *url, const struct https_head *head,
                 struct wg_error *err)
{
    struct stamp stamp = {.url = ""};
    const struct stamp *old = stamps_find(stamps, url);
    if (!wg_copy_n(stamp.url, sizeof stamp.url, url, strcspn(url, "?"))) return true;
    (void)wg_copy(stamp.etag, sizeof stamp.etag, head->etag);
    (void)wg_copy(stamp.modified, sizeof stamp.modified, head->modified);
    if (old && strcmp(old->etag, stamp.etag) == 0 && strcmp(old->modified, stamp.modified) == 0)
        return true;
    size_t at = old ? (size_t)(old - stamps->items) : stamps->count;
    if (at == STAMPS_MAX) {
        at = stamps->next;
        stamps->next = (stamps->next + 1) % STAMPS_MAX;
    }
    if (at == stamps->count) stamps->count++;
    stamps->items[at] = stamp;
    return write_all(stamps, err);
}

void stamps_forget(struct stamps *stamps)
{
    stamps->count = stamps->next = 0;
    (void)unlink(stamps->path);
}
