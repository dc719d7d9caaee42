/* people_routes.c: people and what they may: added, changed, let in again, removed. */
#include "orchestrator/api/list.h"
#include "orchestrator/api/rooms.h"

#include "orchestrator/api/moment.h"
#include "orchestrator/store/person_row.h"

#include <stdlib.h>
#include <string.h>

static json_t *person_json(const struct person_row *row, wg_time now)
{
    wg_time locked = row->locked_until > now ? row->locked_until : 0;
    return json_pack("{s:s,s:o,s:b,s:b,s:b,s:b,s:b,s:o,s:o,s:o,s:o}", "name", row->name, "grants",
                     grants_json(&row->grants), "password", row->has_password, "second_factor",
                     row->has_second_factor, "openid", row->has_openid, "disabled",
                     row->disabled_at != 0, "invited", row->invited_until > now, "locked_until",
                     moment_json(locked), "seen_at", moment_json(row->signed_in_at), "made_at",
                     moment_json(row->made_at), "changed_at", moment_json(row->changed_at));
}

static bool take(void *ctx, const struct person_row *row, struct wg_error *err)
{
    struct api_page *page = ctx;
    if (json_array_append_new(page->items, person_json(row, page->now)) != 0)
        return wg_fail_memory(err, "a list");
    api_page_next(page, json_array_size(page->items), row->name);
    return true;
}

static bool person_rows(struct api_page *page, struct wg_error *err)
{
    return person_row_each(page->db, page->after, page->limit, take, page, err);
}

static bool list_people(struct api_call *call, struct wg_error *err)
{
    static const char *const columns[] = {"name",    "grants",   "password",   "second_factor",
                                          "openid",  "disabled", "invited",    "locked_until",
                                          "seen_at", "made_at",  "changed_at", NULL};
    static const struct api_list list = {person_rows, NULL, columns, MAY_PEOPLE_READ, CURSOR_NAME};
    return api_list(call, &list, err);
}

static bool answer_person(struct api_call *call, const char *name, struct wg_error *err)
{
    struct person_row *row = malloc(sizeof *row);
    if (!row) return wg_fail_memory(err, "a person");
    bool ok = person_row_get(call->db, name, row, err) &&
              api_json_versioned(call, person_json(row, call->now), row->version, err);
    free(row);
    return ok;
}

static bool get_person(struct api_call *call, struct wg_error *err)
{
    return api_parameters(call, NULL, err) && api_name_value(call, 0, "person", err) &&
           answer_person(call, call->values[0], err);
}

static bool add(struct api_call *call, const char *name, struct grants *grants,
                struct wg_error *err)
{
    return grants_read(json_object_get(call->body, "grants"), grants, err) &&
           person_row_add(call->db, call->who, name, grants, NULL, call->now, err) &&
           answer_person(call, name, err);
}

static bool add_person(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"name", "grants", NULL};
    char name[WG_NAME_MAX + 1];
    if (!api_parameters(call, NULL, err) || !wg_json_only_keys(call->body, keys, err) ||
        !wg_json_text(call->body, "name", name, sizeof name, err))
        return false;
    struct grants *grants = malloc(sizeof *grants);
    bool ok = grants ? add(call, name, grants, err) : wg_fail_memory(err, "a person");
    free(grants);
    return ok;
}

/* What the version was that If-Match means; 0: any. */
static bool read_version(struct api_call *call, int64_t *version, struct wg_error *err)
{
    *version = 0;
    if (!api_name_value(call, 0, "person", err)) return false;
    if (!http_request_header(call->request, "If-Match")) return true;
    struct person_row *row = malloc(sizeof *row);
    if (!row) return wg_fail_memory(err, "a person");
    bool ok = person_row_get(call->db, call->values[0], row, err) &&
              api_if_match(call, row->version, err);
    *version = ok ? row->version : 0;
    free(row);
    return ok;
}

/* Between the look and the lock somebody else was first. */
static bool as_stale(struct api_call *call, bool ok, bool stale, struct wg_error *err)
{
    if (ok || !stale) return ok;
    *err = (struct wg_error){0};
    return api_problem(call, 412, "stale", NULL, err,
                       "it was changed since you read it: read it again");
}

static bool read_truth(const struct api_call *call, const char *key, enum person_set *out,
                       struct wg_error *err)
{
    bool value = false;
    *out = PERSON_KEEP;
    if (!json_object_get(call->body, key)) return true;
    if (!wg_json_bool(call->body, key, &value, err)) return false;
    *out = value ? PERSON_YES : PERSON_NO;
    return true;
}

/* A password is taken away, and never set, by others. */
static bool read_change(const struct api_call *call, struct person_change *change,
                        struct grants *grants, struct wg_error *err)
{
    static const char *const keys[] = {"grants",        "disabled", "unlock", "password",
                                       "second_factor", "openid",   NULL};
    enum person_set unlock, password, factor, openid;
    const json_t *list = json_object_get(call->body, "grants");
    if (!wg_json_only_keys(call->body, keys, err) || (list && !grants_read(list, grants, err)) ||
        !read_truth(call, "disabled", &change->disabled, err) ||
        !read_truth(call, "unlock", &unlock, err) ||
        !read_truth(call, "password", &password, err) ||
        !read_truth(call, "second_factor", &factor, err) ||
        !read_truth(call, "openid", &openid, err))
        return false;
    if (password == PERSON_YES || factor == PERSON_YES || openid == PERSON_YES ||
        unlock == PERSON_NO)
        return wg_fail(err, WG_E_USAGE,
                       "password, second_factor and openid can only be false here, unlock only "
                       "true: each sets their own");
    if (json_object_size(call->body) == 0)
        return wg_fail(err, WG_E_USAGE,
                       "expected some of grants, disabled, unlock, password, second_factor, "
                       "openid");
    change->grants = list ? grants : NULL;
    change->unlock = unlock == PERSON_YES;
    change->drop_password = password == PERSON_NO;
    change->drop_second_factor = factor == PERSON_NO;
    change->drop_openid = openid == PERSON_NO;
    return true;
}

static bool change(struct api_call *call, struct grants *grants, struct wg_error *err)
{
    bool stale = false;
    struct person_change to = {0};
    const char *name = call->values[0];
    if (!read_change(call, &to, grants, err) || !read_version(call, &to.version, err)) return false;
    bool ok = person_row_change(call->db, call->who, name, &to, call->now, &stale, err);
    return as_stale(call, ok, stale, err) && answer_person(call, name, err);
}

static bool change_person(struct api_call *call, struct wg_error *err)
{
    if (!api_parameters(call, NULL, err)) return false;
    struct grants *grants = malloc(sizeof *grants);
    bool ok = grants ? change(call, grants, err) : wg_fail_memory(err, "a person");
    free(grants);
    return ok;
}

static bool delete_person(struct api_call *call, struct wg_error *err)
{
    bool stale = false;
    int64_t version;
    if (!api_parameters(call, NULL, err) || !read_version(call, &version, err)) return false;
    bool ok = person_row_delete(call->db, call->who, call->values[0], version, &stale, err);
    return as_stale(call, ok, stale, err);
}

static const struct api_route routes[] = {
    {"GET", "/people", "listPeople", MAY(PEOPLE_READ), 0, list_people},
    {"POST", "/people", "addPerson", MAY(PEOPLE_MANAGE), API_BODY, add_person},
    {"GET", "/people/{name}", "getPerson", MAY(PEOPLE_READ), 0, get_person},
    {"PATCH", "/people/{name}", "changePerson", MAY(PEOPLE_MANAGE), API_BODY, change_person},
    {"DELETE", "/people/{name}", "deletePerson", MAY(PEOPLE_MANAGE), 0, delete_person},
};
const struct api_room people_room = {routes, sizeof routes / sizeof routes[0]};
