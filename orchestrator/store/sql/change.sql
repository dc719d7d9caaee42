-- Changes (migrations/023_change.sql). Of a batch of reports: its devices, a row each, or one for all of them.
-- name: change_devices
insert into change (kind, subject)
select 'device', d from unnest($1::text[]) d where cardinality($1::text[]) <= $2::int
union all
select 'device', null where cardinality($1::text[]) > $2::int;

-- name: change_page
select xid, id, wg_ms(at), kind, coalesce(subject, ''), coalesce(audit, 0)
from change
where (xid, id) > ($1::text::xid8, $2::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
order by xid, id limit $3::bigint;

-- Newest first.
-- name: change_newest
select xid, id, wg_ms(at), kind, coalesce(subject, ''), coalesce(audit, 0)
from change where xid < pg_snapshot_xmin(pg_current_snapshot())
order by xid desc, id desc limit $1::bigint;

-- Some of the oldest, if they are old; what webhooks have not got yet stays for a day; the newest stay, so that who has seen the last change finds it again in a fleet where
-- nothing happens.
-- name: change_sweep
with kept as (
    select xid, id from change order by xid desc, id desc offset $2::bigint limit 1
), old as (
    select xid, id, at from change order by xid, id limit $3::bigint for update skip locked
)
delete from change c using old, kept
where c.xid = old.xid and c.id = old.id and old.at < now() - $1::bigint * interval '1 millisecond'
  and (old.xid, old.id) <= (kept.xid, kept.id)
  and (old.at < now() - interval '1 day' or not exists (
           select from webhook_sender s where (s.xid, s.id) < (old.xid, old.id) and exists (select from webhook where enabled)));

-- Nobody looks back so far: who has not looked for ten minutes looks at all devices.
-- name: change_sweep_software
delete from software_change
where ctid = any(array(select ctid from software_change where at < now() - interval '1 hour' order by at limit $1::bigint));

-- Which of these devices are within the scopes.
-- name: change_inside
select d.id from device d where d.id = any($1::text[]) and wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model);
