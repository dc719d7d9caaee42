/* device_view.c: a device for people and programs. */
#include "orchestrator/cli/device_view.h"

#include <stdio.h>
#include <string.h>

static void append(char *out, size_t size, const char *before, const char *text)
{
    size_t used = strlen(out);
    (void)snprintf(out + used, size - used, "%s%s", used ? before : "", text);
}

void device_software_words(const struct device_row *row, char *out, size_t size)
{
    out[0] = '\0';
    for (size_t i = 0; i < row->component_count; i++) {
        append(out, size, ", ", row->components[i].name);
        append(out, size, " ", row->components[i].version);
    }
}

void device_tag_words(const struct device_row *row, char *out, size_t size)
{
    out[0] = '\0';
    for (size_t i = 0; i < row->tag_count; i++) append(out, size, ", ", row->tags[i]);
}

static json_t *position_json(const struct device_row *row)
{
    return row->has_position ? json_pack("{s:f,s:f}", "lat", row->lat, "lon", row->lon)
                             : json_null();
}

json_t *device_json(const struct device_row *row)
{
    json_t *software = json_object(), *tags = json_array();
    for (size_t i = 0; i < row->component_count; i++)
        (void)json_object_set_new(software, row->components[i].name,
                                  json_string(row->components[i].version));
    for (size_t i = 0; i < row->tag_count; i++)
        (void)json_array_append_new(tags, json_string(row->tags[i]));
    json_t *attributes = json_loads(row->attributes, 0, NULL);
    return json_pack("{s:s,s:{s:s,s:s},s:o,s:s,s:s,s:o,s:s,s:s,s:b,s:o,s:o,s:o,s:o,s:o,s:o,s:s}",
                     "id", row->id, "hardware", "model", row->hardware_model, "revision",
                     row->hardware_revision, "software", software, "region", row->region, "zone",
                     row->zone, "position", position_json(row), "slot", row->slot, "agent",
                     row->agent, "online", row->online, "presence_at",
                     screen_json_time(row->presence_at), "seen_at", screen_json_time(row->seen_at),
                     "registered_at", screen_json_time(row->registered_at), "tags", tags,
                     "attributes", attributes ? attributes : json_object(), "quarantined_at",
                     screen_json_time(row->quarantined_at), "alarms", row->alarms);
}

static void show_line(struct screen *screen, const char *what, const char *text)
{
    screen_coloured(screen, SCREEN_DIM, "  %-11s", what);
    screen_text(screen, " %s\n", text[0] ? text : "-");
}

void device_show(struct screen *screen, const struct device_row *row)
{
    char text[512];
    screen_coloured(screen, SCREEN_BOLD, "%s", row->id);
    screen_coloured(screen, row->online ? SCREEN_GOOD : SCREEN_BAD, "  %s",
                    row->online ? "online" : "offline");
    screen_text(screen, " since ");
    screen_time(screen, row->presence_at);
    screen_text(screen, ", last word ");
    screen_time(screen, row->seen_at);
    screen_text(screen, "\n");
    (void)snprintf(text, sizeof text, "%s revision %s", row->hardware_model,
                   row->hardware_revision);
    show_line(screen, "hardware", text);
    device_software_words(row, text, sizeof text);
    show_line(screen, "software", text);
    show_line(screen, "slot", row->slot);
    show_line(screen, "region", row->region);
    show_line(screen, "zone", row->zone);
    if (row->has_position) {
        (void)snprintf(text, sizeof text, "%.5f, %.5f", row->lat, row->lon);
        show_line(screen, "position", text);
    }
    device_tag_words(row, text, sizeof text);
    show_line(screen, "tags", text);
    show_line(screen, "agent", row->agent);
    if (row->alarms[0]) show_line(screen, "alarms", row->alarms);
    if (!row->quarantined_at) return;
    screen_coloured(screen, SCREEN_BAD, "  in quarantine");
    screen_text(screen, " since ");
    screen_time(screen, row->quarantined_at);
    screen_text(screen, "\n");
}
