-- What is only shown: documents, with the key that the next page goes on behind (store/document.h).

-- Newest first. The cursor is "MICROSECONDS.SEQ".
-- name: device_timeline
select jsonb_build_object(
    'at', wg_text(r.received_at), 'device_at', wg_text(r.device_at), 'campaign', r.campaign, 'attempt', r.attempt,
    'seq', r.seq, 'state', r.state, 'cause', r.cause, 'detail', r.detail, 'remark', r.remark)::text,
    (extract(epoch from r.received_at) * 1000000)::bigint || '.' || r.seq
from report r
where r.device_id = $1::text
  and ($2::text is null or (r.received_at, r.seq) < (to_timestamp(split_part($2::text, '.', 1)::bigint / 1000000.0),
                                                     split_part($2::text, '.', 2)::bigint))
order by r.received_at desc, r.seq desc limit $3::bigint;

-- name: device_logs_page
select jsonb_build_object('at', wg_text(l.received_at), 'campaign', l.campaign, 'attempt', l.attempt, 'order', l.order_id,
                          'source', l.source, 'device_at', wg_text(l.device_at), 'cut', l.cut, 'text', l.text)::text, l.id
from device_log l
where l.device_id = $1::text and ($2::bigint is null or l.id < $2::bigint) and ($3::text is null or l.campaign = $3::text)
order by l.id desc limit $4::bigint;

-- name: group_page
select jsonb_build_object('group', g.name, 'devices', count(*))::text, g.name
from device_group g
where g.name > $1::text and ($2::jsonb is null or (select wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model)
                                                  from device d where d.id = g.device_id))
group by g.name order by g.name limit $3::bigint;

-- name: group_member_page
select jsonb_build_object('device', g.device_id)::text, g.device_id
from device_group g
where g.name = $1::text and g.device_id > $2::text
  and ($3::jsonb is null or (select wg_in_scopes($3::jsonb, d.id, d.region, d.hardware_model)
                             from device d where d.id = g.device_id))
order by g.device_id limit $4::bigint;

-- The last that was heard first. The cursor is "MICROSECONDS.ID"; of one device, or of all.
-- name: alarm_page
select wg_alarm_shown(a)::text, (extract(epoch from a.last_at) * 1000000)::bigint || '.' || a.id
from alarm a
where a.cleared_at is null
  and ($1::text is null or (a.last_at, a.id) < (to_timestamp(split_part($1::text, '.', 1)::bigint / 1000000.0),
                                                split_part($1::text, '.', 2)::bigint))
  and ($2::jsonb is null or (select wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model)
                             from device d where d.id = a.device_id))
order by a.last_at desc, a.id desc limit $3::bigint;

-- And those that were cleared.
-- name: alarm_page_all
select wg_alarm_shown(a)::text, (extract(epoch from a.last_at) * 1000000)::bigint || '.' || a.id
from alarm a
where ($1::text is null or (a.last_at, a.id) < (to_timestamp(split_part($1::text, '.', 1)::bigint / 1000000.0),
                                                split_part($1::text, '.', 2)::bigint))
  and ($2::jsonb is null or (select wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model)
                             from device d where d.id = a.device_id))
order by a.last_at desc, a.id desc limit $3::bigint;

-- name: device_alarm_page
select wg_alarm_shown(a)::text, (extract(epoch from a.last_at) * 1000000)::bigint || '.' || a.id
from alarm a
where a.device_id = $1::text and (a.cleared_at is null or $2::boolean)
  and ($3::text is null or (a.last_at, a.id) < (to_timestamp(split_part($3::text, '.', 1)::bigint / 1000000.0),
                                                split_part($3::text, '.', 2)::bigint))
order by a.last_at desc, a.id desc limit $4::bigint;

-- The cursor is "KIND/NAME"; names of zones hold a '/' too.
-- name: boundary_page
select jsonb_build_object(
    'kind', b.kind, 'name', b.name, 'area_km2', st_area(b.area::geography) / 1e6, 'imported_at', wg_text(b.imported_at),
    'devices', case b.kind
        when 'region' then (select count(*) from device d where d.region = b.name and d.region_from = 'boundary'
                              and ($2::jsonb is null or wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model)))
        else (select count(*) from device d where d.zone = b.name and d.zone_from = 'boundary'
              and ($2::jsonb is null or wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model))) end)::text,
    b.kind || '/' || b.name
from boundary b
where $1::text = '' or (b.kind, b.name) > (split_part($1::text, '/', 1), substring($1::text from position('/' in $1::text) + 1))
order by b.kind, b.name limit $3::bigint;

-- name: audit_head
select coalesce((select jsonb_build_object('number', number, 'hash', hash, 'at', wg_text(at))
                 from audit order by number desc limit 1),
                jsonb_build_object('number', 0, 'hash', repeat('0', 64), 'at', null))::text;

-- The cursor is "COMPONENT/VERSION".
-- name: release_page
select jsonb_build_object(
    'component', r.component, 'version', r.version, 'sha256', r.sha256, 'length', r.length,
    'hardware_model', r.hardware_model, 'from', r.from_range, 'notes', r.notes, 'added_by', r.added_by,
    'added_at', wg_text(r.added_at), 'sealed', r.sealed, 'signed', r.statement <> '', 'depends', r.depends,
    'state', wg_release_state(r), 'approvals_wanted', r.approvals_wanted,
    'approvals', coalesce((select jsonb_agg(jsonb_build_object('by', a.person, 'at', wg_text(a.at)) order by a.at, a.person)
                           from release_approval a where a.component = r.component and a.version = r.version), '[]'),
    'refused', case when r.refused_at is not null
                    then jsonb_build_object('by', r.refused_by, 'at', wg_text(r.refused_at), 'reason', r.refusal) end,
    'with', coalesce((select jsonb_object_agg(w.with_component, w.with_version) from release_companion w
                      where w.component = r.component and w.version = r.version), '{}'))::text,
    r.component || '/' || r.version
from release r
where ($1::text is null or (r.component, r.version_key) > (
           select b.component, b.version_key from release b
           where b.component = split_part($1::text, '/', 1) and b.version = split_part($1::text, '/', 2)))
  and ($2::text is null or r.component = $2::text)
  and ($3::text is null or position($3::text in r.component || '/' || r.version) > 0)
  and ($4::text is null or wg_release_state(r) = $4::text)
order by r.component, r.version_key limit $5::bigint;

-- name: release_document
select jsonb_build_object(
    'component', r.component, 'version', r.version, 'sha256', r.sha256, 'length', r.length,
    'hardware_model', r.hardware_model, 'from', r.from_range, 'notes', r.notes, 'added_by', r.added_by,
    'added_at', wg_text(r.added_at), 'sealed', r.sealed, 'signed', r.statement <> '', 'depends', r.depends,
    'state', wg_release_state(r), 'approvals_wanted', r.approvals_wanted,
    'approvals', coalesce((select jsonb_agg(jsonb_build_object('by', a.person, 'at', wg_text(a.at)) order by a.at, a.person)
                           from release_approval a where a.component = r.component and a.version = r.version), '[]'),
    'refused', case when r.refused_at is not null
                    then jsonb_build_object('by', r.refused_by, 'at', wg_text(r.refused_at), 'reason', r.refusal) end,
    'with', coalesce((select jsonb_object_agg(w.with_component, w.with_version) from release_companion w
                      where w.component = r.component and w.version = r.version), '{}'),
    'forms', coalesce((select jsonb_agg(jsonb_build_object('sha256', f.sha256, 'length', f.length, 'sealed', f.sealed,
                                                           'added_at', wg_text(f.added_at), 'added_by', f.added_by)
                                        order by f.added_at) from release_form f
                       where f.component = r.component and f.version = r.version), '[]'),
    'campaigns', coalesce((select jsonb_agg(jsonb_build_object('campaign', c.name, 'state', c.state) order by c.id desc)
                           from campaign c where c.component = r.component and c.version = r.version), '[]'),
    'devices', (select count(*) from device_software s where s.component = r.component and s.version = r.version
                and ($3::jsonb is null or (select wg_in_scopes($3::jsonb, d.id, d.region, d.hardware_model)
                                           from device d where d.id = s.device_id))))::text
from release r where r.component = $1::text and r.version = $2::text;
