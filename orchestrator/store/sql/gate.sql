-- What a gate asks: its hook, and devices compared.
-- The answer of a hook counts only while whoever asked still ticks the campaign.
-- name: hook_set
insert into hook_answer as h (campaign_id, wave, revision, state, words, at)
select c.id, $2::int, c.revision, $3::text, $4::text, wg_at($5::bigint)
from campaign c
where c.id = $1::bigint and exists (select 1 from wave w where w.campaign_id = c.id and w.number = $2::int)
  and exists (select 1 from lease l where l.campaign_id = c.id and l.token = $6::bigint)
on conflict (campaign_id, wave) do update
set revision = excluded.revision, state = excluded.state, words = excluded.words, at = excluded.at;

-- name: metric_upsert
insert into device_metric (device_id, name, value, at)
select distinct on (device_id, name) device_id, name, value, wg_at(at)
from unnest($1::text[], $2::text[], $3::float8[], $4::bigint[]) as u(device_id, name, value, at)
order by device_id, name, at desc
on conflict (device_id, name) do update set value = excluded.value, at = excluded.at;

-- Updated devices in the order of their success, devices of later waves in the order of the seeded hash; each once. A
-- value counts for an updated device when it is from after it has settled, for the other when it is of the last day.
-- name: health_pair_more
with updated as (
    select p.device_id, m.value, row_number() over (order by p.stage_at, p.rank) as number
    from place p join device_metric m on m.device_id = p.device_id and m.name = $3::text
    where p.campaign_id = $1::bigint and p.wave = $2::int and p.stage = 'succeeded'
      and m.at >= p.stage_at + $5::bigint * interval '1 millisecond'
      and not exists (select 1 from health_pair h where h.campaign_id = p.campaign_id and h.device_id = p.device_id)
    order by p.stage_at, p.rank limit 500
), others as (
    select p.device_id, m.value, row_number() over (order by p.wave, p.rank) as number
    from place p join device_metric m on m.device_id = p.device_id and m.name = $3::text
    where p.campaign_id = $1::bigint and p.wave > $2::int and p.stage = 'waiting' and p.attempt = 0
      and m.at >= wg_at($4::bigint) - interval '1 day'
      and not exists (select 1 from health_pair h where h.campaign_id = p.campaign_id and h.partner_id = p.device_id)
    order by p.wave, p.rank limit (select count(*) from updated)
)
insert into health_pair (campaign_id, wave, device_id, partner_id, device_value, partner_value, outcome, at)
select $1::bigint, $2::int, u.device_id, o.device_id, u.value, o.value,
       case when u.value = o.value then 'tie' when (u.value < o.value) = $6::boolean then 'worse' else 'better' end,
       wg_at($4::bigint)
from updated u join others o on o.number = u.number
on conflict do nothing;

-- A revision compares something else.
-- name: health_pair_forget
delete from health_pair where campaign_id = $1::bigint and wave = $2::int;
