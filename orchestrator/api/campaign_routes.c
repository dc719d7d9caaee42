/* campaign_routes.c: campaigns, as they stand. */
#include "orchestrator/api/list.h"
#include "orchestrator/api/rooms.h"
#include "orchestrator/api/veil.h"

#include "orchestrator/show/campaign_standing.h"
#include "orchestrator/show/failures.h"
#include "orchestrator/store/document.h"

#include <ctype.h>
#include <stdlib.h>

/* ---- all of them ---- */

static bool campaign_rows(struct api_page *page, struct wg_error *err)
{
    return api_page_rows(page, SQL_CAMPAIGN_PAGE, 3,
                         (const char *const[]){page->after[0] ? page->after : NULL,
                                               api_page_filter(page, "state"),
                                               api_page_filter(page, "q")},
                         err) &&
           veil_sentences(page->db, page->items, page->scopes, err);
}

static bool list_campaigns(struct api_call *call, struct wg_error *err)
{
    static const char *const parameters[] = {"state", "q", NULL};
    static const char *const columns[] = {
        "campaign", "state",     "cause",  "component",  "version",  "members",  "in_flight",
        "faults",   "succeeded", "author", "created_at", "priority", "revision", NULL};
    static const struct api_list list = {campaign_rows, parameters, columns, MAY_CAMPAIGN_READ,
                                         CURSOR_NUMBER};
    return api_list(call, &list, err);
}

/* ---- one ---- */

/* As who sees a part of the fleet is told of it. */
static json_t *standing_document(struct api_call *call, struct campaign_standing *standing,
                                 struct wg_error *err)
{
    struct wg_buf scopes;
    json_t *document = NULL;
    bool ok = api_scopes(call, MAY_CAMPAIGN_READ, &scopes, err) &&
              campaign_standing_init(standing, err) &&
              campaign_standing_load(standing, call->db, call->values[0],
                                     grants_scopes_param(&scopes), err) &&
              (document = campaign_standing_json(standing)) != NULL &&
              veil_sentences(call->db, document, grants_scopes_param(&scopes), err);
    wg_buf_clear(&scopes);
    if (ok) return document;
    json_decref(document);
    return NULL;
}

static bool get_campaign(struct api_call *call, struct wg_error *err)
{
    struct campaign_standing *standing = calloc(1, sizeof *standing);
    if (!standing) return wg_fail_memory(err, "a campaign");
    json_t *document = api_parameters(call, NULL, err) && api_name_value(call, 0, "campaign", err)
                           ? standing_document(call, standing, err)
                           : NULL;
    bool ok = document && api_json_versioned(call, document, standing->row.revision, err);
    campaign_standing_clear(standing);
    free(standing);
    return ok;
}

/* An empty list and a campaign that is not there are two things. */
static bool campaign_is_there(struct api_page *page, struct wg_error *err)
{
    json_t *there =
        document_get(page->db, SQL_CAMPAIGN_EXISTS, 1, (const char *const[]){page->values[0]}, err);
    json_decref(there);
    return there || wg_context(err, "campaign %s", page->values[0]);
}

static bool place_rows(struct api_page *page, struct wg_error *err)
{
    return campaign_is_there(page, err) &&
           api_page_rows(page, SQL_CAMPAIGN_PLACES, 6,
                         (const char *const[]){page->values[0], page->after,
                                               api_page_filter(page, "state"),
                                               api_page_filter(page, "wave"),
                                               api_page_filter(page, "cause"), page->scopes},
                         err);
}

static bool list_places(struct api_call *call, struct wg_error *err)
{
    static const char *const parameters[] = {"state", "wave", "cause", NULL};
    static const char *const columns[] = {"device",  "wave",  "state", "cause", "detail",
                                          "attempt", "since", "from",  NULL};
    static const struct api_list list = {place_rows, parameters, columns, MAY_CAMPAIGN_READ,
                                         CURSOR_NAME};
    return api_name_value(call, 0, "campaign", err) && api_list(call, &list, err);
}

/* Left as it is when it is not given. */
static bool count_parameter(const struct api_call *call, const char *name, size_t most, size_t *out,
                            struct wg_error *err)
{
    const char *text = api_parameter(call, name);
    char *end = NULL;
    if (!text[0]) return true;
    unsigned long count = strtoul(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end || count < 1 || count > most)
        return wg_fail(err, WG_E_USAGE, "%s: expected 1 to %zu, got \"%.20s\"", name, most, text);
    *out = count;
    return true;
}

static bool get_failures(struct api_call *call, struct wg_error *err)
{
    static const char *const parameters[] = {"wave", "groups", "examples", NULL};
    const char *wave = api_parameter(call, "wave");
    struct failures_query query = {.wave = wave[0] ? wave : NULL};
    if (!api_parameters(call, parameters, err) || !api_name_value(call, 0, "campaign", err) ||
        !count_parameter(call, "groups", FAILURES_GROUPS_MAX, &query.groups, err) ||
        !count_parameter(call, "examples", FAILURES_EXAMPLES_MAX, &query.examples, err))
        return false;
    struct wg_buf scopes;
    bool ok = api_scopes(call, MAY_CAMPAIGN_READ, &scopes, err);
    query.scopes = grants_scopes_param(&scopes);
    json_t *document = ok ? failures_document(call->db, call->values[0], &query, err) : NULL;
    wg_buf_clear(&scopes);
    return document && api_json_tagged(call, document, err);
}

static bool get_file(struct api_call *call, struct wg_error *err)
{
    struct wg_buf scopes;
    bool ok = api_scopes(call, MAY_CAMPAIGN_READ, &scopes, err) &&
              api_parameters(call, NULL, err) && api_name_value(call, 0, "campaign", err);
    const char *const params[] = {call->values[0], grants_scopes_param(&scopes)};
    json_t *document = ok ? document_get(call->db, SQL_CAMPAIGN_FILE, 2, params, err) : NULL;
    wg_buf_clear(&scopes);
    return document && api_json_tagged(call, document, err);
}

static bool history_rows(struct api_page *page, struct wg_error *err)
{
    return campaign_is_there(page, err) &&
           api_page_rows(
               page, SQL_CAMPAIGN_HISTORY, 2,
               (const char *const[]){page->values[0], page->after[0] ? page->after : NULL}, err) &&
           veil_sentences(page->db, page->items, page->scopes, err);
}

static bool list_history(struct api_call *call, struct wg_error *err)
{
    static const char *const columns[] = {"at", "revision", "actor", "kind", "from",
                                          "to", "wave",     "words", NULL};
    static const struct api_list list = {history_rows, NULL, columns, MAY_CAMPAIGN_READ,
                                         CURSOR_NUMBER};
    return api_name_value(call, 0, "campaign", err) && api_list(call, &list, err);
}

static const struct api_route routes[] = {
    {"GET", "/campaigns", "listCampaigns", MAY(CAMPAIGN_READ), 0, list_campaigns},
    {"GET", "/campaigns/{name}", "getCampaign", MAY(CAMPAIGN_READ), 0, get_campaign},
    {"GET", "/campaigns/{name}/devices", "listCampaignDevices", MAY(CAMPAIGN_READ), 0, list_places},
    {"GET", "/campaigns/{name}/failures", "getCampaignFailures", MAY(CAMPAIGN_READ), 0,
     get_failures},
    {"GET", "/campaigns/{name}/file", "getCampaignFile", MAY(CAMPAIGN_READ), 0, get_file},
    {"GET", "/campaigns/{name}/history", "listCampaignHistory", MAY(CAMPAIGN_READ), 0,
     list_history},
};
const struct api_room campaign_room = {routes, sizeof routes / sizeof routes[0]};
