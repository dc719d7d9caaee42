-- The registry: what people say of devices beside what devices say themselves, and the boundaries that tell a position's
-- region and time zone. docs/registry.md.

-- The attributes that the registry gave. device.attributes is these with what the device said over them.
alter table device add column registry_attributes jsonb not null default '{}';

-- The same names as before, found in a tenth of the time: a bounded repetition is slow.
alter table device drop constraint device_id_check,
    add constraint device_id_check check (length(id) <= 64 and id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$');
alter table device_tag drop constraint device_tag_tag_check,
    add constraint device_tag_tag_check check (length(tag) <= 64 and tag ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$');
alter table device_group drop constraint device_group_name_check,
    add constraint device_group_name_check check (length(name) <= 64 and name ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$');

alter index device_position set (buffering = on);   -- made again for very many devices in two thirds of the time

create table boundary (
    kind        text not null check (kind in ('region', 'zone')),
    name        text not null,          -- ISO 3166 code, or IANA time zone
    area        geometry(MultiPolygon, 4326) not null,
    imported_at timestamptz not null,
    primary key (kind, name)
);

-- The areas cut into pieces of few corners: a point is looked up in these.
create table boundary_piece (
    kind text not null,
    name text not null collate "C",
    area geometry(Polygon, 4326) not null,
    foreign key (kind, name) references boundary on delete cascade
);
create index boundary_piece_area on boundary_piece using gist (area);
create index boundary_piece_name on boundary_piece (kind, name);

-- What the point lies in; '' nothing. A subdivision is longer than its country and says more.
create function wg_boundary(wanted text, point geometry) returns text language plpgsql stable parallel safe as $$
begin
    return coalesce((select p.name from boundary_piece p where p.kind = wanted and st_intersects(p.area, point)
                     order by length(p.name) desc, p.name limit 1), '');
end $$;

-- Very many new devices are stored several times faster without indexes and references, which are made again behind
-- them. Nobody else reads or writes devices meanwhile; it ends with the transaction, one way or the other.
create function wg_bulk_begin() returns void language plpgsql as $$
declare
    work   text;
    tables regclass[] := array['device', 'device_software', 'device_tag', 'device_group']::regclass[];
begin
    lock table device, device_software, device_tag, device_group in access exclusive mode;
    create temporary table bulk_again on commit drop as
        select 1 as turn, format('drop index %s', indexrelid::regclass) as undo, pg_get_indexdef(indexrelid) as again
        from pg_index where indrelid = any (tables) and not indisunique
        union all
        select 2, format('alter table %s drop constraint %I', conrelid::regclass, conname),
               format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        from pg_constraint where conrelid = any (tables) and contype = 'f';
    for work in select undo from bulk_again loop execute work; end loop;
end $$;
create function wg_bulk_end() returns void language plpgsql as $$
declare
    work text;
begin
    for work in select again from bulk_again order by turn loop execute work; end loop;
    analyze device, device_software, device_tag, device_group;
end $$;
