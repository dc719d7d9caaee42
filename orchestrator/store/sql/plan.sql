-- Wave lists first: a device that several waves name belongs to the first of them.
-- name: plan_list
update plan_device p set wave = $1::int
where p.reason = -1 and p.wave is null and p.id = any($2::text[]);

-- name: plan_reasons
select reason, count(*) from plan_device group by reason order by reason;

-- The pool in the order of the seeded hash, cut at the sums of the sizes. Does not depend on the order in
-- which devices were registered.
-- name: plan_divide
with pool as (
    select id, row_number() over (order by sha256(convert_to($1::text || id, 'UTF8')), id) as position
    from plan_device where reason = -1 and wave is null
)
update plan_device p set wave = slot.wave
from pool
join unnest($2::int[], $3::bigint[], $4::bigint[]) as slot(wave, first, last)
  on pool.position between slot.first and slot.last
where p.id = pool.id;

-- name: plan_shares
with m as (
    select p.wave, d.id, d.region, d.hardware_model || ' ' || d.hardware_revision as hardware,
           coalesce(s.version, 'unknown') as version
    from plan_device p
    join device d on d.id = p.id
    left join device_software s on s.device_id = d.id and s.component = $1::text
    where p.reason = -1 and p.wave is not null
)
select wave, what, value, count(*)
from m cross join lateral (values ('region', m.region), ('hardware', m.hardware), ('version', m.version)) as v(what, value)
group by wave, what, value order by wave, what, count(*) desc, value;

-- name: plan_devices
select id, reason, coalesce(wave, -1) from plan_device
where $1::int < 0 or wave = $1::int order by id limit $2::bigint;

-- name: plan_places
insert into place (campaign_id, device_id, wave, rank, state, state_at)
select $1::bigint, id, wave, row_number() over (order by wave, sha256(convert_to($2::text || id, 'UTF8')), id),
       'waiting', wg_at($3::bigint)
from plan_device where reason = -1 and wave is not null;

-- name: plan_counts
insert into wave_count (campaign_id, wave, state, cause, devices)
select campaign_id, wave, 'waiting', '', count(*) from place where campaign_id = $1::bigint group by campaign_id, wave;

-- name: plan_wave_sizes
select wave, count(*) from plan_device where reason = -1 and wave is not null group by wave;
