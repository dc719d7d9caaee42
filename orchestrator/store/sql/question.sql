-- Questions of devices: what there is for them.

-- name: question_ask
insert into device_question as q (device_id, boot, link, ask, asked_at)
select device_id, boot, link, ask, wg_at($5::bigint)
from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) as u(device_id, boot, link, ask)
order by device_id
on conflict (device_id) do update
set instance = default, boot = excluded.boot, link = excluded.link, ask = excluded.ask, asked_at = excluded.asked_at,
    seen = '{}', later = false;

-- name: question_any
select exists (select 1 from device_question);

-- Those that the campaign has not looked at.
-- name: question_open
select device_id, instance from device_question where not $1::bigint = any(seen) order by asked_at, device_id limit $2::bigint;

-- The ticker holds what intake may want, so it waits for none of them: the next look comes soon. Here and below they are held
-- once (any(array(..))): to a planner that has counted none, they may as well be held anew for each.
-- name: question_seen
update device_question q
set seen = q.seen || $1::bigint,
    later = q.later or (q.instance = any($3::bigint[])
                        and not exists (select 1 from place p where p.campaign_id = $1::bigint and p.device_id = q.device_id))
where q.device_id = any(array(select device_id from device_question where instance = any($2::bigint[]) for update skip locked))
  and q.instance = any($2::bigint[]);

-- A campaign that cannot be looked at has seen them all: what it has for them they hear later.
-- name: question_pass
update device_question set seen = seen || $1::bigint, later = true
where device_id = any(array(select device_id from device_question where not $1::bigint = any(seen) for update skip locked))
  and not $1::bigint = any(seen);

-- Those that every campaign under way has looked at. Order and word are those of an acknowledgement.
-- name: question_answer
with done as (
    delete from device_question
    where device_id = any(array(
        select q.device_id from device_question q
        where not exists (select 1 from campaign c
                          where c.state in ('awaiting-approval', 'scheduled', 'running', 'paused', 'stopping')
                            and not c.id = any(q.seen))
        order by q.asked_at, q.device_id limit $2::bigint for update skip locked))
    returning device_id, boot, link, ask, later
), under_way as materialized (
    select id, state, open_zones, open_by_site
    from campaign where state in ('awaiting-approval', 'scheduled', 'running', 'paused', 'stopping')
)
select d.id, d.journal, d.report_seq,
       coalesce((select q.order_id::text from place q where q.device_id = d.id and q.order_id is not null
                   and (q.in_hand
                        or (q.state is not distinct from 'waiting' and q.cause in ('offline', 'deferred')))
                 order by q.state = 'waiting', q.state_at desc, q.campaign_id limit 1), ''),
       coalesce((select q.state in ('rebooting', 'probation') from place q where q.device_id = d.id and q.in_hand), false),
       true, done.link, done.boot, d.broker, done.ask,
       case when (select true from place q where q.device_id = d.id and q.in_hand)
            then 'soon'
            when d.revoked_at is not null or d.quarantined_at is not null then 'later'
            when exists (select 1 from place q
                         join under_way c on c.id = q.campaign_id and c.state = 'running'
                         where q.device_id = d.id and q.state is not distinct from 'waiting'
                           and (q.retry_at is null or q.retry_at <= wg_at($1::bigint))
                           and (select w.state from wave w where w.campaign_id = q.campaign_id and w.number = q.wave) = 'open'
                           and (c.open_zones is null
                                or case when c.open_by_site then wg_site_zone(d) else d.zone end = any(c.open_zones)))
            then 'soon'
            when done.later
                 or exists (select 1 from place q join under_way c on c.id = q.campaign_id
                            where q.device_id = d.id and q.state is not distinct from 'waiting')
            then 'later' else 'none' end
from done join device d on d.id = done.device_id order by d.id;
