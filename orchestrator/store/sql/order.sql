-- Nothing more is wanted of the orders of these places. What is open is looked up by device (offset 0) and written by its id
-- alone, here and below: to a planner whose figures are of before, all that is open, or several indexes for each, look as cheap.
-- name: order_close_places
update update_order o set open = false
where o.id = any(array(
    select q.id from unnest($1::bigint[], $2::text[]) as u(campaign_id, device_id)
    cross join lateral (select q.id, q.campaign_id from update_order q where q.device_id = u.device_id and q.open offset 0) q
    where q.campaign_id = u.campaign_id));

-- The device has said that it is done with these orders: also what would take them back is closed.
-- name: order_close_done
update update_order o set open = false
where o.id = any(array(
    select q.id from unnest($1::text[], $2::text[]) as u(id, device_id)
    cross join lateral (select q.id, q.withdraws from update_order q where q.device_id = u.device_id and q.open offset 0) q
    where q.id = u.id::uuid or q.withdraws = u.id::uuid));

-- name: order_withdraw
insert into update_order (id, campaign_id, device_id, kind, attempt, made_at, withdraws)
select wg_order_id(c.name, c.created_at, u.device_id, u.attempt, 'withdraw'), u.campaign_id, u.device_id, 'withdraw', u.attempt,
       wg_at($5::bigint), u.order_id::uuid
from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[]) as u(campaign_id, device_id, attempt, order_id)
join campaign c on c.id = u.campaign_id
where u.order_id <> ''
order by u.device_id
on conflict (id) do update
set open = true, made_at = excluded.made_at, counter = null, boot = '', issued_at = null, expires_at = null, sent_at = null,
    sends = 0;

-- What is called back is not offered once more. One look-up for each device in hand, by index: a join would read all
-- orders there ever were. Whom a report holds now is left for the next look: it may be ending, or switch over. Another
-- campaign may call one back at the same moment.
-- name: order_withdraw_started
with recalled as materialized (
    select wg_order_id(c.name, c.created_at, p.device_id, p.attempt, 'withdraw') as id, p.campaign_id, p.device_id, p.attempt,
           p.order_id
    from place p join campaign c on c.id = p.campaign_id
    where p.campaign_id = $1::bigint and p.stage in ('offered', 'going')
      and p.state in ('offered', 'accepted', 'downloading', 'installing')
      and (select count(*) from update_order o where o.withdraws = p.order_id) = 0
    order by p.device_id
    for no key update of p skip locked
), closed as (
    update update_order o set open = false where o.id = any(array(select order_id from recalled))
)
insert into update_order (id, campaign_id, device_id, kind, attempt, made_at, withdraws)
select id, campaign_id, device_id, 'withdraw', attempt, wg_at($2::bigint), order_id from recalled order by device_id
on conflict (id) do nothing;

-- Orders that were not sent for the present boot of their device: the oldest. In this order counters grow as orders were made.
-- name: order_fresh
select id from order_wanted where sent_at is null order by made_at, device_id limit $1::bigint;

-- And those that were not answered for too long: of devices that were offered the update so long ago, and withdrawals.
-- name: order_due
select id from order_standing
where id = any(array(
    (select id from order_wanted where sent_at is null order by made_at, device_id limit $2::bigint)
    union
    select p.order_id from place p where p.stage = 'offered' and p.stage_at <= wg_at($1::bigint)
    union
    (select o.id from update_order o
     where o.open and o.kind = 'withdraw' and o.sent_at <= wg_at($1::bigint)
       and (select d.online and (o.sends < 20 or o.boot <> d.boot) from device d where d.id = o.device_id)
     order by o.sent_at limit $2::bigint)))
  and open is not distinct from true and (sent_at is null or sent_at <= wg_at($1::bigint))
order by made_at, device_id limit $2::bigint;

-- The same of some devices.
-- name: order_of_devices
select id from order_wanted
where device_id = any($1::text[]) and (sent_at is null or boot <> boot_now or sent_at <= wg_at($2::bigint))
order by made_at, device_id limit $3::bigint;

-- Devices that have said hello from another boot: their orders were not sent for this one; or, $2, by another broker than
-- before: what was sent may have gone to the old one.
-- name: order_forget_sent
update update_order o set sent_at = null
where o.id = any(array(
    select q.id from device d
    cross join lateral (select q.id, q.boot from update_order q
                        where q.device_id = d.id and q.open and q.sent_at is not null offset 0) q
    where d.id = any($1::text[] || $2::text[]) and (q.boot <> d.boot or d.id = any($2::text[]))));

-- Takes those of them that are still to be sent: never sent for the device's present boot, or not answered for too long; a
-- withdrawal that was not answered twenty times is said once more in each boot. An order that
-- is new for this boot gets the next counter of its device; a plain repetition keeps all it had, and goes to all brokers.
-- name: order_take
with due as (
    select o.id, o.device_id, o.made_at, o.campaign_id, p.wave, d.boot as boot_now, d.order_counter as base,
           (o.counter is null or o.boot <> d.boot or o.expires_at <= wg_at($2::bigint)) as fresh,
           wg_site_zone(d) as site_zone, d.age_recipient, d.enrolment,
           case when o.sent_at is null or o.boot <> d.boot then d.broker else '' end as broker
    from update_order o
    join device d on d.id = o.device_id and d.online
    join place p on p.campaign_id = o.campaign_id and p.device_id = o.device_id
    where o.id = any($1::uuid[]) and o.open is not distinct from true
      and ((o.kind = 'install' and p.state = 'offered' and p.order_id = o.id and d.quarantined_at is null
            and d.revoked_at is null)
           or (o.kind = 'withdraw' and (o.sends < 20 or o.boot <> d.boot)))
      and (o.sent_at is null or o.boot <> d.boot or o.sent_at <= wg_at($2::bigint - $3::bigint))
    order by o.device_id, o.made_at
    for no key update of d, o skip locked
), numbered as (
    select due.*, base + count(*) filter (where fresh) over (partition by device_id order by made_at, id
                                                             rows unbounded preceding) as counter
    from due
), bumped as (
    update device d set order_counter = n.counter
    from (select device_id, max(counter) as counter from numbered where fresh group by device_id) n
    where d.id = n.device_id
), issued as (
    update update_order o
    set counter = case when n.fresh then n.counter else o.counter end,
        boot = n.boot_now,
        issued_at = case when n.fresh then wg_at($2::bigint) else o.issued_at end,
        expires_at = case when n.fresh then wg_at($2::bigint + $4::bigint) else o.expires_at end,
        sent_at = wg_at($2::bigint), sends = o.sends + 1
    from numbered n
    where o.id = n.id
    returning o.*, n.wave, n.site_zone, n.age_recipient, n.enrolment, n.broker
), campaigns as materialized (
    select * from order_campaign where id in (select campaign_id from due)
)
select coalesce(i.withdraws, i.id), i.kind, i.device_id, c.name, c.digest, i.attempt, i.counter, i.boot, wg_ms(i.issued_at),
       wg_ms(i.expires_at), c.component, c.version, c.hardware_model, c.sha256, c.length, c.id,
       coalesce(i.site_zone, ''), c.rolls_back,
       coalesce((select w.name from wave w where w.campaign_id = i.campaign_id and w.number = i.wave), ''),
       c.sealed, coalesce(i.age_recipient, ''), coalesce(i.enrolment, ''), i.refusal <> '', c.forms, c.companions, i.broker
from issued i
join campaigns c on c.id = i.campaign_id
order by i.device_id, i.counter;

-- name: order_refused
update update_order set refusal = $2::text where id = $1::uuid;

-- Orders of a campaign that are not signed: how many, and why the first of them is not.
-- name: order_unsigned
select count(*), coalesce((array_agg(refusal order by made_at, device_id))[1], '') from update_order
where campaign_id = $1::bigint and open and refusal <> ''
  and ($2::jsonb is null or (select wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model)
                             from device d where d.id = device_id));
