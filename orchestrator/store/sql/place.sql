-- The places that a batch of reports is about, found by order; held in the order of device and campaign.
-- name: place_of_orders
select o.id, p.campaign_id, p.device_id, p.wave, p.state, p.cause, p.attempt, coalesce(p.order_id::text, ''),
       c.retry_attempts, c.retry_backoff, p.bytes, p.bytes_total,
       coalesce((select q.campaign_id from place q
                 where q.device_id = p.device_id and q.campaign_id <> p.campaign_id
                   and q.state in ('offered', 'accepted', 'deferred', 'downloading', 'installing', 'rebooting', 'probation')),
                0)
from (select distinct id::uuid as id, device_id from unnest($1::text[], $2::text[]) as x(id, device_id)) u
join update_order o on o.id = u.id and o.device_id = u.device_id
join place p on p.campaign_id = o.campaign_id and p.device_id = o.device_id
join campaign c on c.id = p.campaign_id
order by p.device_id, p.campaign_id
for update of p;

-- name: place_update
update place p
set state = u.state, cause = u.cause, detail = u.detail, retry_at = wg_at(u.retry_at), state_at = wg_at(u.state_at),
    bytes = u.bytes, bytes_total = u.bytes_total
from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])
     as u(campaign_id, device_id, state, cause, detail, retry_at, state_at, bytes, bytes_total)
where p.campaign_id = u.campaign_id and p.device_id = u.device_id;

-- name: place_progress
update place p set bytes = u.bytes, bytes_total = u.bytes_total
from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) as u(campaign_id, device_id, bytes, bytes_total)
where p.campaign_id = u.campaign_id and p.device_id = u.device_id;

-- Another campaign that could offer the device an update now, too, goes first when its priority is higher, or the same
-- and it is older.
-- name: place_claim
with mine as materialized (
    select id, priority from campaign where id = $1::bigint
), pick as (
    select p.campaign_id, p.device_id
    from place p join device d on d.id = p.device_id
    where p.campaign_id = $1::bigint and p.wave = $2::int and p.state = 'waiting'
      and (p.retry_at is null or p.retry_at <= wg_at($4::bigint)) and d.online and d.revoked_at is null
      and not exists (select 1 from place q where q.device_id = p.device_id and q.campaign_id <> p.campaign_id
                      and q.state in ('offered', 'accepted', 'deferred', 'downloading', 'installing', 'rebooting', 'probation'))
      and not exists (select 1 from place q
                      join campaign o on o.id = q.campaign_id and o.state = 'running'
                      join wave w on w.campaign_id = q.campaign_id and w.number = q.wave and w.state not in ('pending', 'failed')
                      cross join mine
                      where q.device_id = p.device_id and q.campaign_id <> p.campaign_id and q.state = 'waiting'
                        and (q.retry_at is null or q.retry_at <= wg_at($4::bigint))
                        and (o.priority > mine.priority or (o.priority = mine.priority and o.id < mine.id)))
    order by p.rank limit $3::bigint
    for update of p skip locked
), offered as (
    update place p
    set state = 'offered', cause = '', detail = '', attempt = p.attempt + 1, order_id = gen_random_uuid(),
        retry_at = null, state_at = wg_at($4::bigint), bytes = 0, bytes_total = 0
    from pick where p.campaign_id = pick.campaign_id and p.device_id = pick.device_id
    returning p.campaign_id, p.device_id, p.attempt, p.order_id
)
insert into update_order (id, campaign_id, device_id, kind, attempt, made_at)
select order_id, campaign_id, device_id, 'install', attempt, wg_at($4::bigint) from offered;

-- Of one state, since before a time; those that a report holds now are left for the next look.
-- name: place_since
select p.device_id, p.wave, p.state, p.cause, p.attempt, coalesce(p.order_id::text, ''), c.retry_attempts, c.retry_backoff
from place p join campaign c on c.id = p.campaign_id
where p.campaign_id = $1::bigint and p.state = $2::text and p.state_at <= wg_at($3::bigint)
  and p.state in ('offered', 'accepted', 'deferred', 'downloading', 'installing', 'rebooting', 'probation')
order by p.device_id limit 1000
for update of p skip locked;

-- name: place_not_started
select p.device_id, p.wave, p.state, p.cause, p.attempt, coalesce(p.order_id::text, ''), 0, 0
from place p
where p.campaign_id = $1::bigint and p.state in ('waiting', 'deferred')
order by p.device_id limit 1000
for update of p skip locked;
