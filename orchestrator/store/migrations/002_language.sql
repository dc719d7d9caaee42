-- The campaign language in full: what selectors ask of a device, and what a campaign keeps of its file.

-- Where the position, region and zone of a device come from: its hello, the registry (import), or a boundary that its
-- position lies in. '' is not known.
alter table device
    add column position_from text not null default '' check (position_from in ('', 'hello', 'registry')),
    add column position_at   timestamptz,
    add column region_from   text not null default '' check (region_from in ('', 'hello', 'registry', 'boundary')),
    add column zone_from     text not null default '' check (zone_from in ('', 'hello', 'registry', 'boundary')),
    add column changed_at    timestamptz not null default now();   -- what a selector can ask for changed
update device set position_from = case when position is null then '' else 'hello' end, position_at = seen_at,
                  region_from = case when region = '' then '' else 'hello' end,
                  zone_from = case when zone = '' then '' else 'hello' end;

create index device_position_plane on device using gist ((position::geometry));   -- GeoJSON is flat (RFC 7946, 3.1.1)
create index device_zone on device (zone text_pattern_ops);
create index device_attributes on device using gin (attributes jsonb_path_ops);
create index device_changed on device (changed_at);

-- Keys whose byte order is the order of each scheme; '' when the version has none in it.
alter table device_software
    add column debian_key text not null default '' collate "C",
    add column calver_key text not null default '' collate "C";
create index device_software_debian on device_software (component, debian_key);
create index device_software_calver on device_software (component, calver_key) where calver_key <> '';
create index device_software_plain on device_software (component, version);

create table device_group (
    device_id text not null references device on delete cascade,
    name      text not null check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    primary key (device_id, name)
);
create index device_group_name on device_group (name);

alter table release add column from_range text not null default '';   -- versions it can be installed over; '' any

alter table campaign
    add column priority   int not null default 50 check (priority between 0 and 100),
    add column membership text not null default 'snapshot' check (membership in ('snapshot', 'continuous')),
    add column after_names text[] not null default '{}',
    add column rollback_version text not null default '',
    add column revision   int not null default 1;

create table campaign_revision (
    campaign_id  bigint not null references campaign on delete cascade,
    revision     int not null,
    digest       text not null,
    text         text not null,
    canonical    text not null,
    author       text not null,
    statement    text not null,
    author_chain text not null,
    changes      text not null,          -- what it changed, a line each; '' for the first
    at           timestamptz not null,
    primary key (campaign_id, revision)
);
insert into campaign_revision
select id, 1, digest, text, canonical, author, statement, author_chain, '', created_at from campaign;

-- Given to one revision: the same text applied again later is approved anew.
alter table approval add column revision int not null default 1;

create index place_failed on place (campaign_id, device_id) where state in ('failed', 'rolled-back', 'silent');
