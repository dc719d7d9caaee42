/* device_view.c: a device for people. */
#include "orchestrator/cli/device_view.h"

#include "orchestrator/cli/document.h"
#include "orchestrator/cli/list.h"

#define TEXT_MAX 4096

void device_software_words(const json_t *document, struct wg_buf *out)
{
    const char *component, *before = "";
    json_t *version;
    json_object_foreach((json_t *)(uintptr_t)document_at(document, "software"), component, version)
    {
        wg_buf_printf(out, "%s%s %s", before, component, json_string_value(version));
        before = ", ";
    }
}

static void show_line(struct screen *screen, const char *what, const char *text)
{
    screen_coloured(screen, SCREEN_DIM, "  %-11s", what);
    screen_text(screen, " %s\n", text[0] ? text : "-");
}

static void show_words(struct screen *screen, const char *what, struct wg_buf *text)
{
    show_line(screen, what, wg_buf_str(text));
    wg_buf_clear(text);
    wg_buf_init(text, TEXT_MAX);
}

static void show_presence(struct screen *screen, const json_t *document)
{
    bool online = document_is(document, "online");
    screen_coloured(screen, SCREEN_BOLD, "%s", document_text(document, "id"));
    screen_coloured(screen, online ? SCREEN_GOOD : SCREEN_BAD, "  %s",
                    online ? "online" : "offline");
    screen_text(screen, " since ");
    screen_time(screen, document_time(document, "presence_at"));
    screen_text(screen, ", last word ");
    screen_time(screen, document_time(document, "seen_at"));
    screen_text(screen, "\n");
}

static void show_quarantine(struct screen *screen, const json_t *document)
{
    wg_time since = document_time(document, "quarantined_at");
    if (!since) return;
    screen_coloured(screen, SCREEN_BAD, "  in quarantine");
    screen_text(screen, " since ");
    screen_time(screen, since);
    screen_text(screen, "\n");
}

void device_show(struct screen *screen, const json_t *document)
{
    struct wg_buf text;
    wg_buf_init(&text, TEXT_MAX);
    show_presence(screen, document);
    wg_buf_printf(&text, "%s revision %s", document_text(document, "hardware.model"),
                  document_text(document, "hardware.revision"));
    show_words(screen, "hardware", &text);
    device_software_words(document, &text);
    show_words(screen, "software", &text);
    show_line(screen, "slot", document_text(document, "slot"));
    show_line(screen, "region", document_text(document, "region"));
    show_line(screen, "zone", document_text(document, "zone"));
    if (json_is_object(document_at(document, "position"))) {
        wg_buf_printf(&text, "%.5f, %.5f", json_number_value(document_at(document, "position.lat")),
                      json_number_value(document_at(document, "position.lon")));
        show_words(screen, "position", &text);
    }
    list_join(document_at(document, "tags"), &text);
    show_words(screen, "tags", &text);
    show_line(screen, "agent", document_text(document, "agent"));
    if (document_text(document, "broker")[0])
        show_line(screen, "broker", document_text(document, "broker"));
    if (document_text(document, "alarms")[0])
        show_line(screen, "alarms", document_text(document, "alarms"));
    wg_buf_clear(&text);
    show_quarantine(screen, document);
}
