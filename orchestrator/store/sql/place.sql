-- The places that a batch of reports is about, found by order; held in the order of device and campaign.
-- What is in hand, by the order that it has now: nearly all that is reported of. The others are asked for by place_of_orders.
-- $3: when the device asked to switch over is looked for, because something that it says of before came.
-- name: place_in_hand
with running as materialized (
    select id, held or (state = 'stopping' and stop <> 'finish-started') as held, digest
    from campaign where state in ('running', 'paused', 'stopping')
)
select p.order_id, p.campaign_id, p.device_id, p.wave, p.state, p.cause, p.attempt, p.order_id::text, p.spent, c.id, p.bytes,
       p.bytes_total, c.held, exists (select 1 from update_order w where w.withdraws = p.order_id), c.digest,
       case when u.before and (p.state = 'rebooting' or p.again or p.ready_at is not null)
            then (select max(r.seq) from report r
                  where r.device_id = p.device_id and r.journal = (select d.journal from device d where d.id = p.device_id)
                    and r.state = 'rebooting' and r.order_id = p.order_id::text)
            else 0 end
from (select id::uuid as id, device_id, bool_or(before) as before
      from unnest($1::text[], $2::text[], $3::boolean[]) as x(id, device_id, before) group by 1, 2 order by device_id) u
cross join lateral (select * from place q
                    where q.device_id = u.device_id and q.order_id = u.id and q.in_hand
                    limit 1 for update) p
join running c on c.id = p.campaign_id;

-- name: place_of_orders
select o.id, p.campaign_id, p.device_id, p.wave, p.state, p.cause, p.attempt, coalesce(p.order_id::text, ''),
       p.spent, c.id, p.bytes, p.bytes_total,
       c.held or c.state not in ('running', 'paused', 'stopping') or (c.state = 'stopping' and c.stop <> 'finish-started'),
       exists (select 1 from update_order w where w.withdraws = p.order_id), c.digest,
       case when u.before and (p.state = 'rebooting' or p.again or p.ready_at is not null)
            then (select max(r.seq) from report r
                  where r.device_id = p.device_id and r.journal = (select d.journal from device d where d.id = p.device_id)
                    and r.state = 'rebooting' and r.order_id = p.order_id::text)
            else 0 end
from (select id::uuid as id, device_id, bool_or(before) as before
      from unnest($1::text[], $2::text[], $3::boolean[]) as x(id, device_id, before) group by 1, 2) u
join update_order o on o.id = u.id and o.device_id = u.device_id
join place p on p.campaign_id = o.campaign_id and p.device_id = o.device_id
join campaign c on c.id = p.campaign_id
order by p.device_id, p.campaign_id
for update of p;

-- Held, recalled: of places that are held by now, whose devices ask to switch over. While they were waited for, the campaign may
-- have been stopped; what was read with them is of before.
-- name: place_asks
select u.number,
       c.held or c.state not in ('running', 'paused', 'stopping') or (c.state = 'stopping' and c.stop <> 'finish-started'),
       (select count(*) from update_order w where w.withdraws = u.order_id) > 0
from unnest($1::int[], $2::bigint[], $3::uuid[]) as u(number, campaign_id, order_id)
join campaign c on c.id = u.campaign_id;

-- name: place_update
update place p
set state = u.state, cause = u.cause, detail = u.detail, retry_at = wg_at(u.retry_at), state_at = wg_at(u.state_at),
    bytes = u.bytes, bytes_total = u.bytes_total, spent = u.spent, ready_at = wg_at(u.ready_at),
    ended_in = case when u.state in ('failed', 'rolled-back', 'silent') then coalesce(nullif(u.ended_in, ''), p.state) else '' end,
    check_at = case when p.stage = 'going' then p.check_at else wg_at(u.state_at) end
from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
            $10::bigint[], $11::bigint[], $12::text[])
     as u(campaign_id, device_id, state, cause, detail, retry_at, state_at, bytes, bytes_total, spent, ready_at, ended_in)
where p.campaign_id = u.campaign_id and p.device_id = u.device_id;

-- name: place_progress
update place p set bytes = u.bytes, bytes_total = u.bytes_total
from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) as u(campaign_id, device_id, bytes, bytes_total)
where p.campaign_id = u.campaign_id and p.device_id = u.device_id;

-- Claims with caps per attribute value go one after the other: each must see what the other took.
-- name: place_per_lock
select pg_advisory_xact_lock(hashtext('wavegate claims per attribute value'));

-- Devices to offer to, in rank order. An emergency goes before all other campaigns, else of those that could offer the
-- device an update now the higher priority, else the older one. $5: time zones whose window is open (null: no window);
-- $6: the zone is that of the site, and their orders say it. $7, $8: attributes with a cap for each of their values; a device in
-- hand in any campaign counts, and one that went silent until it is heard again. $9: how long orders live that are issued at once,
-- as order_take does; not for a device that has another one to get before (null: none is). Devices that another claim or a batch of
-- reports holds now are left for the next look: nobody waits for anybody, and none is claimed twice. Who waits is read in the order
-- of ranks until enough are found, and what is asked of each is looked up for it alone (offset 0, limit 1, case: no join can be made
-- of them). To a planner whose figures are of before, all that wait, all devices or all that is in hand look as cheap.
-- name: place_claim
with mine as materialized (
    select id, name, created_at, component, version, priority, emergency from campaign where id = $1::bigint
), busy as materialized (
    select a.name, h.attributes ->> a.name as value, count(*) as devices
    from (select (select d.attributes from device d where d.id = q.device_id) as attributes
          from place q
          where cardinality($7::text[]) > 0
            and q.in_hand
          union all
          select (select d.attributes from device d
                  where d.id = q.device_id and coalesce(d.settled_at, '-infinity') <= q.state_at)
          from place q where cardinality($7::text[]) > 0 and q.stage = 'silent'
          offset 0) h
    cross join unnest($7::text[]) as a(name)
    where h.attributes ->> a.name is not null
    group by 1, 2
), exhausted as materialized (
    select b.name, b.value from busy b join unnest($7::text[], $8::bigint[]) as a(name, most) on a.name = b.name where b.devices >= a.most
), ahead as materialized (
    select o.id as campaign_id, w.number as wave, o.open_zones, o.open_by_site
    from mine join campaign o on o.state = 'running' and (o.emergency, o.priority, -o.id) > (mine.emergency, mine.priority, -mine.id)
    join wave w on w.campaign_id = o.id and w.state not in ('pending', 'failed')
    where exists (select 1 from wave_count n
                  where n.campaign_id = w.campaign_id and n.wave = w.number and n.state = 'waiting' and n.devices > 0)
), candidate as (
    select p.device_id, p.rank, d.attributes
    from place p
    cross join lateral (select v.*, case when $6::boolean or (select bool_or(open_by_site) from ahead) then wg_site_zone(v) end as site
                        from device v where v.id = p.device_id offset 0) d
    where p.campaign_id = $1::bigint and p.wave = $2::int and p.stage = 'waiting'
      and case when d.online and d.revoked_at is null and d.quarantined_at is null
                    and (p.retry_at is null or p.retry_at <= wg_at($4::bigint) or (p.cause = 'offline' and d.presence_at > p.state_at))
                    and ($5::text[] is null or case when $6::boolean then d.site else d.zone end = any($5::text[]))
                    and (select q.campaign_id from place q
                         where q.device_id = p.device_id and q.campaign_id <> p.campaign_id and q.in_hand limit 1) is null
                    and not exists (select 1 from ahead a
                                    cross join lateral (select q.wave, q.state, q.retry_at from place q
                                                        where q.device_id = p.device_id and q.campaign_id = a.campaign_id offset 0) q
                                    where q.wave = a.wave and q.state = 'waiting' and (q.retry_at is null or q.retry_at <= wg_at($4::bigint))
                                      and (a.open_zones is null
                                           or case when a.open_by_site then d.site else d.zone end = any(a.open_zones)))
                    and not coalesce((select bool_or((a.name, d.attributes ->> a.name) in (select name, value from exhausted))
                                      from unnest($7::text[]) as a(name)), false)
               then true else false end
    order by p.rank limit case when cardinality($7::text[]) = 0 then $3::bigint else greatest(4 * $3::bigint, 1000) end
), unfit as (
    select c.device_id
    from (select k.device_id, a.name, a.most, k.attributes ->> a.name as value,
                 row_number() over (partition by a.name, k.attributes ->> a.name order by k.rank) as number
          from candidate k cross join unnest($7::text[], $8::bigint[]) as a(name, most)
          where k.attributes ->> a.name is not null) c
    left join busy b on b.name = c.name and b.value = c.value
    where c.number + coalesce(b.devices, 0) > c.most
), fitting as (
    select device_id, rank from candidate where device_id not in (select device_id from unfit) order by rank limit $3::bigint
), pick as (
    select p.campaign_id, p.device_id,
           (select s.version from device_software s where s.device_id = p.device_id and s.component = mine.component) as runs,
           (p.cause in ('offline', 'deferred') and p.order_id is not null) as again,
           case when p.cause in ('offline', 'deferred')
                then (select o.refusal <> '' from update_order o where o.id = p.order_id) end as refused,
           $9::bigint is not null
           and not exists (select 1 from update_order o where o.device_id = p.device_id and o.open and o.sent_at is null) as issues,
           d.order_counter + 1 as counter, d.boot, d.broker, d.age_recipient, d.enrolment,
           case when $6::boolean and $9::bigint is not null then wg_site_zone(d) end as site_zone
    from place p join device d on d.id = p.device_id cross join mine
    where p.campaign_id = $1::bigint and p.state = 'waiting' and p.device_id in (select device_id from fitting)
      and d.online and d.revoked_at is null and d.quarantined_at is null
    order by p.device_id
    for no key update of d, p skip locked
), picked as materialized (
    select pick.*, coalesce(pick.runs = mine.version, false) as satisfied from pick cross join mine
), taken as (
    update place p
    set state = case when pick.satisfied then 'satisfied' else 'offered' end, cause = '', detail = '',
        attempt = case when pick.again or pick.satisfied then p.attempt else p.attempt + 1 end,
        order_id = case when pick.again or pick.satisfied then p.order_id
                        else wg_order_id(mine.name, mine.created_at, p.device_id, p.attempt + 1, 'install') end,
        retry_at = null, ready_at = null, again = pick.again, state_at = wg_at($4::bigint), bytes = 0, bytes_total = 0,
        from_version = coalesce(pick.runs, '')
    from picked pick cross join mine
    where p.campaign_id = pick.campaign_id and p.device_id = pick.device_id
    returning pick.*, p.attempt, p.order_id, pick.issues and not pick.satisfied as issued
), counted as (
    update device d set order_counter = t.counter from taken t where t.issued and d.id = t.device_id
), ordered as (
    insert into update_order (id, campaign_id, device_id, kind, attempt, made_at, counter, boot, issued_at, expires_at, sent_at, sends)
    select order_id, $1::bigint, device_id, 'install', attempt, wg_at($4::bigint), case when issued then counter end,
           case when issued then boot else '' end, case when issued then wg_at($4::bigint) end,
           case when issued then wg_at($4::bigint + $9::bigint) end, case when issued then wg_at($4::bigint) end, issued::int
    from taken where not satisfied order by device_id
    on conflict (id) do update
    set open = true, made_at = excluded.made_at, counter = excluded.counter, boot = excluded.boot, issued_at = excluded.issued_at,
        expires_at = excluded.expires_at, sent_at = excluded.sent_at, sends = excluded.sends
), of_all as materialized (
    select * from order_campaign where id = $1::bigint and $9::bigint is not null
)
select t.order_id, 'install', t.device_id, c.name, c.digest, t.attempt, t.counter, t.boot, $4::bigint, $4::bigint + $9::bigint,
       c.component, c.version, c.hardware_model, c.sha256, c.length, $1::bigint, coalesce(t.site_zone, ''), c.rolls_back,
       (select w.name from wave w where w.campaign_id = $1::bigint and w.number = $2::int), c.sealed,
       coalesce(t.age_recipient, ''), coalesce(t.enrolment, ''), coalesce(t.refused, false), c.forms, c.companions, t.broker,
       t.satisfied, t.issued
from taken t
left join of_all c on t.issued
order by t.device_id;

-- The zones in which the window is open now; the named one, or all that devices have or stand in.
-- name: place_open_zones
with recursive zones(zone) as (
    (select zone from device where zone ~>~ '' order by zone using ~<~ limit 1)
    union all
    select (select d.zone from device d where d.zone ~>~ z.zone order by d.zone using ~<~ limit 1) from zones z where z.zone is not null
)
select coalesce(array_agg(zone order by zone), '{}')::text
from (select case when $5::text = '' then zone else $5::text end as zone
      from zones where $5::text = '' and zone is not null
      union select name from boundary where kind = 'zone' and $5::text = ''
      union select $5::text where $5::text <> '') z
where wg_window_open($1::int[], $2::int[], $3::int[], zone, wg_at($4::bigint));

-- name: campaign_open_zones
update campaign set open_zones = $2::text[], open_by_site = $3::boolean
where id = $1::bigint and (open_zones, open_by_site) is distinct from ($2::text[], $3::boolean);

-- name: offer_insert
insert into offer as o (campaign_id, at, devices) values ($1::bigint, wg_at($2::bigint), $3::bigint)
on conflict (campaign_id, at) do update set devices = o.devices + excluded.devices;

-- name: offer_forget
delete from offer where campaign_id = $1::bigint and at <= wg_at($2::bigint - 60000);

-- name: offer_sum
select coalesce(sum(devices), 0)::bigint, coalesce(wg_ms(min(at)), 0) from offer
where campaign_id = $1::bigint and at > wg_at($2::bigint - 60000);

-- Offered, or put off, since before a time; those that a report holds now are left for the next look. They are looked up oldest
-- first: to a planner whose figures are of before the campaign, one by one of all its devices looks as cheap.
-- name: place_since
select p.device_id, p.wave, p.state, p.cause, p.attempt, coalesce(p.order_id::text, ''), p.spent, p.campaign_id, c.digest,
       p.detail
from place p join campaign c on c.id = p.campaign_id
where p.campaign_id = $1::bigint and p.stage = $2::text and p.stage_at <= wg_at($3::bigint)
  and p.device_id = any(array(
      select q.device_id from place q
      where q.campaign_id = $1::bigint and q.stage in ('offered', 'deferred') and q.stage = $2::text and q.stage_at <= wg_at($3::bigint)
      order by q.stage_at limit 1000))
order by p.device_id
for update of p skip locked;

-- Those that go on and were not looked at since a time, and since when they are where they are. A device that waits for the
-- word to switch over is not late (null), unless it will not come any more: then it has so long again to give up.
-- name: place_going
select p.device_id, p.wave, p.state, p.cause, p.attempt, coalesce(p.order_id::text, ''), p.spent, p.campaign_id, c.digest,
       p.detail, wg_ms(case when p.ready_at is null then p.state_at
                            when c.state = 'stopping' and c.stop <> 'finish-started' then greatest(p.state_at, c.state_at) end)
from place p join campaign c on c.id = p.campaign_id
where p.campaign_id = $1::bigint and p.stage = 'going' and p.stage_at <= wg_at($2::bigint)
  and p.device_id = any(array(
      select q.device_id from place q
      where q.campaign_id = $1::bigint and q.stage = 'going' and q.stage_at <= wg_at($2::bigint)
      order by q.stage_at limit 1000))
order by p.device_id
for update of p skip locked;

-- name: place_checked
update place p set check_at = wg_at(u.checked_at)
from unnest($2::text[], $3::bigint[]) as u(device_id, checked_at)
where p.campaign_id = $1::bigint and p.device_id = u.device_id;

-- Devices that went offline before they switched over.
-- name: place_gone
select p.device_id, p.wave, p.state, p.cause, p.attempt, coalesce(p.order_id::text, ''), p.spent, p.campaign_id, c.digest,
       p.detail
from place p join campaign c on c.id = p.campaign_id
where p.campaign_id = $1::bigint and p.stage in ('offered', 'going')
  and p.state in ('offered', 'accepted', 'downloading', 'installing')
  and exists (select 1 from device d where d.id = p.device_id and not d.online)
order by p.device_id limit 1000
for update of p skip locked;

-- Devices that may switch over now.
-- name: place_ready
select p.device_id, p.wave, p.state, p.cause, p.attempt, coalesce(p.order_id::text, ''), p.spent, p.campaign_id, c.digest,
       p.detail
from place p join campaign c on c.id = p.campaign_id join device d on d.id = p.device_id and d.quarantined_at is null
where p.campaign_id = $1::bigint and p.ready_at is not null and p.state = 'installing'
order by p.device_id limit 1000
for update of p skip locked;

-- Devices in quarantine that have not switched over.
-- name: place_quarantined
select p.device_id, p.wave, p.state, p.cause, p.attempt, coalesce(p.order_id::text, ''), p.spent, p.campaign_id, c.digest,
       p.detail
from (select id from device where quarantined_at is not null order by id) d
cross join lateral (select * from place q
                    where q.campaign_id = $1::bigint and q.device_id = d.id
                      and q.state in ('offered', 'accepted', 'deferred', 'downloading', 'installing')
                    limit 1 for update skip locked) p
join campaign c on c.id = p.campaign_id
limit 1000;

-- Places of this campaign's next devices in others that have not switched over: the emergency takes them. By what others have in
-- hand: few beside those that wait.
-- name: place_preempted
select p.device_id, p.wave, p.state, p.cause, p.attempt, coalesce(p.order_id::text, ''), p.spent, p.campaign_id, c.digest,
       p.detail
from campaign c
cross join lateral (select q.device_id from place q where q.campaign_id = c.id and q.stage in ('offered', 'deferred', 'going') offset 0) h
cross join lateral (select * from place m where m.campaign_id = $1::bigint and m.device_id = h.device_id offset 0) mine
join wave w on w.campaign_id = mine.campaign_id and w.number = mine.wave and w.state not in ('pending', 'failed')
join place p on p.campaign_id = c.id and p.device_id = h.device_id
            and p.state in ('offered', 'accepted', 'deferred', 'downloading', 'installing')
where c.id <> $1::bigint and not c.emergency and c.state in ('awaiting-approval', 'scheduled', 'running', 'paused', 'stopping')
  and mine.state = 'waiting' and (mine.retry_at is null or mine.retry_at <= wg_at($2::bigint))
  and (select d.online from device d where d.id = p.device_id)
order by mine.wave, mine.rank limit $3::bigint
for update of p skip locked;

-- Looked up by state: of a campaign that is over nothing is read. Who was superseded itself takes nothing from others.
-- name: place_superseded
select p.device_id, p.wave, p.state, p.cause, p.attempt, coalesce(p.order_id::text, ''), p.spent, p.campaign_id, c.digest,
       p.detail
from campaign m
join campaign c on c.name = any(m.supersedes) and c.id <> m.id
cross join lateral (select w.device_id from place w where w.campaign_id = c.id and w.stage = 'waiting'
                    union all
                    select w.device_id from place w
                    where w.campaign_id = c.id and w.stage in ('offered', 'deferred', 'going')
                      and w.state in ('offered', 'accepted', 'deferred', 'downloading', 'installing')) open
join place mine on mine.campaign_id = m.id and mine.device_id = open.device_id and mine.state <> 'superseded'
join place p on p.campaign_id = c.id and p.device_id = mine.device_id
            and p.state in ('waiting', 'offered', 'accepted', 'deferred', 'downloading', 'installing')
where m.id = $1::bigint
order by p.device_id limit 1000
for update of p skip locked;

-- name: place_not_started
select p.device_id, p.wave, p.state, p.cause, p.attempt, coalesce(p.order_id::text, ''), p.spent, p.campaign_id, '', p.detail
from place p
where p.campaign_id = $1::bigint and p.state in ('waiting', 'deferred')
  and p.device_id in ((select w.device_id from place w where w.campaign_id = $1::bigint and w.stage = 'waiting'
                       order by w.wave, w.rank limit 1000)
                      union all
                      (select w.device_id from place w where w.campaign_id = $1::bigint and w.stage = 'deferred'
                       order by w.stage_at limit 1000))
order by p.device_id limit 1000
for update of p skip locked;

-- Devices that said hello and run the release that they wait for. What a claim holds now finds that out itself.
-- name: place_runs_already
select p.device_id, p.wave, p.state, p.cause, p.attempt, coalesce(p.order_id::text, ''), p.spent, p.campaign_id, '', ''
from place p
join campaign c on c.id = p.campaign_id and c.state in ('scheduled', 'running', 'paused')
where p.device_id = any($1::text[]) and p.state is not distinct from 'waiting'
  and (select s.version from device_software s where s.device_id = p.device_id and s.component = c.component) = c.version
  and not exists (select 1 from place q where q.device_id = p.device_id and q.in_hand)
order by p.device_id, p.campaign_id
for update of p skip locked;

-- What devices said last: why the newest put its update off, and why the last one failed.
-- name: place_reasons
select coalesce((select detail from place where campaign_id = $1::bigint and stage = 'waiting' and cause = 'deferred'
                   and ($2::jsonb is null or (select wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model)
                                              from device d where d.id = device_id))
                 order by stage_at desc limit 1), ''),
       coalesce(f.device_id, ''), coalesce(nullif(f.detail, ''), f.cause, '')
from (select 1) one
left join (select device_id, detail, cause from place
           where campaign_id = $1::bigint and stage in ('failed', 'silent')
             and ($2::jsonb is null or (select wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model)
                                        from device d where d.id = device_id))
           order by stage_at desc, device_id limit 1) f on true;
