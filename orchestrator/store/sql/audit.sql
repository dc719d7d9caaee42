-- name: audit_add
select wg_audit(wg_at($1::bigint), '', $2::text, $3::text, $4::jsonb, $5::jsonb, $6::jsonb,
                coalesce($7::text, current_setting('wavegate.reason', true)));

-- name: audit_refused
select wg_audit_refused($1::text, $2::text, $3::text, $4::text, $5::jsonb, $6::text);

-- What was repeated, and whose minute is over.
-- name: audit_repeated
select wg_audit_repeated() where exists (select from audit_refusal where since <= clock_timestamp() - interval '1 minute');

-- What a transaction of another isolation has told; nothing is written where nothing waits.
-- name: audit_settle
select wg_audit_settle() where exists (select from audit_told);

-- Devices that the engine took into a campaign since it was applied.
-- name: audit_joined
select wg_audit(null, 'engine', 'members', c.name, jsonb_build_object('wave', w.name, 'joined', $3::bigint, 'revision', c.revision))
from campaign c join wave w on w.campaign_id = c.id and w.number = $2::int where c.id = $1::bigint;

-- The newest that fit below a number. Whatever is asked for, no more than so many rows are looked at: those of a subject, an
-- actor or a kind by its index (asked for as pairs, so that it is this one), all others one by one; the lowest of them tells
-- where to go on. Rows stand nearly in order of time: no transaction lasts a day.
-- name: audit_find
with seen as materialized (
    select a from audit a where number >= wg_row_from($3::bigint, $2::bigint) and number < wg_row_below($4::bigint, $2::bigint)
    order by number desc limit $10::bigint
)
select s.lowest, s.looked = $10::bigint, (r.a).number, wg_ms((r.a).at), (r.a).actor, (r.a).origin, (r.a).kind, (r.a).subject,
       (r.a).detail::text, (r.a).before::text, (r.a).after::text, (r.a).why, (r.a).previous, (r.a).hash
from (select min((a).number) as lowest, count(*) as looked from seen) s
left join lateral (
    select a from seen
    where wg_row_fits(a, $3::bigint, $4::bigint, $5::text, $6::text, $7::text[], $8::text[], $9::text)
    order by (a).number desc limit $1::bigint
) r on true
order by (r.a).number desc;

-- name: audit_find_subject
with seen as materialized (
    select a from audit a where (subject, number) >= ($6::text, wg_row_from($3::bigint, $2::bigint)) and (subject, number) < ($6::text, wg_row_below($4::bigint, $2::bigint))
    order by subject desc, number desc limit $10::bigint
)
select s.lowest, s.looked = $10::bigint, (r.a).number, wg_ms((r.a).at), (r.a).actor, (r.a).origin, (r.a).kind, (r.a).subject,
       (r.a).detail::text, (r.a).before::text, (r.a).after::text, (r.a).why, (r.a).previous, (r.a).hash
from (select min((a).number) as lowest, count(*) as looked from seen) s
left join lateral (
    select a from seen
    where wg_row_fits(a, $3::bigint, $4::bigint, $5::text, $6::text, $7::text[], $8::text[], $9::text)
    order by (a).number desc limit $1::bigint
) r on true
order by (r.a).number desc;

-- name: audit_find_actor
with seen as materialized (
    select a from audit a where (actor, number) >= ($5::text, wg_row_from($3::bigint, $2::bigint)) and (actor, number) < ($5::text, wg_row_below($4::bigint, $2::bigint))
    order by actor desc, number desc limit $10::bigint
)
select s.lowest, s.looked = $10::bigint, (r.a).number, wg_ms((r.a).at), (r.a).actor, (r.a).origin, (r.a).kind, (r.a).subject,
       (r.a).detail::text, (r.a).before::text, (r.a).after::text, (r.a).why, (r.a).previous, (r.a).hash
from (select min((a).number) as lowest, count(*) as looked from seen) s
left join lateral (
    select a from seen
    where wg_row_fits(a, $3::bigint, $4::bigint, $5::text, $6::text, $7::text[], $8::text[], $9::text)
    order by (a).number desc limit $1::bigint
) r on true
order by (r.a).number desc;

-- name: audit_find_kind
with seen as materialized (
    select a from audit a where (kind, number) >= (($7::text[])[1], wg_row_from($3::bigint, $2::bigint)) and (kind, number) < (($7::text[])[1], wg_row_below($4::bigint, $2::bigint))
    order by kind desc, number desc limit $10::bigint
)
select s.lowest, s.looked = $10::bigint, (r.a).number, wg_ms((r.a).at), (r.a).actor, (r.a).origin, (r.a).kind, (r.a).subject,
       (r.a).detail::text, (r.a).before::text, (r.a).after::text, (r.a).why, (r.a).previous, (r.a).hash
from (select min((a).number) as lowest, count(*) as looked from seen) s
left join lateral (
    select a from seen
    where wg_row_fits(a, $3::bigint, $4::bigint, $5::text, $6::text, $7::text[], $8::text[], $9::text)
    order by (a).number desc limit $1::bigint
) r on true
order by (r.a).number desc;

-- name: audit_page
select number, wg_ms(at), actor, origin, kind, subject, detail::text, before::text, after::text, why, previous, hash
from audit where number > $1::bigint and number <= $2::bigint order by number limit $3::bigint;

-- The first number from a time on, and the last before a time; 0: there is none.
-- name: audit_from
select coalesce(min(number), 0) from audit
where at >= wg_at($1::bigint)
  and number >= (select a.number from audit a where a.at >= wg_at($1::bigint) - interval '1 day' order by a.at limit 1);

-- name: audit_until
select coalesce(max(number), 0) from audit
where at < wg_at($1::bigint)
  and number <= coalesce((select a.number from audit a where a.at >= wg_at($1::bigint) + interval '1 day' order by a.at limit 1),
                         9223372036854775807);

-- name: audit_last
select number, hash from audit order by number desc limit 1;

-- name: audit_hash
select number, hash from audit where number = $1::bigint;

-- Whether this login could change the log: its tables, what calls it, and what they mean by a name.
-- name: audit_protected
select not bool_or(pg_has_role(current_user, c.relowner, 'member') or has_table_privilege(c.oid, 'trigger')
                   or (c.relname like 'audit%' and has_table_privilege(c.oid, 'insert, update, delete, truncate')))
       and not bool_or(has_schema_privilege(c.relnamespace, 'create') or pg_has_role(current_user, n.nspowner, 'member')),
       current_user
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and c.relnamespace = (select relnamespace from pg_class where oid = 'audit'::regclass)
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e');
