-- The area is asked first, of the index of positions; only what lies in it meets its software, only what then is in the
-- range its tags.
with inside as materialized (
    select d.id, d.region, d.hardware_model || ' ' || d.hardware_revision as hardware, coalesce(s.version, 'unknown') as version,
           case when s.version = '2.7.1' then 'on the release'
                when (s.version_key >= '121310~' and s.version_key < '121610~' and s.version_key like '%~') is not true then 'range'
                when (select count(*) from device_tag t where t.device_id = d.id and t.tag in ('cellular', 'leased')) = 0 then 'tag'
                when d.revoked_at is not null then 'revoked' end as reason
    from device d
    left join device_software s on s.device_id = d.id and s.component = 'firmware'
    where st_covers(st_setsrid(st_geomfromgeojson(:area), 4326), d.position::geometry)
), nowhere as (
    select count(*) as devices from device where position is null
), ranked as (
    select *, row_number() over (order by sha256(convert_to('bench-area-range-tag' || id, 'UTF8')), id) as turn
    from inside where reason is null
), placed as (
    select *, case when turn <= ceil((select count(*) from ranked) * 0.01) then 0 else 1 end as wave from ranked
)
select 'left out' as kind, null::int as wave, 'area' as what,
       (select count(*) from device) - (select devices from nowhere) - (select count(*) from inside) as devices
union all
select 'left out', null, 'no position', devices from nowhere
union all
select 'left out', null, reason, count(*) from inside where reason is not null group by reason
union all
select case when grouping(region) = 0 then 'region' when grouping(hardware) = 0 then 'hardware'
            when grouping(version) = 0 then 'version' else 'wave' end,
       wave, coalesce(region, hardware, version), count(*)
from placed group by grouping sets ((wave), (wave, region), (wave, hardware), (wave, version))
