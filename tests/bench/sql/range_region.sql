-- The range is asked first: what runs outside of it is known from the index of versions, without its device.
with ranged as materialized (
    select d.id, d.region, d.hardware_model || ' ' || d.hardware_revision as hardware, s.version,
           case when d.region not in ('DE', 'AT', 'US-CA') and split_part(d.region, '-', 1) not in ('DE', 'AT') then 'region'
                when d.revoked_at is not null then 'revoked' end as reason
    from device_software s
    join device d on d.id = s.device_id
    where s.component = 'firmware' and s.version_key >= '121310~' and s.version_key < '121610~' and s.version_key like '%~'
), on_release as (
    select count(*) as devices from device_software where component = 'firmware' and version = '2.7.1'
), ranked as (
    select *, row_number() over (order by sha256(convert_to('bench-range-region' || id, 'UTF8')), id) as turn
    from ranged where reason is null
), placed as (
    select *, case when turn <= ceil((select count(*) from ranked) * 0.01) then 0 else 1 end as wave from ranked
)
select 'left out' as kind, null::int as wave, 'range' as what,
       (select count(*) from device) - (select devices from on_release) - (select count(*) from ranged) as devices
union all
select 'left out', null, 'on the release', devices from on_release
union all
select 'left out', null, reason, count(*) from ranged where reason is not null group by reason
union all
select case when grouping(region) = 0 then 'region' when grouping(hardware) = 0 then 'hardware'
            when grouping(version) = 0 then 'version' else 'wave' end,
       wave, coalesce(region, hardware, version), count(*)
from placed group by grouping sets ((wave), (wave, region), (wave, hardware), (wave, version))
