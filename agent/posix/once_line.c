/* once_line.c: a verdict as JSON. */
#include "agent/posix/once_line.h"

#include "common/json.h"

#include <stdlib.h>
#include <string.h>

static const char *const checks[ONCE_CHECKS] = {[ONCE_CHECK_HEALTH] = "health",
                                                [ONCE_CHECK_SLOTS] = "slots",
                                                [ONCE_CHECK_IDENTITY] = "identity",
                                                [ONCE_CHECK_PINS] = "pins",
                                                [ONCE_CHECK_CLOCK] = "clock"};

/* What programs and servers say may be anything. A new reference. */
static json_t *words(const char *text)
{
    char clean[WG_DETAIL_MAX + ONCE_TEXT_MAX];
    (void)wg_copy(clean, sizeof clean, text);
    bool whole = wg_text_is_utf8(clean, strlen(clean));
    for (char *c = clean; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f || (!whole && (unsigned char)*c >= 0x80))
            *c = '?';
    return json_string(clean);
}

/* Takes the value over. */
static bool add(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static json_t *software(const struct once_line *line)
{
    json_t *map = json_object();
    for (size_t i = 0; i < line->component_count; i++)
        if (!add(map, line->components[i].name, json_string(line->components[i].version))) {
            json_decref(map);
            return NULL;
        }
    return map;
}

static json_t *found(const struct once_line *line)
{
    json_t *map = json_object();
    for (size_t i = 0; i < ONCE_CHECKS; i++)
        if (!add(map, checks[i], words(line->checks[i]))) {
            json_decref(map);
            return NULL;
        }
    return map;
}

static json_t *last(const struct once_line *line)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "order", line->order, "campaign", line->campaign,
                     "state", wg_state_text(line->state), "cause", wg_cause_text(line->cause),
                     "detail", words(line->detail));
}

static bool add_device(json_t *json, const struct once_line *line)
{
    char until[WG_TIME_TEXT];
    wg_time_text(line->certificate_until, until);
    return (!line->device[0] || add(json, "device", json_string(line->device))) &&
           (!line->slot[0] || (add(json, "slot", json_string(line->slot)) &&
                               add(json, "software", software(line)))) &&
           (!line->certificate_until || add(json, "certificate_until", json_string(until))) &&
           (!line->pins || add(json, "pins", json_integer(line->pins)));
}

bool once_line_write(const struct once_line *line, struct wg_buf *out, struct wg_error *err)
{
    json_t *json = json_pack("{s:i, s:s, s:i, s:o, s:b, s:f}", "wavegate", 1, "result",
                             once_result_text(line->result), "code", (int)line->result, "text",
                             words(line->text), "claimed", line->claimed, "seconds",
                             (double)line->took / WG_SECOND);
    bool ok = json && add_device(json, line) &&
              (!line->order[0] || add(json, "last", last(line))) &&
              (!line->is_checked || add(json, "checks", found(line)));
    char *text = ok ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (text) wg_buf_printf(out, "%s\n", text);
    free(text);
    return (text || wg_fail_memory(err, "writing what came of it")) &&
           wg_buf_check(out, err, "the line");
}
