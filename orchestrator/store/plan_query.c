/* plan_query.c: a compiled target as statements.
 *
 * Who is left out is counted in one pass: a case whose first true branch is the reason, so that a
 * device costs no more than the clauses up to the one that rejects it. Who matches is asked for as
 * a conjunction, so that the planner may begin with whichever index is best. */
#include "orchestrator/store/plan_query.h"

#include <stdio.h>
#include <stdlib.h>

#define OWN_PARAMS 11 /* plan_params_init gives 7, plan_query_join asks for 4 more */

bool plan_params_init(struct plan_params *params, const struct plan_query *query,
                      struct wg_error *err)
{
    *params = (struct plan_params){.count = query->param_count};
    params->items = calloc(query->param_count + OWN_PARAMS, sizeof(*params->items));
    if (!params->items) return wg_fail_memory(err, "planning");
    for (size_t i = 0; i < query->param_count; i++) params->items[i] = query->params[i];
    (void)snprintf(params->revises_text, sizeof params->revises_text, "%lld",
                   (long long)query->revises);
    (void)snprintf(params->kept_text, sizeof params->kept_text, "%zu", query->kept_waves);
    params->component = plan_params_add(params, query->component);
    params->version = plan_params_add(params, query->version);
    params->hardware = plan_params_add(params, query->hardware_model);
    params->seed = plan_params_add(params, query->seed);
    params->excludes = plan_params_add(params, query->excludes);
    params->revises = plan_params_add(params, params->revises_text);
    params->kept = plan_params_add(params, params->kept_text);
    return true;
}

size_t plan_params_add(struct plan_params *params, const char *text)
{
    params->items[params->count++] = text;
    return params->count;
}

void plan_params_clear(struct plan_params *params)
{
    free(params->items);
    *params = (struct plan_params){0};
}

static void is_excluded(const struct plan_params *params, struct wg_buf *sql)
{
    wg_buf_printf(sql,
                  "exists (select 1 from place q join campaign c on c.id = q.campaign_id where "
                  "q.device_id = d.id and c.name = any($%zu::text[]))",
                  params->excludes);
}

static void not_kept(const struct plan_query *query, const struct plan_params *params,
                     struct wg_buf *sql)
{
    if (!query->kept_waves) return;
    wg_buf_printf(sql,
                  " and not exists (select 1 from place k where k.device_id = d.id and "
                  "k.campaign_id = $%zu::bigint and k.wave < $%zu::int)",
                  params->revises, params->kept);
}

static void passes(const struct plan_query *query, size_t clauses, struct wg_buf *sql)
{
    for (size_t i = 0; i < clauses; i++) wg_buf_printf(sql, " and (%s)", query->clauses[i]);
}

static void from_devices(const struct plan_params *params, struct wg_buf *sql)
{
    wg_buf_printf(sql,
                  " from device d left join device_software r on r.device_id = d.id and "
                  "r.component = $%zu::text where true",
                  params->component);
}

size_t plan_query_counted(const struct plan_query *query)
{
    return query->clause_count >= 3 ? query->clause_count - 1 : query->clause_count;
}

static void count_passing(const struct plan_query *query, const struct plan_params *params,
                          size_t clauses, struct wg_buf *sql)
{
    wg_buf_text(sql, "select count(*) from device d where true");
    not_kept(query, params, sql);
    passes(query, clauses, sql);
}

void plan_query_passing(const struct plan_query *query, const struct plan_params *params,
                        size_t clauses, struct wg_buf *sql)
{
    if (clauses == 1 && query->clause_joined[0] && !query->kept_waves)
        wg_buf_printf(sql,
                      "select count(*) from device_software r where r.component = $%zu::text and "
                      "(%s)",
                      params->component, query->clause_joined[0]);
    else
        count_passing(query, params, clauses, sql);
}

void plan_query_no_position(const struct plan_query *query, const struct plan_params *params,
                            size_t clause, struct wg_buf *sql)
{
    count_passing(query, params, clause, sql);
    wg_buf_printf(sql, " and d.position is null and (%s) is null", query->clauses[clause]);
}

void plan_query_on_release(const struct plan_query *query, const struct plan_params *params,
                           size_t clause, struct wg_buf *sql)
{
    count_passing(query, params, clause, sql);
    wg_buf_printf(sql,
                  " and d.id in (select s.device_id from device_software s where s.component = "
                  "$%zu::text and s.version = $%zu::text)",
                  params->component, params->version);
}

/* Of a device that every clause lets pass. */
static void add_own_reasons(const struct plan_query *query, const struct plan_params *params,
                            struct wg_buf *sql)
{
    wg_buf_printf(
        sql,
        " when d.revoked_at is not null then %d when d.quarantined_at is not null then %d "
        "when r.version = $%zu::text then %d when "
        "$%zu::text <> '' and d.hardware_model <> $%zu::text then %d",
        PLAN_REVOKED, PLAN_QUARANTINED, params->version, PLAN_ON_RELEASE, params->hardware,
        params->hardware, PLAN_INCOMPATIBLE);
    if (query->path)
        wg_buf_printf(sql, " when (r.version is not null%s) is not true then %d", query->path,
                      PLAN_NO_PATH);
    for (size_t i = 0; i < query->fit_count; i++)
        wg_buf_printf(sql, " when (%s) is not true then %zu", query->fits[i], PLAN_UNFIT + i);
    if (query->excludes) {
        wg_buf_text(sql, " when ");
        is_excluded(params, sql);
        wg_buf_printf(sql, " then %d", PLAN_EXCLUDED);
    }
    for (size_t i = query->kept_waves; i < query->wave_count; i++)
        if (query->wave_conditions[i])
            wg_buf_printf(sql, " when (%s) then %zu", query->wave_conditions[i], PLAN_LISTED + i);
}

static void add_clause(const struct plan_query *query, const struct plan_params *params, size_t i,
                       struct wg_buf *sql)
{
    const char *clause = query->clauses[i];
    wg_buf_printf(sql, " when (%s) is not true then ", clause);
    if (query->clause_places[i])
        wg_buf_printf(sql, "case when d.position is null and (%s) is null then %d else %zu end",
                      clause, PLAN_NO_POSITION, i);
    else if (query->clause_release[i])
        wg_buf_printf(sql, "case when r.version = $%zu::text then %d else %zu end", params->version,
                      PLAN_ON_RELEASE, i);
    else
        wg_buf_printf(sql, "%zu", i);
}

static void add_code(const struct plan_query *query, const struct plan_params *params,
                     struct wg_buf *sql)
{
    wg_buf_text(sql, "case");
    for (size_t i = 0; i < query->clause_count; i++) add_clause(query, params, i, sql);
    add_own_reasons(query, params, sql);
    wg_buf_printf(sql, " else %d end", PLAN_MATCHED);
}

void plan_query_left_out(const struct plan_query *query, const struct plan_params *params,
                         size_t limit, struct wg_buf *sql)
{
    /* "offset 0" keeps the code from being worked out again for every mention of it */
    wg_buf_text(sql, "select id, code from (select d.id, ");
    add_code(query, params, sql);
    wg_buf_text(sql, " as code");
    from_devices(params, sql);
    not_kept(query, params, sql);
    wg_buf_printf(sql,
                  " offset 0) q where code between 0 and %d union all select id, %d from "
                  "plan_candidate where code = %d and id not in (select id from plan_device) "
                  "order by id limit $%zu::bigint",
                  PLAN_LISTED - 1, PLAN_MATCHED, PLAN_MATCHED, limit);
}

void plan_query_one(const struct plan_query *query, const struct plan_params *params, size_t device,
                    struct wg_buf *sql)
{
    wg_buf_text(sql, "select ");
    add_code(query, params, sql);
    from_devices(params, sql);
    wg_buf_printf(sql, " and d.id = $%zu::text", device);
}

void plan_query_strays(const struct plan_query *query, const struct plan_params *params, size_t ids,
                       struct wg_buf *sql)
{
    wg_buf_printf(sql,
                  "select u.id, coalesce(q.code, %d) from unnest($%zu::text[]) u(id) left join "
                  "(select d.id, ",
                  PLAN_UNREGISTERED, ids);
    add_code(query, params, sql);
    wg_buf_text(sql, " as code");
    from_devices(params, sql);
    wg_buf_printf(sql,
                  " and d.id = any($%zu::text[])) q on q.id = u.id where not exists (select 1 from "
                  "plan_candidate c where c.code >= %d and c.id = u.id) and not exists (select 1 "
                  "from plan_stay s where s.id = u.id) order by u.id collate \"C\"",
                  ids, PLAN_LISTED);
}

/* The values of all spread attributes as one text, each ended by the unit separator. */
static void add_cell(const struct plan_query *query, struct wg_buf *sql)
{
    for (size_t i = 0; i < query->spread_count; i++)
        wg_buf_printf(sql, "%s%s || E'\\x1f'", i ? " || " : "", query->spread[i]);
    if (query->spread_count == 0) wg_buf_text(sql, "''");
}

void plan_query_candidates(const struct plan_query *query, const struct plan_params *params,
                           struct wg_buf *sql)
{
    wg_buf_printf(
        sql,
        "select id, code, cell collate \"C\" as cell, row_number() over (partition by "
        "code%s order by hash) as turn, region, hardware, version, online, seen_at, placed "
        "from (select d.id, case",
        query->spread_count ? ", cell" : "");
    for (size_t i = plan_query_counted(query); i < query->clause_count; i++)
        add_clause(query, params, i, sql);
    add_own_reasons(query, params, sql);
    wg_buf_printf(sql, " else %d end as code, ", PLAN_MATCHED);
    add_cell(query, sql);
    wg_buf_printf(sql,
                  " as cell, d.region, d.hardware_model || ' ' || d.hardware_revision as hardware, "
                  "coalesce(r.version, 'unknown') as version, d.online, d.seen_at, d.position is "
                  "not null as placed, sha256(convert_to($%zu::text || d.id, 'UTF8')) as hash",
                  params->seed);
    from_devices(params, sql);
    not_kept(query, params, sql);
    for (size_t i = 0; i < plan_query_counted(query); i++)
        wg_buf_printf(sql, " and (%s)",
                      query->clause_joined[i] ? query->clause_joined[i] : query->clauses[i]);
    wg_buf_text(sql, ") m");
}

void plan_query_join(const struct plan_query *query, const struct plan_params *params, size_t wave,
                     size_t limit, size_t since, size_t devices, struct wg_buf *sql)
{
    wg_buf_printf(sql,
                  "insert into place (campaign_id, device_id, wave, rank, state, state_at) select "
                  "$%zu::bigint, d.id, $%zu::int, (select coalesce(max(k.rank), 0) from place k "
                  "where k.campaign_id = $%zu::bigint and k.wave = $%zu::int) + row_number() over "
                  "(order by d.id), 'waiting', now()",
                  params->revises, wave, params->revises, wave);
    from_devices(params, sql);
    if (since)
        wg_buf_printf(sql,
                      " and d.id in (select c.id from device c where c.changed_at >= "
                      "wg_at($%zu::bigint) union select s.device_id from software_change s where "
                      "s.at >= wg_at($%zu::bigint))",
                      since, since);
    if (devices) wg_buf_printf(sql, " and d.id = any($%zu::text[])", devices);
    passes(query, query->clause_count, sql);
    wg_buf_text(sql, " and case");
    add_own_reasons(query, params, sql);
    wg_buf_printf(sql,
                  " else %d end not between 0 and %d and not exists (select 1 from place p where "
                  "p.campaign_id = $%zu::bigint and p.device_id = d.id) order by d.id limit "
                  "$%zu::bigint",
                  PLAN_MATCHED, PLAN_LISTED - 1, params->revises, limit);
}
