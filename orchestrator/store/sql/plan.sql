-- What a plan asks of its members: the temporary view plan_member; plan_device lacks those who stay where they are. Both are over those whom every clause of the target lets pass.

-- Those whom no wave names, by cell; the others by code.
-- name: plan_candidates
select code, case when code = -1 then cell else '' end, count(*) from plan_candidate group by 1, 2 order by 1, 2;

-- name: plan_firsts
insert into plan_first (cell, firsts) select cell, firsts::bigint[] from unnest($1::text[], $2::text[]) as u(cell, firsts);

-- Members of waves that have opened: a revision leaves them there.
-- name: plan_stay
insert into plan_stay (id, code, cell, turn, region, hardware, version, online, seen_at, placed, wave)
select d.id, -1, '', p.rank, d.region, d.hardware_model || ' ' || d.hardware_revision, coalesce(s.version, 'unknown'),
       d.online, d.seen_at, d.position is not null, p.wave
from place p join device d on d.id = p.device_id
left join device_software s on s.device_id = d.id and s.component = $3::text
where p.campaign_id = $1::bigint and p.wave < $2::int;

-- name: plan_kept
select wave, count(*) from place where campaign_id = $1::bigint and wave < $2::int group by wave order by wave;

-- Also who is online (0; 5: but said nothing for 7 days), and who is away, by when it was last seen: within an hour (1), a day
-- (2), 7 days (3), before that or never (4); 10 more without a position.
-- name: plan_shares
select wave, case when grouping(region) = 0 then 'region' when grouping(hardware) = 0 then 'hardware'
                  when grouping(version) = 0 then 'version' else 'seen' end as what,
       coalesce(region, hardware, version, seen::text) collate "C" as value, count(*)
from (select wave, region, hardware, version,
             case when online then case when seen_at >= wg_at($1::bigint - 604800000) then 0 else 5 end
                  when seen_at >= wg_at($1::bigint - 3600000) then 1 when seen_at >= wg_at($1::bigint - 86400000) then 2
                  when seen_at >= wg_at($1::bigint - 604800000) then 3 else 4 end
             + case when placed then 0 else 10 end as seen
      from plan_member) m
group by grouping sets ((wave, region), (wave, hardware), (wave, version), (wave, seen))
order by 1, 2, 4 desc, 3;

-- name: plan_members
select id, -1, wave from plan_member
where $1::int < 0 or wave = $1::int order by id collate "C" limit $2::bigint;

-- Campaigns that are not finished and have members of the plan that are not finished there.
-- name: plan_overlaps
select c.name, c.state, c.priority, c.id, count(*)
from campaign c
join place q on q.campaign_id = c.id
join plan_member p on p.id = q.device_id
where c.state in ('scheduled', 'running', 'paused', 'stopping') and c.id <> $1::bigint
  and q.state not in ('succeeded', 'failed', 'rolled-back', 'silent', 'withdrawn', 'superseded')
group by c.id order by c.priority desc, c.id;

-- The fullest value of an attribute in each wave.
-- name: plan_crowds
select wave, max(devices)
from (select m.wave, count(*) as devices from plan_member m join device d on d.id = m.id
      where d.attributes ->> $1::text is not null group by m.wave, d.attributes ->> $1::text) v
group by wave;

-- The last 1000 successes of the component tell how long an update takes.
-- name: plan_habits
select count(*) as updates, coalesce((percentile_cont(0.5) within group (order by took))::bigint, 0) as median
from (select extract(epoch from q.stage_at - o.issued_at) * 1000 as took
      from campaign c
      join place q on q.campaign_id = c.id and q.stage = 'succeeded'
      join update_order o on o.id = q.order_id
      where c.component = $1::text and o.issued_at is not null
      order by q.stage_at desc limit 1000) u;

-- On a grid of half a degree.
-- name: plan_spots
select p.wave, round((floor(st_y(d.position::geometry) * 2) / 2 + 0.25)::numeric, 2),
       round((floor(st_x(d.position::geometry) * 2) / 2 + 0.25)::numeric, 2), count(*)
from plan_member p join device d on d.id = p.id
where d.position is not null
group by 1, 2, 3 order by 1, 2, 3;

-- name: plan_drift
with was as (select id, wave from unnest($1::text[], $2::int[]) as u(id, wave))
select count(*) from was full join plan_member p using (id) where was.wave is distinct from p.wave;

-- name: plan_places
insert into place (campaign_id, device_id, wave, rank, state, state_at)
select $1::bigint, id, wave, row_number() over (order by wave, turn, sha256(convert_to($2::text || id, 'UTF8'))),
       'waiting', wg_at($3::bigint)
from plan_device
on conflict (campaign_id, device_id) do nothing;

-- name: plan_counts
insert into wave_count (campaign_id, wave, state, cause, devices)
select campaign_id, wave, state, case when state = 'waiting' then '' else cause end, count(*) from place
where campaign_id = $1::bigint and wave >= $2::int group by 1, 2, 3, 4;

-- name: plan_wave_sizes
select wave, count(*) from plan_device group by wave;

-- name: plan_wave_drop
delete from wave where campaign_id = $1::bigint and number >= $2::int;

-- name: plan_place_drop
delete from place where campaign_id = $1::bigint and wave >= $2::int;

-- Devices that ended before their wave opened (superseded, satisfied) have ended, whatever the next revision says: their
-- places are set aside while the waves are made anew, and come back where they were.
-- name: plan_set_aside
update place set wave = -1 - wave
where campaign_id = $1::bigint and wave >= $2::int
  and state in ('succeeded', 'failed', 'rolled-back', 'silent', 'withdrawn', 'superseded', 'satisfied');

-- name: plan_put_back
update place set wave = least(-1 - wave, $2::int) where campaign_id = $1::bigint and wave < 0;

-- name: plan_recount_waves
update wave w set members = (select count(*) from place p where p.campaign_id = w.campaign_id and p.wave = w.number)
where w.campaign_id = $1::bigint and w.number >= $2::int;

-- name: plan_recount_campaign
update campaign set members = (select sum(members) from wave where campaign_id = $1::bigint) where id = $1::bigint;

-- name: plan_joined_wave
update wave set members = members + $3::bigint where campaign_id = $1::bigint and number = $2::int;

-- name: plan_joined_campaign
update campaign set members = members + $3::bigint where id = $1::bigint and $2::int is not null;
