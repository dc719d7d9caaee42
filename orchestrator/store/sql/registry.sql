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
    software          int[],                -- numbers of import_version
    attributes        jsonb,
    attributes_gone   text[],
    numbers           int[],                -- versions that no row before mentioned: import_version
    components        text[],
    versions          text[],
    version_keys      text[],
    debian_keys       text[],
    calver_keys       text[],
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
                    groups, software, attributes, attributes_gone, numbers, components, versions, version_keys, debian_keys,
                    calver_keys)
from stdin

-- A fleet has few versions, so each came once, with the row that mentioned it first. Without a version the component is
-- taken away. turn: the order in which new rows of them are stored.
-- name: import_versions
create temporary table import_version on commit drop as
select u.number, u.component, u.version, u.version_key, u.debian_key, u.calver_key,
       row_number() over (order by u.component collate "C", u.version_key, u.version collate "C") as turn
from import_device i, unnest(i.numbers, i.components, i.versions, i.version_keys, i.debian_keys, i.calver_keys)
                          as u(number, component, version, version_key, debian_key, calver_key)
where i.numbers is not null;
-- name: import_index_versions
create index on import_version (number);
-- name: import_analyze_versions
analyze import_version;

-- name: import_analyze
analyze import_device (line, id);

-- name: import_refuse_repeated
update import_device i set refusal = format('id: "%s" is in line %s already', i.id, first.line)
from (select id, min(line) as line from import_device group by id having count(*) > 1) first
where i.id = first.id and i.line > first.line;

-- Of who may on a part of the fleet alone: what lies outside ($1, people/scope.h), or would, is left as it is.
-- name: import_refuse_outside
update import_device i set refusal = 'outside of the part of the fleet that you may change'
where refusal is null
  and (exists (select from device d where d.id = i.id and not wg_in_scopes($1::jsonb, d.id, d.region, d.hardware_model))
       or not (select wg_would_be_in_scopes(
                   $1::jsonb,
                   coalesce(i.groups, array(select g.name from device_group g where g.device_id = i.id)),
                   case when n.region = '' and n.region_from = '' and n.lat is not null
                        then wg_boundary('region', st_setsrid(st_makepoint(n.lon, n.lat), 4326)) else n.region end,
                   n.model)
               from (select case when i.region is null or d.region_from = 'hello'
                                   or (i.region = '' and d.region_from = 'boundary') then coalesce(d.region, '')
                                 else i.region end as region,
                            case when d.id is null then '' else d.region_from end as region_from,
                            case when i.positioned then i.lat end as lat, i.lon,
                            case when coalesce(d.boot, '') = '' then coalesce(i.hardware_model, d.hardware_model, '')
                                 else d.hardware_model end as model
                     from (select) one left join device d on d.id = i.id) n));

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

-- Devices that are not known, as they will be.
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
      from import_device, (select exists (select from boundary) as bounded) b) i;

-- In order of id, as intake does it. Who is registered by somebody else meanwhile is a known device and comes with those.
-- name: import_register
with made as (
    insert into device (id, hardware_model, hardware_revision, hardware_revision_key, region, region_from, zone, zone_from,
                        position, position_from, position_at, attributes, registry_attributes, registered_at, changed_at)
    select id, hardware_model, hardware_revision, revision_key, region, region_from, zone, zone_from,
           position, position_from, case when position is not null then wg_at($1::bigint) end, attributes, attributes,
           wg_at($1::bigint), clock_timestamp()
    from import_view_new n where not exists (select from device d where d.id = n.id) order by id
    on conflict (id) do nothing
    returning id
)
insert into import_new select id from made;

-- When all are new, and nobody else can write. Who looks into the table that is filled had better be sure of its size: as
-- long as it passes for empty, it is read whole for each row.
-- name: import_register_all
insert into device (id, hardware_model, hardware_revision, hardware_revision_key, region, region_from, zone, zone_from,
                    position, position_from, position_at, attributes, registry_attributes, registered_at, changed_at)
select id, hardware_model, hardware_revision, revision_key, region, region_from, zone, zone_from,
       position, position_from, case when position is not null then wg_at($1::bigint) end, attributes, attributes,
       wg_at($1::bigint), clock_timestamp()
from import_view_new;

-- name: import_analyze_new
analyze import_new;

-- $1: all are new, and import_new is not asked for. Version by version: the indexes that begin with the component are then
-- made of rows that are nearly in order, in two fifths of the time. A number is sorted, not the versions.
-- name: import_software_new
insert into device_software (device_id, component, version, version_key, debian_key, calver_key)
select i.id, v.component, v.version, v.version_key, v.debian_key, v.calver_key
from (select s.id, w.turn
      from (select id, unnest(software) as number from import_device
            where software is not null and ($1::boolean or exists (select from import_new n where n.id = import_device.id))) s
           join import_version w on w.number = s.number
      where w.version is not null
      order by w.turn offset 0) i
     join import_version v on v.turn = i.turn;

-- name: import_tags_new
insert into device_tag (device_id, tag)
select id, unnest(tags) from import_device
where tags is not null and ($1::boolean or exists (select from import_new n where n.id = import_device.id));

-- name: import_groups_new
insert into device_group (device_id, name)
select id, unnest(groups) from import_device
where groups is not null and ($1::boolean or exists (select from import_new n where n.id = import_device.id));

-- What is left is of known devices.
-- name: import_drop_new
delete from import_device i using import_new n where n.id = i.id;

-- What they will be, and whether that is news. A device that said hello knows its hardware and software better; of region,
-- zone, position and attributes it knows what it has said: those attributes that differ from the registry's. What a
-- boundary told is nobody's word. Values of attributes are no lists and no objects, so to contain them is to have them.
-- name: import_view
create temporary view import_view as
select d.id, i.line, d.boot = '' as silent, n.*,
       (n.hardware_model, n.hardware_revision, n.hardware_revision_key, n.region, n.region_from, n.zone, n.zone_from,
        n.position_from, n.position, n.registry_attributes, n.attributes)
       is distinct from
       (d.hardware_model, d.hardware_revision, d.hardware_revision_key, d.region, d.region_from, d.zone, d.zone_from,
        d.position_from, d.position, d.registry_attributes, d.attributes) as news
from import_device i join device d on d.id = i.id,
     lateral (select i.region is not null and d.region_from <> 'hello' and not (i.region = '' and d.region_from = 'boundary')
                         as region,
                     i.zone is not null and d.zone_from <> 'hello' and not (i.zone = '' and d.zone_from = 'boundary') as zone,
                     i.positioned is not null and d.position_from <> 'hello' as position,
                     not (d.registry_attributes @> coalesce(i.attributes, '{}')
                          and not d.registry_attributes ?| coalesce(i.attributes_gone, '{}')) as attributes) r,
     lateral (select case when not r.attributes then d.registry_attributes
                          else (d.registry_attributes - coalesce(i.attributes_gone, '{}')) || coalesce(i.attributes, '{}')
                     end as registry) a,
     lateral (select case when d.boot = '' then coalesce(i.hardware_model, d.hardware_model) else d.hardware_model end
                         as hardware_model,
                     case when d.boot = '' then coalesce(i.hardware_revision, d.hardware_revision) else d.hardware_revision
                     end as hardware_revision,
                     case when d.boot = '' then coalesce(i.revision_key, d.hardware_revision_key)
                          else d.hardware_revision_key end as hardware_revision_key,
                     case when r.region then i.region else d.region end as region,
                     case when not r.region then d.region_from when i.region = '' then '' else 'registry' end as region_from,
                     case when r.zone then i.zone else d.zone end as zone,
                     case when not r.zone then d.zone_from when i.zone = '' then '' else 'registry' end as zone_from,
                     case when not r.position then d.position
                          when i.positioned then st_setsrid(st_makepoint(i.lon, i.lat), 4326)::geography end as position,
                     case when not r.position then d.position_from when i.positioned then 'registry' else '' end
                         as position_from,
                     a.registry as registry_attributes,
                     case when d.boot = '' then a.registry
                          when not r.attributes then d.attributes
                          else a.registry
                               || coalesce((select jsonb_object_agg(e.key, e.value) from jsonb_each(d.attributes) e
                                            where d.registry_attributes -> e.key is distinct from e.value), '{}')
                     end as attributes) n;

-- Rows that say something new; few, when a whole registry is imported again.
-- name: import_line
create temporary table import_line on commit drop as
select line from import_view where news
union all
select u.line
from (select line, id, unnest(software) as number from import_device where software is not null) u
     join import_version v on v.number = u.number
     left join device_software s on s.device_id = u.id and s.component = v.component
where case when s.version is distinct from v.version then (select d.boot = '' from device d where d.id = u.id) end
union all
select u.line from (select line, id, unnest(tags) as tag from import_device where tags is not null) u
where not exists (select from device_tag t where t.device_id = u.id and t.tag = u.tag)
union all
select i.line from import_device i join device_tag t on t.device_id = i.id where t.tag <> all (i.tags)
union all
select u.line from (select line, id, unnest(groups) as name from import_device where groups is not null) u
where not exists (select from device_group g where g.device_id = u.id and g.name = u.name)
union all
select i.line from import_device i join device_group g on g.device_id = i.id where g.name <> all (i.groups);

-- They are kept; nobody waits for the devices of the others.
-- name: import_keep
create temporary table import_news on commit drop as
select * from import_device where line in (select line from import_line);
-- name: import_keep_from
drop table import_device cascade;
-- name: import_keep_done
alter table import_news rename to import_device;

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
where n.line = i.line and n.silent
  and case when cardinality(i.software) + (select count(*) from device_software s where s.device_id = i.id) > $1::bigint
           then (select count(*) from (select s.component from device_software s where s.device_id = i.id
                                       union select v.component from import_version v
                                       where v.number = any (i.software) and v.version is not null
                                       except select v.component from import_version v
                                       where v.number = any (i.software) and v.version is null) c) > $1::bigint end;

-- name: import_next_drop_refused
delete from import_next n using import_device i where i.line = n.line and i.refusal is not null;

-- name: import_software_take
with gone as (
    delete from device_software s
    using (select i.id, unnest(i.software) as number from import_next n join import_device i on i.line = n.line
           where n.silent) u
          join import_version v on v.number = u.number
    where v.version is null and s.device_id = u.id and s.component = v.component
    returning s.device_id
)
insert into import_changed select device_id from gone;

-- name: import_software_give
with given as (
    insert into device_software as s (device_id, component, version, version_key, debian_key, calver_key)
    select u.id, v.component, v.version, v.version_key, v.debian_key, v.calver_key
    from (select i.id, unnest(i.software) as number from import_next n join import_device i on i.line = n.line
          where n.silent) u
         join import_version v on v.number = u.number
    where v.version is not null
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
    where d.id = n.id and (n.news or exists (select from import_changed c where c.id = d.id))
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

-- name: boundary_count
select count(*) from boundary;

-- name: boundary_list
select b.kind, b.name, st_area(b.area::geography) / 1e6, wg_ms(b.imported_at),
       case b.kind when 'region' then (select count(*) from device d where d.region = b.name and d.region_from = 'boundary')
                   else (select count(*) from device d where d.zone = b.name and d.zone_from = 'boundary') end
from boundary b order by b.kind, b.name;

-- name: group_list
select name, count(*) from device_group group by name order by name;

-- name: group_missing
select u.id from unnest($1::text[]) u(id) where not exists (select from device d where d.id = u.id) order by u.id limit 10;

-- Devices are held in the order of their ids, here and below: a batch of reports holds some of them too.
-- name: group_add
with held as materialized (
    select d.id from device d
    where d.id = any($2::text[])
      and not exists (select 1 from device_group g where g.device_id = d.id and g.name = $1::text)
    order by d.id for no key update
), added as (
    insert into device_group (device_id, name)
    select distinct u.id, $1::text from unnest($2::text[]) u(id) where (select count(*) from held) >= 0 order by 1
    on conflict do nothing returning device_id
)
update device d set changed_at = clock_timestamp() from added a where d.id = a.device_id;

-- name: group_remove
with held as materialized (
    select d.id from device d
    where d.id = any($2::text[])
      and exists (select 1 from device_group g where g.device_id = d.id and g.name = $1::text)
    order by d.id for no key update
), gone as (
    delete from device_group where name = $1::text and device_id = any(array(select id from held)) returning device_id
)
update device d set changed_at = clock_timestamp() from gone g where d.id = g.device_id;

-- name: group_count
select count(*) from device_group where name = $1::text;

-- name: group_delete
with held as materialized (
    select d.id from device d where d.id = any(array(select g.device_id from device_group g where g.name = $1::text))
    order by d.id for no key update
), gone as (
    delete from device_group where name = $1::text and (select count(*) from held) >= 0 returning device_id
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
  and ($4::jsonb is null or wg_in_scopes($4::jsonb, d.id, d.region, d.hardware_model))
order by d.id limit $5::bigint;

-- name: export_components
select distinct s.component collate "C" from device_software s
where ($1::text is null or exists (select from device_tag t where t.device_id = s.device_id and t.tag = $1::text))
  and ($2::text is null or exists (select from device_group g where g.device_id = s.device_id and g.name = $2::text))
  and ($3::jsonb is null or (select wg_in_scopes($3::jsonb, d.id, d.region, d.hardware_model)
                             from device d where d.id = s.device_id))
order by 1 limit $4::bigint;

-- name: export_attributes
select distinct k collate "C" from device d, jsonb_object_keys(d.attributes) k
where ($1::text is null or exists (select from device_tag t where t.device_id = d.id and t.tag = $1::text))
  and ($2::text is null or exists (select from device_group g where g.device_id = d.id and g.name = $2::text))
  and ($3::jsonb is null or wg_in_scopes($3::jsonb, d.id, d.region, d.hardware_model))
order by 1 limit $4::bigint;
