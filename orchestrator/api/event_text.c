/* event_text.c: topics, what is left out, and lines. */
#include "orchestrator/api/event_text.h"

#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"campaign", "wave", "device", "alarm", "release", "people"};
#define KINDS (sizeof kinds / sizeof kinds[0])

static const struct {
    const char *name;
    event_kinds kinds;
    enum permission permission;
} topics[] = {{"campaigns", 1 | 2, MAY_CAMPAIGN_READ},
              {"devices", 4 | 8, MAY_DEVICE_READ},
              {"releases", 16, MAY_RELEASE_READ},
              {"people", 32, MAY_PEOPLE_READ}};
#define TOPICS (sizeof topics / sizeof topics[0])

static bool add_topic(const char *name, size_t len, permission_set permissions, event_kinds *out,
                      struct wg_error *err)
{
    for (size_t i = 0; i < TOPICS; i++) {
        if (strlen(topics[i].name) != len || strncmp(topics[i].name, name, len) != 0) continue;
        *out |= topics[i].kinds;
        return permission_in(permissions, topics[i].permission) ||
               wg_fail(err, WG_E_DENIED, "topics: %s needs %s", topics[i].name,
                       permission_name(topics[i].permission));
    }
    return wg_fail(err, WG_E_USAGE,
                   "topics: expected campaigns, devices, releases, people, got \"%.*s\"",
                   len < 40 ? (int)len : 40, name);
}

bool event_topics_parse(const char *text, permission_set permissions, event_kinds *out,
                        struct wg_error *err)
{
    *out = 0;
    for (size_t i = 0; !text[0] && i < TOPICS; i++)
        if (permission_in(permissions, topics[i].permission)) *out |= topics[i].kinds;
    while (text[0]) {
        size_t len = strcspn(text, ",");
        if (!add_topic(text, len, permissions, out, err)) return false;
        text += len;
        if (text[0] == ',' && !*++text)
            return wg_fail(err, WG_E_USAGE, "topics: ends with a comma");
    }
    return true;
}

event_kinds event_kind_bit(const char *kind)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i], kind) == 0) return 1u << i;
    return 0;
}

bool event_is_of_device(const struct change_row *row)
{
    return (event_kind_bit(row->kind) & (4 | 8)) && row->subject[0];
}

static bool is_told(const struct change_row *rows, size_t count, const struct change_row *row)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].kind, row->kind) == 0 &&
            (strcmp(rows[i].subject, row->subject) == 0 ||
             (!rows[i].subject[0] && strcmp(row->kind, "device") == 0)))
            return true;
    return false;
}

size_t event_digest(struct change_row *rows, size_t count, event_kinds wanted)
{
    size_t left = 0, devices = 0;
    for (size_t i = 0; i < count; i++) devices += strcmp(rows[i].kind, "device") == 0;
    for (size_t i = 0; i < count; i++) {
        if (!(event_kind_bit(rows[i].kind) & wanted)) continue;
        if (devices > EVENT_DEVICES_MAX && strcmp(rows[i].kind, "device") == 0)
            rows[i].subject[0] = '\0';
        if (!is_told(rows, left, &rows[i])) rows[left++] = rows[i];
    }
    return left;
}

json_t *event_json(const struct change_row *row)
{
    char id[CHANGE_ID_MAX], at[WG_TIME_TEXT];
    change_place_text(row->place, id);
    wg_time_text(row->at, at);
    return json_pack("{s:s,s:s,s:s,s:s*}", "id", id, "at", at, "kind", row->kind, "subject",
                     row->subject[0] ? row->subject : NULL);
}

static void put_data(struct wg_buf *out, json_t *data)
{
    char *text = data ? json_dumps(data, JSON_COMPACT) : NULL;
    if (text)
        wg_buf_printf(out, "data: %s\n\n", text);
    else
        out->failed = true;
    free(text);
    json_decref(data);
}

static void put_id(struct wg_buf *out, struct change_place place)
{
    char id[CHANGE_ID_MAX];
    change_place_text(place, id);
    wg_buf_printf(out, "id: %s\n", id);
}

void event_put(struct wg_buf *out, const struct change_row *row)
{
    put_id(out, row->place);
    put_data(out, event_json(row));
}

void event_put_start(struct wg_buf *out, struct change_place place, wg_duration retry)
{
    wg_buf_printf(out, "retry: %lld\n", (long long)retry);
    put_id(out, place);
    wg_buf_text(out, "\n");
}

static json_t *plain(const char *kind, wg_time now)
{
    char at[WG_TIME_TEXT];
    wg_time_text(now, at);
    return json_pack("{s:s,s:s}", "at", at, "kind", kind);
}

void event_put_reset(struct wg_buf *out, struct change_place place, wg_time now)
{
    char id[CHANGE_ID_MAX];
    json_t *data = plain("reset", now);
    change_place_text(place, id);
    if (data) (void)json_object_set_new(data, "id", json_string(id));
    put_id(out, place);
    put_data(out, data);
}

void event_put_alive(struct wg_buf *out, wg_time now)
{
    put_data(out, plain("alive", now));
}

void event_put_end(struct wg_buf *out, wg_duration retry)
{
    wg_buf_printf(out, "retry: %lld\n\n", (long long)retry);
}
