-- A thousand ids: the primary key finds them, all others are a subtraction.
with named as materialized (
    select d.id, d.region, d.hardware_model || ' ' || d.hardware_revision as hardware, coalesce(s.version, 'unknown') as version,
           case when d.revoked_at is not null then 'revoked' when s.version = '2.7.1' then 'on the release' end as reason
    from unnest(:ids) as given(id)
    join device d using (id)
    left join device_software s on s.device_id = d.id and s.component = 'firmware'
), ranked as (
    select *, row_number() over (order by sha256(convert_to('bench-ids' || id, 'UTF8')), id) as turn
    from named where reason is null
), placed as (
    select *, case when turn <= ceil((select count(*) from ranked) * 0.01) then 0 else 1 end as wave from ranked
)
select 'left out' as kind, null::int as wave, 'not named' as what, (select count(*) from device) - count(*) as devices from named
union all
select 'left out', null, reason, count(*) from named where reason is not null group by reason
union all
select case when grouping(region) = 0 then 'region' when grouping(hardware) = 0 then 'hardware'
            when grouping(version) = 0 then 'version' else 'wave' end,
       wave, coalesce(region, hardware, version), count(*)
from placed group by grouping sets ((wave), (wave, region), (wave, hardware), (wave, version))
