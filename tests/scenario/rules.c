/* rules.c: each rule looks at the database in a way of its own, not by the code that it checks. */
#include "tests/scenario/rules.h"

#include "orchestrator/store/device_row.h"
#include "tests/scenario/explain.h"

#include <string.h>

static const char recount_sql[] =
    "with recount as (select campaign_id, wave, state, case when state in ('succeeded', 'failed', "
    "'rolled-back', 'silent', 'withdrawn', 'superseded', 'satisfied') then cause else '' end as "
    "cause, count(*) as devices from place group by 1, 2, 3, 4), kept as (select * from wave_count "
    "where devices <> 0) select coalesce(string_agg(concat_ws(' ', wave, state, cause, devices), "
    "', '), '') from ((table recount except table kept) union all (table kept except table "
    "recount)) x";

/* In hand with the value, in any campaign, and silent ones that were not heard since. */
static const char cap_sql[] =
    "select count(*) from place q join device d on d.id = q.device_id where d.attributes ->> $1 = "
    "(select m.attributes ->> $1 from device m where m.id = $2) and (q.state in ('offered', "
    "'accepted', 'deferred', 'downloading', 'installing', 'rebooting', 'probation') or (q.state = "
    "'silent' and d.seen_at <= q.state_at))";

static bool counters_hold(struct scene *scene)
{
    struct wg_error err = {0};
    char differ[256] = "";
    PGresult *rows = db_query_text(scene->db, recount_sql, 0, NULL, &err);
    if (!rows) return scene_fail_error(scene, NULL, &err);
    db_copy(rows, 0, 0, differ, sizeof differ);
    PQclear(rows);
    return !differ[0] || scene_fail(scene, NULL, "counters differ from a recount: %s", differ);
}

static bool finished_stay(struct scene *scene)
{
    const struct book_page *before = &scene->books.before;
    for (size_t i = 0; i < before->count; i++) {
        const struct book_place *old = &before->places[i];
        char from[64], to[64];
        if (!wg_state_is_final(old->state)) continue;
        const struct book_place *now = book_place(&scene->books.now, old->campaign, old->device);
        if (!now || (now->state == old->state && now->cause == old->cause &&
                     now->state_at == old->state_at && now->attempt == old->attempt))
            continue;
        book_place_words(old, from);
        book_place_words(now, to);
        return scene_fail(scene, NULL, "%s had finished (%s) and is %s now", old->device, from, to);
    }
    return true;
}

static const struct policy *policy_of(struct scene *scene, size_t campaign)
{
    struct wg_error err = {0};
    const struct book_campaign *row = &scene->books.now.campaigns[campaign];
    const struct policy *policy = orchestrator_policy(scene->on_duty, row->id, row->digest, &err);
    if (!policy) (void)scene_fail_error(scene, NULL, &err);
    return policy;
}

static bool harm_is_bounded(struct scene *scene, size_t campaign)
{
    const struct book_page *page = &scene->books.now;
    const struct policy *policy = policy_of(scene, campaign);
    int64_t members = 0, exposed = 0;
    if (!policy) return false;
    for (size_t i = 0; i < page->count; i++) {
        const struct book_place *place = &page->places[i];
        if (place->campaign != (int64_t)campaign) continue;
        bool fault = wg_state_is_final(place->state) && wg_cause_is_fault(place->cause);
        members++;
        exposed += wg_state_is_in_flight(place->state) || fault;
    }
    int64_t bound = policy_budget_tolerates(&policy->budget, members) + policy->in_flight;
    int64_t *most = &scene->books.bounds[campaign];
    if (bound > *most) *most = bound;
    return exposed <= *most ||
           scene_fail(scene, NULL, "%s: %lld devices failed or are in flight, %lld at most may be",
                      page->campaigns[campaign].name, (long long)exposed, (long long)*most);
}

static bool caps_hold(struct scene *scene, const struct policy *policy,
                      const struct book_place *place)
{
    for (size_t i = 0; i < policy->per_count; i++) {
        struct wg_error err = {0};
        const char *const params[] = {policy->per[i].attribute, place->device};
        PGresult *rows = db_query_text(scene->db, cap_sql, 2, params, &err);
        if (!rows) return scene_fail_error(scene, NULL, &err);
        int64_t count = db_int(rows, 0, 0);
        PQclear(rows);
        if (count > policy->per[i].most)
            return scene_fail(scene, NULL, "%s was offered the update with %lld of its %s in hand",
                              place->device, (long long)count, policy->per[i].attribute);
    }
    return true;
}

static bool window_is_open(struct scene *scene, const struct policy *policy,
                           const struct book_place *place)
{
    struct wg_error err = {0};
    const struct machine *machine = fleet_find(&scene->fleet, place->device);
    const struct wg_windows *windows = &policy->window;
    char zone[WG_ZONE_MAX + 1] = "";
    if (windows->count == 0 || policy->emergency.length > 0 || !machine) return true;
    if (windows->kind == WG_WINDOW_SITE) {
        if (!device_row_site_zone(scene->db, place->device, zone, &err))
            return scene_fail_error(scene, NULL, &err);
    } else {
        (void)wg_copy(zone, sizeof zone,
                      windows->kind == WG_WINDOW_NAMED ? windows->zone : machine->zone);
    }
    const struct wg_tz *tz = zone[0] ? zone_files_get(scene->zones, zone, NULL) : NULL;
    return (tz && wg_windows_open(windows, tz, scene->now)) ||
           scene_fail(scene, NULL, "%s was offered the update outside of its window (zone \"%s\")",
                      place->device, zone);
}

static bool offer_was_right(struct scene *scene, const struct book_place *place)
{
    const struct book_campaign *row = &scene->books.now.campaigns[place->campaign];
    const struct book_place *old = book_place(&scene->books.before, place->campaign, place->device);
    if (place->state != WG_OFFERED || (old && old->state == WG_OFFERED)) return true;
    const struct policy *policy = policy_of(scene, (size_t)place->campaign);
    if (!policy) return false;
    if (strcmp(row->state, "running") != 0)
        return scene_fail(scene, NULL, "%s was offered the update of %s, which is %s",
                          place->device, row->name, row->state);
    return caps_hold(scene, policy, place) && window_is_open(scene, policy, place);
}

bool rules_check(struct scene *scene)
{
    struct wg_error err = {0};
    if (!books_turn(&scene->books, scene->db, &err)) return scene_fail_error(scene, NULL, &err);
    if (!counters_hold(scene) || !finished_stay(scene)) return false;
    for (size_t i = 0; i < scene->books.now.campaign_count; i++)
        if (!harm_is_bounded(scene, i)) return false;
    for (size_t i = 0; i < scene->books.now.count; i++)
        if (!offer_was_right(scene, &scene->books.now.places[i])) return false;
    return true;
}

bool rules_check_end(struct scene *scene)
{
    const struct book_page *page = &scene->books.now;
    for (size_t i = 0; i < page->count; i++) {
        const struct book_place *place = &page->places[i];
        struct explanation why;
        if (wg_state_is_final(place->state)) continue;
        if (!explain(scene, page->campaigns[place->campaign].name, place->device, &why))
            return false;
        if (!why.text[0])
            return scene_fail(scene, NULL, "%s has neither ended nor an explanation",
                              place->device);
    }
    return true;
}
