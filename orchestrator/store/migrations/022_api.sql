-- What the API keeps.

-- Writes that were asked under a key of the client's, and what was answered. Not a log: a day.
create table once (
    person  text not null,
    key     text not null check (length(key) <= 128),
    request text not null,          -- SHA-256 of method, path and body
    at      timestamptz not null,
    status  int,                    -- null: under way
    type    text not null default '',
    body    text not null default '',
    primary key (person, key)
);
create index once_at on once (at);

-- RFC 3339 in UTC with milliseconds, as everything that programs read has it.
create function wg_text(at timestamptz) returns text language sql immutable parallel safe as $$
    select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- As wg_in_scopes() of a device that would be so: a registry's file is asked before it is merged.
create function wg_would_be_in_scopes(scopes jsonb, groups text[], region text, model text) returns boolean
    language sql stable parallel safe as $$
    select scopes is null or exists (
        select from jsonb_array_elements(scopes) s
        where (not s ? 'models' or s -> 'models' ? model)
          and (not s ? 'regions' or s -> 'regions' ? region or s -> 'regions' ? split_part(region, '-', 1))
          and (not s ? 'groups' or s -> 'groups' ?| groups))
$$;

create function wg_alarm_shown(a alarm) returns jsonb language sql immutable parallel safe as $$
    select jsonb_build_object(
        'device', a.device_id, 'kind', a.kind, 'count', a.count, 'first_at', wg_text(a.first_at), 'last_at', wg_text(a.last_at),
        'why', a.why, 'cleared_at', wg_text(a.cleared_at), 'cleared_by', a.cleared_by, 'cleared_why', a.cleared_why)
$$;
create index alarm_last on alarm (last_at, id);
create index alarm_open_last on alarm (last_at, id) where cleared_at is null;

-- A device as lists and pages have it (device_row_read() in orchestrator/store/device_row.c: in this order).
create view device_shown as
select d.id, d.hardware_model, d.hardware_revision, d.region, d.zone, d.slot, d.agent_version, d.position is not null as positioned,
       coalesce(st_y(d.position::geometry), 0) as lat, coalesce(st_x(d.position::geometry), 0) as lon, d.online,
       wg_ms(d.presence_at) as presence_at, wg_ms(d.seen_at) as seen_at, wg_ms(d.registered_at) as registered_at,
       wg_ms(d.revoked_at) as revoked_at, d.report_seq, d.attributes::text as attributes,
       coalesce((select json_object_agg(s.component, s.version order by s.component)::text
                 from device_software s where s.device_id = d.id), '{}') as software,
       coalesce((select json_agg(t.tag order by t.tag)::text from device_tag t where t.device_id = d.id), '[]') as tags,
       wg_ms(d.quarantined_at) as quarantined_at,
       (select string_agg(a.kind, ', ' order by a.kind) from alarm a where a.device_id = d.id and a.cleared_at is null) as alarms,
       (select a.why from alarm a where a.device_id = d.id and a.cleared_at is null and a.kind = 'cloned') as cloned_why,
       (select a.why from alarm a where a.device_id = d.id and a.cleared_at is null and a.kind = 'tampered') as tampered_why,
       (select a.why from alarm a where a.device_id = d.id and a.cleared_at is null and a.kind = 'quarantine') as held_why
from device d;
