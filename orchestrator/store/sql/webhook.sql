-- Webhooks (migrations/023_change.sql). Secrets are read by webhook_due alone.
-- name: webhook_page
select jsonb_build_object('id', w.id, 'name', w.name, 'url', w.url, 'kinds', w.kinds, 'enabled', w.enabled,
                          'made_at', wg_text(w.made_at), 'made_by', w.made_by, 'changed_at', wg_text(w.changed_at),
                          'version', w.version,
                          'pending', (select count(*) from webhook_event e where e.webhook_id = w.id and e.dead_at is null),
                          'dead', (select count(*) from webhook_event e where e.webhook_id = w.id and e.dead_at is not null),
                          'failure', coalesce((select e.failure from webhook_event e where e.webhook_id = w.id and e.failure <> ''
                                               order by e.next_at desc limit 1), ''))::text, w.id
from webhook w where ($1::bigint is null or w.id > $1::bigint) and ($2::bigint is null or w.id = $2::bigint)
order by w.id limit $3::bigint;

-- name: webhook_add
insert into webhook (name, url, kinds, secret, enabled, made_by)
values ($1::text, $2::text, $3::text[], $4::text, $5::boolean, $6::text) returning id;

-- Null stays as it was. No row: it is gone, or another version.
-- name: webhook_change
update webhook set name = coalesce($3::text, name), url = coalesce($4::text, url), kinds = coalesce($5::text[], kinds),
                   secret = coalesce($6::text, secret), enabled = coalesce($7::boolean, enabled), version = version + 1,
                   changed_at = now()
where id = $1::bigint and version = $2::bigint returning name;

-- name: webhook_delete
delete from webhook where id = $1::bigint returning name;

-- An event of its own, for this webhook alone.
-- name: webhook_try
with made as (
    select w.id, pg_current_xact_id() as xid, w.url from webhook w where w.id = $1::bigint
)
insert into webhook_event (webhook_id, xid, id, subject, body)
select id, xid, 0, 'test', jsonb_build_object(
    'specversion', '1.0', 'id', xid || '-0', 'source', $2::text, 'type', 'wavegate.test', 'subject', 'test', 'time', wg_text(now()),
    'datacontenttype', 'application/json', 'data', jsonb_build_object('id', xid || '-0', 'kind', 'test', 'asked_by', $3::text))::text
from made returning xid || '-0';

-- The cursor is "XID.ID".
-- name: webhook_dead_page
select jsonb_build_object('event', e.xid || '-' || e.id, 'made_at', wg_text(e.made_at), 'dead_at', wg_text(e.dead_at),
                          'attempts', e.attempts, 'failure', e.failure, 'body', e.body::jsonb)::text, e.xid || '.' || e.id
from webhook_event e
where e.webhook_id = $1::bigint and e.dead_at is not null
  and ($2::text is null or (e.xid, e.id) > (split_part($2::text, '.', 1)::xid8, split_part($2::text, '.', 2)::bigint))
order by e.xid, e.id limit $3::bigint;

-- name: webhook_again
update webhook_event set dead_at = null, attempts = 0, since = now(), next_at = now(), failure = ''
where webhook_id = $1::bigint and xid = $2::text::xid8 and id = $3::bigint and dead_at is not null;

-- ---- sending ----

-- name: webhook_lead
update webhook_sender set holder = $1::text, until = now() + $2::bigint * interval '1 millisecond'
where (holder = $1::text or until < now()) and exists (select from webhook) returning 1;

-- name: webhook_yield
update webhook_sender set until = '-infinity' where holder = $1::text;

-- Changes become events of each webhook that wants them, and the place moves on, at once or not at all. Many devices of one
-- look are one event.
-- name: webhook_spread
with batch as (
    select c.* from change c, webhook_sender s
    where (c.xid, c.id) > (s.xid, s.id) and c.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by c.xid, c.id limit 2000
), many as (
    select count(*) > 50 as many from batch where kind = 'device'
), told as (
    select distinct on (b.kind, case when b.kind = 'device' and many.many then null else b.subject end, b.audit)
           b.xid, b.id, b.at, b.kind, b.audit, case when b.kind = 'device' and many.many then null else b.subject end as subject
    from batch b, many
    order by b.kind, case when b.kind = 'device' and many.many then null else b.subject end, b.audit, b.xid, b.id
), made as (
    insert into webhook_event (webhook_id, xid, id, subject, body)
    select w.id, t.xid, t.id, coalesce(t.subject, ''), jsonb_strip_nulls(jsonb_build_object(
        'specversion', '1.0', 'id', t.xid || '-' || t.id, 'source', $1::text, 'type', 'wavegate.' || t.kind, 'subject', t.subject,
        'time', wg_text(t.at), 'datacontenttype', 'application/json', 'data', jsonb_build_object(
            'id', t.xid || '-' || t.id, 'at', wg_text(t.at), 'kind', t.kind, 'subject', t.subject,
            'audit', a.number, 'what', a.kind, 'actor', a.actor, 'detail', a.detail)))::text
    from told t join webhook w on w.enabled and t.kind = any(w.kinds) and t.at >= w.made_at
    left join audit a on a.number = t.audit
), moved as (
    update webhook_sender s set xid = l.xid, id = l.id
    from (select xid, id from batch order by xid desc, id desc limit 1) l
)
select count(*) from batch;

-- Taken for so long: who dies meanwhile leaves them to others. One of a subject at a time, the oldest; of a webhook so many.
-- name: webhook_due
with due as (
    select e.webhook_id, e.xid, e.id, row_number() over (partition by e.webhook_id order by e.next_at, e.xid, e.id) as turn
    from webhook_event e join webhook w on w.id = e.webhook_id and w.enabled
    where e.dead_at is null and e.next_at <= now() and e.webhook_id <> all($1::bigint[])
      and not exists (select from webhook_event b where b.webhook_id = e.webhook_id and b.subject = e.subject
                      and b.dead_at is null and (b.xid, b.id) < (e.xid, e.id))
)
update webhook_event e set next_at = now() + $2::bigint * interval '1 millisecond', attempts = e.attempts + 1
from (select * from due where turn <= $3::bigint order by turn limit $4::bigint) d join webhook w on w.id = d.webhook_id
where e.webhook_id = d.webhook_id and e.xid = d.xid and e.id = d.id
returning e.webhook_id, e.xid, e.id, w.url, w.secret, e.body, e.attempts, w.name;

-- name: webhook_taken
delete from webhook_event where webhook_id = $1::bigint and xid = $2::text::xid8 and id = $3::bigint;

-- name: webhook_failed
update webhook_event
set failure = $4::text, next_at = now() + $5::bigint * interval '1 millisecond',
    dead_at = case when since + $6::bigint * interval '1 millisecond' < now() then now() end
where webhook_id = $1::bigint and xid = $2::text::xid8 and id = $3::bigint returning dead_at is not null;

-- What was given up is kept for thirty days.
-- name: webhook_sweep
delete from webhook_event where dead_at < now() - interval '30 days';
