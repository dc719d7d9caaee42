-- A file of devices goes by COPY into a table of its own and is merged from there, all in one transaction
-- (device_import.c). What the file does not mention is null; what it takes away is ''.

-- name: import_settings
select set_config('statement_timeout', '0', true), set_config('work_mem', '64MB', true),
       set_config('maintenance_work_mem', '256MB', true);

-- name: import_table
create temporary table import_device (
    line              bigint not null,
    id                text not null,
    hardware_model    text,
    hardware_revision text,
    revision_key      text,
    region            text,
    zone              text,
    positioned        boolean,              -- false: the position is taken away
    lat               float8,
    lon               float8,
    tags              text[],
    groups            text[],
    components        text[],
    versions          text[],               -- null: the component is taken away
    version_keys      text[],
    debian_keys       text[],
    calver_keys       text[],
    attributes        jsonb,
    attributes_gone   text[],
    refusal           text
) on commit drop;

-- The devices that this import registers, and the known ones that it changes.
-- name: import_table_new
create temporary table import_new (id text not null) on commit drop;
-- name: import_table_changed
create temporary table import_changed (id text not null) on commit drop;

-- name: import_table_updated
create temporary table import_updated (id text not null) on commit drop;

-- name: import_copy
copy import_device (line, id, hardware_model, hardware_revision, revision_key, region, zone, positioned, lat, lon, tags,
                    groups, components, versions, version_keys, debian_keys, calver_keys, attributes, attributes_gone)
from stdin

-- name: import_analyze
analyze import_device (line, id);

-- name: import_refuse_repeated
update import_device i set refusal = format('id: "%s" is in line %s already', i.id, first.line)
from (select id, min(line) as line from import_device group by id having count(*) > 1) first
where i.id = first.id and i.line > first.line;

-- Very many rows in no order: put into the order of the indexes once, instead of many times.
-- name: import_sort_from
alter table import_device rename to import_unsorted;
-- name: import_sort
create temporary table import_device on commit drop as select * from import_unsorted order by id;
-- name: import_sort_done
drop table import_unsorted;

-- name: import_drop_refused
delete from import_device where refusal is not null;

-- name: import_refused
select line, refusal, count(*) over () from import_device where refusal is not null order by line limit $1::bigint;

-- How many are not known yet, and how many are.
-- name: import_census
select (select count(*) from import_device i where not exists (select from device d where d.id = i.id)),
       (select count(*) from device);

-- name: import_bulk_begin
select wg_bulk_begin();
-- name: import_bulk_end
select wg_bulk_end();

-- Those that are not known, as they will be.
-- name: import_view_new
create temporary view import_view_new as
select i.id, coalesce(i.hardware_model, '') as hardware_model, coalesce(i.hardware_revision, '') as hardware_revision,
       coalesce(i.revision_key, '') as revision_key, i.region,
       case when i.region = '' then '' when i.region_said then 'registry' else 'boundary' end as region_from, i.zone,
       case when i.zone = '' then '' when i.zone_said then 'registry' else 'boundary' end as zone_from,
       case when i.positioned then st_setsrid(st_makepoint(i.lon, i.lat), 4326)::geography end as position,
       case when i.positioned then 'registry' else '' end as position_from, coalesce(i.attributes, '{}') as attributes
from (select id, hardware_model, hardware_revision, revision_key, positioned, lat, lon, attributes,
             region <> '' as region_said, zone <> '' as zone_said,
             case when region <> '' then region
                  when positioned and bounded then wg_boundary('region', st_setsrid(st_makepoint(lon, lat), 4326))
                  else '' end as region,
             case when zone <> '' then zone
                  when positioned and bounded then wg_boundary('zone', st_setsrid(st_makepoint(lon, lat), 4326))
                  else '' end as zone
      from import_device, (select exists (select from boundary) as bounded) b
      where not exists (select from device d where d.id = import_device.id)) i;

-- In order of id, as intake does it. Who is registered by somebody else meanwhile is a known device and comes with those.
-- name: import_register
with made as (
    insert into device (id, hardware_model, hardware_revision, hardware_revision_key, region, region_from, zone, zone_from,
                        position, position_from, position_at, attributes, registry_attributes, registered_at, changed_at)
    select id, hardware_model, hardware_revision, revision_key, region, region_from, zone, zone_from,
           position, position_from, case when position is not null then wg_at($1::bigint) end, attributes, attributes,
           wg_at($1::bigint), clock_timestamp()
    from import_view_new order by id
    on conflict (id) do nothing
    returning id
)
insert into import_new select id from made;

-- When all are new, and nobody else can write.
-- name: import_register_all
insert into device (id, hardware_model, hardware_revision, hardware_revision_key, region, region_from, zone, zone_from,
                    position, position_from, position_at, attributes, registry_attributes, registered_at, changed_at)
select id, hardware_model, hardware_revision, revision_key, region, region_from, zone, zone_from,
       position, position_from, case when position is not null then wg_at($1::bigint) end, attributes, attributes,
       wg_at($1::bigint), clock_timestamp()
from import_view_new;

-- name: import_analyze_new
analyze import_new;

-- $1: all are new, and import_new is not asked for.
-- name: import_software_new
insert into device_software (device_id, component, version, version_key, debian_key, calver_key)
select i.id, u.component, u.version, u.version_key, u.debian_key, u.calver_key
from import_device i,
     unnest(i.components, i.versions, i.version_keys, i.debian_keys, i.calver_keys)
         as u(component, version, version_key, debian_key, calver_key)
where ($1::boolean or exists (select from import_new n where n.id = i.id)) and u.version is not null;

-- name: import_tags_new
insert into device_tag (device_id, tag)
select i.id, t from import_device i, unnest(i.tags) t
where i.tags is not null and ($1::boolean or exists (select from import_new n where n.id = i.id));

-- name: import_groups_new
insert into device_group (device_id, name)
select i.id, g from import_device i, unnest(i.groups) g
where i.groups is not null and ($1::boolean or exists (select from import_new n where n.id = i.id));

-- What is left is of known devices.
-- name: import_drop_new
delete from import_device i using import_new n where n.id = i.id;

-- What they will be. A device that said hello knows its hardware and software better; of region, zone, position and
-- attributes it knows what it has said: those attributes that differ from the registry's. What a boundary told is
-- nobody's word.
-- name: import_view
create temporary view import_view as
select d.id, i.line, d.boot = '' as silent,
       case when d.boot = '' then coalesce(i.hardware_model, d.hardware_model) else d.hardware_model end as hardware_model,
       case when d.boot = '' then coalesce(i.hardware_revision, d.hardware_revision) else d.hardware_revision end
           as hardware_revision,
       case when d.boot = '' then coalesce(i.revision_key, d.hardware_revision_key) else d.hardware_revision_key end
           as hardware_revision_key,
       case when r.region then i.region else d.region end as region,
       case when not r.region then d.region_from when i.region = '' then '' else 'registry' end as region_from,
       case when r.zone then i.zone else d.zone end as zone,
       case when not r.zone then d.zone_from when i.zone = '' then '' else 'registry' end as zone_from,
       case when not r.position then d.position
            when i.positioned then st_setsrid(st_makepoint(i.lon, i.lat), 4326)::geography end as position,
       case when not r.position then d.position_from when i.positioned then 'registry' else '' end as position_from,
       a.registry || a.said as attributes, a.registry as registry_attributes
from import_device i join device d on d.id = i.id,
     lateral (select i.region is not null and d.region_from <> 'hello' and not (i.region = '' and d.region_from = 'boundary')
                         as region,
                     i.zone is not null and d.zone_from <> 'hello' and not (i.zone = '' and d.zone_from = 'boundary') as zone,
                     i.positioned is not null and d.position_from <> 'hello' as position) r,
     lateral (select (d.registry_attributes - coalesce(i.attributes_gone, '{}')) || coalesce(i.attributes, '{}') as registry,
                     case when d.boot = '' then '{}'
                          else coalesce((select jsonb_object_agg(e.key, e.value) from jsonb_each(d.attributes) e
                                         where d.registry_attributes -> e.key is distinct from e.value), '{}')
                     end as said) a;

-- Rows that say nothing new; most of them, when a whole registry is imported again. Nobody waits for these devices.
-- name: import_drop_same
delete from import_device i
where not exists (
    select from (
        select v.line from import_view v join device d on d.id = v.id
        where (v.hardware_model, v.hardware_revision, v.hardware_revision_key, v.region, v.region_from, v.zone, v.zone_from,
               v.position, v.position_from, v.attributes, v.registry_attributes)
              is distinct from
              (d.hardware_model, d.hardware_revision, d.hardware_revision_key, d.region, d.region_from, d.zone, d.zone_from,
               d.position, d.position_from, d.attributes, d.registry_attributes)
        union all
        select s.line from import_device s, unnest(s.components, s.versions) u(component, version)
        where not exists (select from device_software x
                          where x.device_id = s.id and x.component = u.component and x.version = u.version)
          and (u.version is not null
               or exists (select from device_software x where x.device_id = s.id and x.component = u.component))
          and exists (select from device d where d.id = s.id and d.boot = '')
        union all
        select s.line from import_device s, unnest(s.tags) t
        where not exists (select from device_tag x where x.device_id = s.id and x.tag = t)
        union all
        select s.line from import_device s join device_tag x on x.device_id = s.id where x.tag <> all (s.tags)
        union all
        select s.line from import_device s, unnest(s.groups) g
        where not exists (select from device_group x where x.device_id = s.id and x.name = g)
        union all
        select s.line from import_device s join device_group x on x.device_id = s.id where x.name <> all (s.groups)
    ) new where new.line = i.line);

-- In order of id, as intake holds them.
-- name: import_hold
select count(*) from (select from import_device i join device d on d.id = i.id order by d.id for no key update of d) held;

-- name: import_next
create temporary table import_next on commit drop as select * from import_view;

-- name: import_analyze_next
analyze import_next;

-- Without the spaces that jsonb is written with: two for each but the last.
-- name: import_refuse_large
update import_device i set refusal = format('attributes: more than %s bytes with those that the device has', $1::bigint)
from import_next n
where n.line = i.line and i.attributes is not null
  and octet_length(n.attributes::text) - 2 * (select count(*) from jsonb_object_keys(n.attributes)) >= $1::bigint;

-- name: import_refuse_many
update import_device i set refusal = format('software: more than %s components with those that the device has', $1::bigint)
from import_next n
where n.line = i.line and n.silent and cardinality(i.components) > 0
  and (select count(*) from (select s.component from device_software s where s.device_id = i.id
                             union select u.component from unnest(i.components, i.versions) u(component, version)
                             where u.version is not null
                             except select u.component from unnest(i.components, i.versions) u(component, version)
                             where u.version is null) c) > $1::bigint;

-- name: import_next_drop_refused
delete from import_next n using import_device i where i.line = n.line and i.refusal is not null;

-- name: import_software_take
with gone as (
    delete from device_software s
    using import_next n join import_device i on i.line = n.line, unnest(i.components, i.versions) u(component, version)
    where n.silent and u.version is null and s.device_id = i.id and s.component = u.component
    returning s.device_id
)
insert into import_changed select device_id from gone;

-- name: import_software_give
with given as (
    insert into device_software as s (device_id, component, version, version_key, debian_key, calver_key)
    select i.id, u.component, u.version, u.version_key, u.debian_key, u.calver_key
    from import_next n join import_device i on i.line = n.line,
         unnest(i.components, i.versions, i.version_keys, i.debian_keys, i.calver_keys)
             as u(component, version, version_key, debian_key, calver_key)
    where n.silent and u.version is not null
    on conflict (device_id, component) do update
    set version = excluded.version, version_key = excluded.version_key, debian_key = excluded.debian_key,
        calver_key = excluded.calver_key
    where s.version <> excluded.version
    returning s.device_id
)
insert into import_changed select device_id from given;

-- name: import_tags_take
with gone as (
    delete from device_tag t using import_next n join import_device i on i.line = n.line
    where i.tags is not null and t.device_id = i.id and t.tag <> all (i.tags)
    returning t.device_id
)
insert into import_changed select device_id from gone;

-- name: import_tags_give
with given as (
    insert into device_tag (device_id, tag)
    select i.id, t from import_next n join import_device i on i.line = n.line, unnest(i.tags) t
    on conflict do nothing returning device_id
)
insert into import_changed select device_id from given;

-- name: import_groups_take
with gone as (
    delete from device_group g using import_next n join import_device i on i.line = n.line
    where i.groups is not null and g.device_id = i.id and g.name <> all (i.groups)
    returning g.device_id
)
insert into import_changed select device_id from gone;

-- name: import_groups_give
with given as (
    insert into device_group (device_id, name)
    select i.id, g from import_next n join import_device i on i.line = n.line, unnest(i.groups) g
    on conflict do nothing returning device_id
)
insert into import_changed select device_id from given;

-- name: import_update
with changed as (
    update device d
    set hardware_model = n.hardware_model, hardware_revision = n.hardware_revision,
        hardware_revision_key = n.hardware_revision_key, region = n.region, region_from = n.region_from, zone = n.zone,
        zone_from = n.zone_from, position = n.position, position_from = n.position_from,
        position_at = case when n.position is not distinct from d.position and n.position_from = d.position_from
                           then d.position_at when n.position is not null then wg_at($1::bigint) end,
        attributes = n.attributes, registry_attributes = n.registry_attributes, changed_at = clock_timestamp()
    from import_next n
    where d.id = n.id
      and ((n.hardware_model, n.hardware_revision, n.hardware_revision_key, n.region, n.region_from, n.zone, n.zone_from,
            n.position, n.position_from, n.attributes, n.registry_attributes)
           is distinct from
           (d.hardware_model, d.hardware_revision, d.hardware_revision_key, d.region, d.region_from, d.zone, d.zone_from,
            d.position, d.position_from, d.attributes, d.registry_attributes)
           or exists (select from import_changed c where c.id = d.id))
    returning d.id
)
insert into import_updated select id from changed;

-- name: import_updated
select id from import_updated where id > $1::text order by id limit $2::bigint;

-- Fills region and zone of devices that nobody told them of, from their position; returns those that changed.
-- name: boundary_derive
update device d
set region = b.region, region_from = b.region_from, zone = b.zone, zone_from = b.zone_from, changed_at = clock_timestamp()
from (select t.id, t.region, case when not t.region_open then t.region_from when t.region = '' then '' else 'boundary' end
                 as region_from,
             t.zone, case when not t.zone_open then t.zone_from when t.zone = '' then '' else 'boundary' end as zone_from
      from (select f.id, f.region_from, f.zone_from, f.region_from in ('', 'boundary') as region_open,
                   f.zone_from in ('', 'boundary') as zone_open,
                   case when f.region_from not in ('', 'boundary') then f.region
                        when f.position is null then '' else wg_boundary('region', f.position::geometry) end as region,
                   case when f.zone_from not in ('', 'boundary') then f.zone
                        when f.position is null then '' else wg_boundary('zone', f.position::geometry) end as zone
            from device f where f.id = any ($1::text[])
            order by f.id for no key update) t) b
where d.id = b.id and (d.region, d.region_from, d.zone, d.zone_from)
                      is distinct from (b.region, b.region_from, b.zone, b.zone_from)
returning d.id;

-- name: boundary_ids
select id from device where id > $1::text order by id limit $2::bigint;

-- name: boundary_table
create temporary table import_boundary (kind text not null, name text not null, area geometry not null) on commit drop;

-- name: boundary_stage
insert into import_boundary (kind, name, area)
select $1::text, $2::text, st_collectionextract(st_makevalid(st_force2d(st_setsrid(st_geomfromgeojson($3::text), 4326))), 3)
returning st_isempty(area), st_xmin(area) < -180 or st_xmax(area) > 180 or st_ymin(area) < -90 or st_ymax(area) > 90;

-- name: boundary_replace
with joined as (
    select kind, name, st_multi(st_collectionextract(st_unaryunion(st_collect(area)), 3)) as area
    from import_boundary group by kind, name
)
insert into boundary (kind, name, area, imported_at)
select kind, name, area, wg_at($1::bigint) from joined
on conflict (kind, name) do update set area = excluded.area, imported_at = excluded.imported_at;

-- name: boundary_cut_old
delete from boundary_piece p using (select distinct kind, name from import_boundary) i
where p.kind = i.kind and p.name = i.name;
-- name: boundary_cut
insert into boundary_piece (kind, name, area)
select b.kind, b.name, st_subdivide(b.area, 64)
from boundary b join (select distinct kind, name from import_boundary) i on i.kind = b.kind and i.name = b.name;

-- name: boundary_list
select b.kind, b.name, st_area(b.area::geography) / 1e6, wg_ms(b.imported_at),
       case b.kind when 'region' then (select count(*) from device d where d.region = b.name and d.region_from = 'boundary')
                   else (select count(*) from device d where d.zone = b.name and d.zone_from = 'boundary') end
from boundary b order by b.kind, b.name;

-- name: group_list
select name, count(*) from device_group group by name order by name;

-- name: group_missing
select u.id from unnest($1::text[]) u(id) where not exists (select from device d where d.id = u.id) order by u.id limit 10;

-- name: group_add
with added as (
    insert into device_group (device_id, name)
    select distinct u.id, $1::text from unnest($2::text[]) u(id) order by 1
    on conflict do nothing returning device_id
)
update device d set changed_at = clock_timestamp() from added a where d.id = a.device_id;

-- name: group_remove
with gone as (
    delete from device_group where name = $1::text and device_id = any ($2::text[]) returning device_id
)
update device d set changed_at = clock_timestamp() from gone g where d.id = g.device_id;

-- name: group_delete
with gone as (
    delete from device_group where name = $1::text returning device_id
)
update device d set changed_at = clock_timestamp() from gone g where d.id = g.device_id;

-- name: group_members
select device_id, (select count(*) from device_group where name = $1::text) from device_group
where name = $1::text and device_id > $2::text order by device_id limit $3::bigint;

-- A device as a line of the registry's NDJSON. What a boundary told is left out: it is no word of the registry.
-- name: export_page
select d.id,
       json_build_object('id', d.id, 'hardware_model', d.hardware_model, 'hardware_revision', d.hardware_revision,
           'software', coalesce((select json_object_agg(s.component, s.version order by s.component collate "C")
                                 from device_software s where s.device_id = d.id), '{}'),
           'region', case when d.region_from = 'boundary' then '' else d.region end,
           'zone', case when d.zone_from = 'boundary' then '' else d.zone end,
           'lat', st_y(d.position::geometry), 'lon', st_x(d.position::geometry),
           'tags', coalesce((select json_agg(t.tag order by t.tag collate "C") from device_tag t where t.device_id = d.id), '[]'),
           'groups', coalesce((select json_agg(g.name order by g.name collate "C") from device_group g where g.device_id = d.id), '[]'),
           'attributes', d.attributes)::text
from device d
where d.id > $1::text
  and ($2::text is null or exists (select from device_tag t where t.device_id = d.id and t.tag = $2::text))
  and ($3::text is null or exists (select from device_group g where g.device_id = d.id and g.name = $3::text))
order by d.id limit $4::bigint;

-- name: export_components
select distinct s.component collate "C" from device_software s
where ($1::text is null or exists (select from device_tag t where t.device_id = s.device_id and t.tag = $1::text))
  and ($2::text is null or exists (select from device_group g where g.device_id = s.device_id and g.name = $2::text))
order by 1 limit $3::bigint;

-- name: export_attributes
select distinct k collate "C" from device d, jsonb_object_keys(d.attributes) k
where ($1::text is null or exists (select from device_tag t where t.device_id = d.id and t.tag = $1::text))
  and ($2::text is null or exists (select from device_group g where g.device_id = d.id and g.name = $2::text))
order by 1 limit $3::bigint;
