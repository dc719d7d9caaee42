/* device_routes.c: devices: lists, and all that is known of one. */
#include "orchestrator/api/list.h"
#include "orchestrator/api/rooms.h"
#include "orchestrator/api/veil.h"

#include "orchestrator/show/device.h"
#include "orchestrator/show/explaining.h"
#include "orchestrator/store/campaign_row.h"
#include "orchestrator/store/device_log.h"
#include "orchestrator/store/device_page.h"
#include "orchestrator/store/document.h"

#include <stdlib.h>
#include <string.h>

/* ---- many ---- */

static bool read_presence(const struct api_page *page, const char **out, struct wg_error *err)
{
    const char *online = api_page_filter(page, "online");
    *out = NULL;
    if (!online) return true;
    if (strcmp(online, "true") == 0) *out = "online";
    if (strcmp(online, "false") == 0) *out = "offline";
    return *out ||
           wg_fail(err, WG_E_USAGE, "online: expected true or false, got \"%.20s\"", online);
}

static bool device_rows(struct api_page *page, struct wg_error *err)
{
    struct device_row *rows = NULL;
    size_t count = 0;
    struct device_query query = {.after = page->after,
                                 .region = api_page_filter(page, "region"),
                                 .model = api_page_filter(page, "model"),
                                 .component = api_page_filter(page, "component"),
                                 .version = api_page_filter(page, "version"),
                                 .tag = api_page_filter(page, "tag"),
                                 .group = api_page_filter(page, "group"),
                                 .alarm = api_page_filter(page, "alarm"),
                                 .q = api_page_filter(page, "q"),
                                 .scopes = page->scopes,
                                 .limit = page->limit};
    if (query.version && !query.component)
        return wg_fail(err, WG_E_USAGE, "version: of which component? component=NAME");
    if (!read_presence(page, &query.presence, err) ||
        !device_page(page->db, &query, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(page->items, show_device(&rows[i]));
    api_page_next(page, count, count ? rows[count - 1].id : "");
    free(rows);
    return true;
}

static bool list_devices(struct api_call *call, struct wg_error *err)
{
    static const char *const parameters[] = {"online", "region", "model", "component", "version",
                                             "tag",    "group",  "alarm", "q",         NULL};
    static const char *const columns[] = {"id",
                                          "hardware.model",
                                          "hardware.revision",
                                          "software",
                                          "region",
                                          "zone",
                                          "position.lat",
                                          "position.lon",
                                          "slot",
                                          "agent",
                                          "online",
                                          "presence_at",
                                          "seen_at",
                                          "registered_at",
                                          "tags",
                                          "alarms",
                                          "quarantined_at",
                                          "broker",
                                          NULL};
    static const struct api_list list = {device_rows, parameters, columns, MAY_DEVICE_READ,
                                         CURSOR_NAME};
    return api_list(call, &list, err);
}

/* ---- one ---- */

static bool see(struct api_call *call, struct wg_error *err)
{
    return api_name_value(call, 0, "device", err) && api_parameters(call, NULL, err) &&
           api_may_on_device(call, MAY_DEVICE_READ, call->values[0], err);
}

static bool get_device(struct api_call *call, struct wg_error *err)
{
    return see(call, err) &&
           api_json_tagged(call, device_document(call->db, call->values[0], call->now, err), err);
}

static bool explain(struct api_call *call, struct wg_error *err)
{
    static const char *const parameters[] = {"campaign", NULL};
    const char *campaign = api_parameter(call, "campaign");
    if (!api_name_value(call, 0, "device", err) || !api_parameters(call, parameters, err) ||
        !api_may_on_device(call, MAY_DEVICE_READ, call->values[0], err))
        return false;
    struct wg_buf scopes;
    json_t *document =
        explain_document(call->db, call->values[0], campaign[0] ? campaign : NULL, call->now, err);
    bool ok = api_scopes(call, MAY_DEVICE_READ, &scopes, err) && document &&
              veil_sentences(call->db, document, grants_scopes_param(&scopes), err);
    wg_buf_clear(&scopes);
    if (ok) return api_json_tagged(call, document, err);
    json_decref(document);
    return false;
}

static bool timeline_rows(struct api_page *page, struct wg_error *err)
{
    return api_page_rows(
        page, SQL_DEVICE_TIMELINE, 2,
        (const char *const[]){page->values[0], page->after[0] ? page->after : NULL}, err);
}

static bool list_timeline(struct api_call *call, struct wg_error *err)
{
    static const char *const columns[] = {"at",    "device_at", "campaign", "attempt", "seq",
                                          "state", "cause",     "detail",   "remark",  NULL};
    static const struct api_list list = {timeline_rows, NULL, columns, MAY_DEVICE_READ,
                                         CURSOR_PAIR};
    return see(call, err) && api_list(call, &list, err);
}

/* A campaign that is mistyped must not look like one without logs. */
static bool known_campaign(struct db *db, const char *campaign, struct wg_error *err)
{
    struct campaign_row *row = calloc(1, sizeof *row);
    bool ok = row ? campaign_row_get(db, campaign, row, err) : wg_fail_memory(err, "logs");
    free(row);
    return ok;
}

/* How many there are is counted for the first page alone. */
static bool log_rows(struct api_page *page, struct wg_error *err)
{
    int64_t count = 0;
    wg_time newest = 0;
    const char *device = page->values[0], *campaign = api_page_filter(page, "campaign");
    if (!page->after[0]) {
        if ((campaign && !known_campaign(page->db, campaign, err)) ||
            !device_log_count(page->db, device, campaign, &count, &newest, err))
            return false;
        page->more = json_pack("{s:I}", "count", (json_int_t)count);
    }
    return api_page_rows(
        page, SQL_DEVICE_LOGS_PAGE, 3,
        (const char *const[]){device, page->after[0] ? page->after : NULL, campaign}, err);
}

static bool list_logs(struct api_call *call, struct wg_error *err)
{
    static const char *const parameters[] = {"campaign", NULL};
    static const char *const columns[] = {"at", "campaign", "attempt", "text", NULL};
    static const struct api_list list = {log_rows, parameters, columns, MAY_DEVICE_READ,
                                         CURSOR_NUMBER};
    return api_name_value(call, 0, "device", err) && api_parameters(call, parameters, err) &&
           api_may_on_device(call, MAY_DEVICE_READ, call->values[0], err) &&
           api_list(call, &list, err);
}

/* ---- alarms ---- */

static bool read_cleared(const struct api_page *page, bool *out, struct wg_error *err)
{
    const char *cleared = api_page_filter(page, "cleared");
    *out = cleared && strcmp(cleared, "true") == 0;
    return !cleared || *out || strcmp(cleared, "false") == 0 ||
           wg_fail(err, WG_E_USAGE, "cleared: expected true or false, got \"%.20s\"", cleared);
}

static bool alarm_rows(struct api_page *page, struct wg_error *err)
{
    bool cleared;
    if (!read_cleared(page, &cleared, err)) return false;
    const char *const params[] = {page->after[0] ? page->after : NULL, page->scopes};
    return api_page_rows(page, cleared ? SQL_ALARM_PAGE_ALL : SQL_ALARM_PAGE, 2, params, err);
}

static bool device_alarm_rows(struct api_page *page, struct wg_error *err)
{
    bool cleared;
    if (!read_cleared(page, &cleared, err)) return false;
    const char *const params[] = {page->values[0], cleared ? "true" : "false",
                                  page->after[0] ? page->after : NULL};
    return api_page_rows(page, SQL_DEVICE_ALARM_PAGE, 3, params, err);
}

static const char *const alarm_parameters[] = {"cleared", NULL};
static const char *const alarm_columns[] = {"device",      "kind", "count",      "first_at",
                                            "last_at",     "why",  "cleared_at", "cleared_by",
                                            "cleared_why", NULL};

static bool list_alarms(struct api_call *call, struct wg_error *err)
{
    static const struct api_list list = {alarm_rows, alarm_parameters, alarm_columns,
                                         MAY_DEVICE_READ, CURSOR_PAIR};
    return api_list(call, &list, err);
}

static bool list_device_alarms(struct api_call *call, struct wg_error *err)
{
    static const struct api_list list = {device_alarm_rows, alarm_parameters, alarm_columns,
                                         MAY_DEVICE_READ, CURSOR_PAIR};
    return api_name_value(call, 0, "device", err) && api_parameters(call, alarm_parameters, err) &&
           api_may_on_device(call, MAY_DEVICE_READ, call->values[0], err) &&
           api_list(call, &list, err);
}

static const struct api_route routes[] = {
    {"GET", "/devices", "listDevices", MAY(DEVICE_READ), 0, list_devices},
    {"GET", "/devices/{id}", "getDevice", MAY(DEVICE_READ), 0, get_device},
    {"GET", "/devices/{id}/timeline", "listDeviceTimeline", MAY(DEVICE_READ), 0, list_timeline},
    {"GET", "/devices/{id}/explain", "explainDevice", MAY(DEVICE_READ), 0, explain},
    {"GET", "/devices/{id}/logs", "listDeviceLogs", MAY(DEVICE_READ), 0, list_logs},
    {"GET", "/devices/{id}/alarms", "listDeviceAlarms", MAY(DEVICE_READ), 0, list_device_alarms},
    {"GET", "/alarms", "listAlarms", MAY(DEVICE_READ), 0, list_alarms},
};
const struct api_room device_room = {routes, sizeof routes / sizeof routes[0]};
