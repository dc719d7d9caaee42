/* device_more.c: identity, certificate, habits, campaigns and logs of a device, as text. */
#include "orchestrator/cli/device_more.h"

#include "common/text.h"

#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static long long number_of(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

static void show_head(struct screen *screen, const char *what)
{
    screen_coloured(screen, SCREEN_DIM, "  %-11s ", what);
}

static void show_moment(struct screen *screen, const char *text)
{
    wg_time at = 0;
    if (wg_time_parse(text, &at)) screen_time(screen, at);
}

static void show_words(struct screen *screen, const char *words)
{
    char tame[WG_DETAIL_MAX + 1];
    (void)wg_copy(tame, sizeof tame, words);
    wg_text_tame(tame);
    screen_text(screen, "%s", tame);
}

static void show_groups(struct screen *screen, const json_t *document)
{
    size_t index;
    json_t *group;
    if (json_array_size(json_object_get(document, "groups")) == 0) return;
    show_head(screen, "groups");
    json_array_foreach(json_object_get(document, "groups"), index, group)
        screen_text(screen, "%s%s", index ? ", " : "", json_string_value(group));
    screen_text(screen, "\n");
}

static void show_identity(struct screen *screen, const json_t *document)
{
    const json_t *identity = json_object_get(document, "identity");
    bool sealed = text_of(identity, "age_recipient")[0] != '\0';
    show_head(screen, "identity");
    screen_text(screen, "%s%s\n",
                json_is_true(json_object_get(identity, "enrolled")) ? "enrolled" : "no record",
                sealed ? ", has an age key" : "");
    if (!text_of(document, "revoked_at")[0]) return;
    screen_coloured(screen, SCREEN_BAD, "  revoked     ");
    show_moment(screen, text_of(document, "revoked_at"));
    if (text_of(document, "revoked_why")[0]) {
        screen_text(screen, ": ");
        show_words(screen, text_of(document, "revoked_why"));
    }
    screen_text(screen, "\n");
}

static void show_certificate(struct screen *screen, const json_t *document)
{
    const json_t *certificate = json_object_get(document, "certificate");
    if (!json_is_object(certificate)) return;
    show_head(screen, "certificate");
    screen_text(screen, "until ");
    show_moment(screen, text_of(certificate, "not_after"));
    screen_text(screen, "\n");
}

static void show_presence(struct screen *screen, const json_t *document)
{
    const json_t *presence = json_object_get(document, "presence");
    char usual[WG_TIME_TEXT];
    long long off = number_of(presence, "clock_off_minutes");
    if (number_of(presence, "absences") > 0) {
        wg_duration_words(number_of(presence, "usually_away_seconds") * WG_SECOND, usual);
        show_head(screen, "habit");
        screen_text(screen, "away %lld times, usually for %s\n", number_of(presence, "absences"),
                    usual);
    }
    if (text_of(presence, "due_at")[0]) {
        show_head(screen, "due");
        show_moment(screen, text_of(presence, "due_at"));
        screen_text(screen, "\n");
    }
    if (text_of(presence, "boot_at")[0]) {
        show_head(screen, "booted");
        show_moment(screen, text_of(presence, "boot_at"));
        if (number_of(presence, "boots_in_a_row") > 2)
            screen_coloured(screen, SCREEN_BAD, "  %lld boots in a row",
                            number_of(presence, "boots_in_a_row"));
        screen_text(screen, "\n");
    }
    if (off == 0) return;
    wg_duration_words((off < 0 ? -off : off) * WG_MINUTE, usual);
    show_head(screen, "clock");
    screen_text(screen, "%s %s\n", usual, off < 0 ? "behind" : "ahead");
}

static void show_held(struct screen *screen, const json_t *document)
{
    if (!text_of(document, "held_why")[0]) return;
    show_head(screen, "held back");
    show_words(screen, text_of(document, "held_why"));
    screen_text(screen, "\n");
}

static void show_campaigns(struct screen *screen, const json_t *document)
{
    static const char *const heads[] = {"CAMPAIGN", "IS", "VERSION", "WAVE", "DEVICE IS", "WHY"};
    enum { HEADS = sizeof heads / sizeof heads[0] };
    struct screen_table table;
    size_t index;
    json_t *place;
    const json_t *places = json_object_get(document, "campaigns");
    if (json_array_size(places) == 0) return;
    screen_coloured(screen, SCREEN_BOLD, "\nCampaigns\n");
    screen_table_init(&table, HEADS);
    for (size_t i = 0; i < HEADS; i++) screen_table_cell(&table, "%s", heads[i]);
    json_array_foreach(places, index, place)
    {
        char why[80];
        const char *detail = text_of(place, "detail");
        (void)wg_copy(why, sizeof why, detail[0] ? detail : text_of(place, "cause"));
        wg_text_tame(why);
        screen_table_cell(&table, "%s", text_of(place, "campaign"));
        screen_table_cell(&table, "%s", text_of(place, "campaign_state"));
        screen_table_cell(&table, "%s %s", text_of(place, "component"), text_of(place, "version"));
        screen_table_cell(&table, "%s", text_of(place, "wave"));
        screen_table_cell(&table, "%s", text_of(place, "state"));
        screen_table_cell(&table, "%s", why[0] ? why : "-");
    }
    screen_table_write(screen, &table);
}

void device_more_show(struct screen *screen, const json_t *document)
{
    show_held(screen, document);
    show_groups(screen, document);
    show_identity(screen, document);
    show_certificate(screen, document);
    show_presence(screen, document);
    show_campaigns(screen, document);
}

void device_logs_show(struct screen *screen, const json_t *document)
{
    size_t index;
    json_t *log;
    const json_t *logs = json_object_get(document, "log_list");
    if (json_array_size(logs) == 0) return;
    screen_coloured(screen, SCREEN_BOLD, "\nLogs of failures\n");
    json_array_foreach(logs, index, log)
    {
        screen_text(screen, "  ");
        show_moment(screen, text_of(log, "received"));
        screen_text(screen, "  %-20s attempt %lld, %s, %lld bytes\n", text_of(log, "campaign"),
                    number_of(log, "attempt"), text_of(log, "source"), number_of(log, "bytes"));
    }
    screen_text(screen, "  wavegate device logs %s\n", text_of(document, "id"));
}
