-- Somebody else may have asked before: then both have. What is told from now on holds both statements.
-- name: erasure_ask
insert into erasure (device_id, asked_at, asked_by, reason, statements)
values ($1::text, wg_at($2::bigint), $3::text, $4::text, jsonb_build_object($3::text, $5::text))
on conflict (device_id) where done_at is null and dropped_at is null do update
set asked_at = excluded.asked_at, asked_by = excluded.asked_by, reason = excluded.reason,
    statements = erasure.statements || excluded.statements, sent_at = null, refusal = ''
returning (select count(*) from jsonb_object_keys(statements));

-- name: erasure_drop
update erasure set dropped_at = wg_at($2::bigint) where device_id = $1::text and done_at is null and dropped_at is null;

-- As order_take. Each time under a new counter: what entitles it may have grown, and the device may have used up the one
-- before.
-- name: erasure_take_due
with due as (
    select e.id, e.device_id, d.boot as boot_now
    from erasure e join device d on d.id = e.device_id and d.online
    where e.done_at is null and e.dropped_at is null
      and (e.sent_at is null or e.boot <> d.boot or e.sent_at <= wg_at($1::bigint - $2::bigint))
    order by e.device_id limit $4::bigint
    for no key update of d, e skip locked
), bumped as (
    update device d set order_counter = d.order_counter + 1 from due where d.id = due.device_id
    returning d.id, d.order_counter
)
update erasure e
set counter = b.order_counter, boot = due.boot_now, issued_at = wg_at($1::bigint), expires_at = wg_at($1::bigint + $3::bigint),
    sent_at = wg_at($1::bigint), sends = e.sends + 1
from due join bumped b on b.id = due.device_id
where e.id = due.id
returning e.id, e.device_id, e.counter, e.boot, wg_ms(e.issued_at), wg_ms(e.expires_at),
          (select json_agg(value) from jsonb_each_text(e.statements))::text;

-- Why it was not signed; '' it was, and went out.
-- name: erasure_signed
update erasure
set refusal = $2::text, told_at = case when $2::text = '' then coalesce(told_at, wg_at($3::bigint)) else told_at end
where id = $1::uuid;

-- What devices say of it that were told.
-- name: erasure_heard
update erasure e
set started_at = coalesce(e.started_at, wg_at(u.at)), done_at = case when u.done then wg_at(u.at) end
from unnest($1::text[], $2::boolean[], $3::bigint[]) as u(device_id, done, at)
where e.device_id = u.device_id and e.done_at is null and e.dropped_at is null and e.told_at is not null
  and (u.done or e.started_at is null);

-- The newest of a device.
-- name: erasure_get
select wg_ms(asked_at), asked_by, reason, refusal, coalesce(wg_ms(told_at), 0), coalesce(wg_ms(started_at), 0),
       coalesce(wg_ms(done_at), 0), coalesce(wg_ms(dropped_at), 0), (select count(*) from jsonb_object_keys(statements))
from erasure where device_id = $1::text order by asked_at desc limit 1;
