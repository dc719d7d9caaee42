-- What is only shown: documents, with the key that the next page goes on behind (store/document.h).

-- name: campaign_page
select jsonb_build_object(
    'campaign', c.name, 'state', c.state, 'cause', c.cause, 'component', c.component, 'version', c.version,
    'members', c.members, 'author', c.author, 'created_at', wg_text(c.created_at), 'started_at', wg_text(c.started_at),
    'held', c.held, 'emergency', c.emergency, 'priority', c.priority, 'revision', c.revision,
    'rolls_back', (select s.name from campaign s where s.id = c.rolls_back),
    'succeeded', n.succeeded, 'in_flight', n.in_flight, 'finished', n.finished, 'faults', n.faults)::text, c.id
from campaign c, lateral (
    select coalesce(sum(devices) filter (where state = 'succeeded'), 0) as succeeded,
           coalesce(sum(devices) filter (where state in ('offered', 'accepted', 'downloading', 'installing', 'rebooting',
                                                         'probation')), 0) as in_flight,
           coalesce(sum(devices) filter (where state in ('succeeded', 'failed', 'rolled-back', 'silent', 'withdrawn',
                                                         'superseded')), 0) as finished,
           coalesce(sum(devices) filter (where state in ('failed', 'rolled-back', 'silent')
                                         and cause in ('verify', 'download', 'install', 'boot', 'health', 'silent',
                                                       'timeout')), 0) as faults
    from wave_count w where w.campaign_id = c.id) n
where ($1::bigint is null or c.id < $1::bigint) and ($2::text is null or c.state = $2::text)
  and ($3::text is null or position($3::text in c.name) > 0)
order by c.id desc limit $4::bigint;

-- name: campaign_places
select jsonb_build_object(
    'device', p.device_id, 'wave', w.name, 'state', p.state, 'cause', p.cause, 'detail', p.detail, 'attempt', p.attempt,
    'since', wg_text(p.state_at), 'bytes', p.bytes, 'bytes_total', p.bytes_total)::text, p.device_id
from place p join campaign c on c.id = p.campaign_id join wave w on w.campaign_id = p.campaign_id and w.number = p.wave
where c.name = $1::text and p.device_id > $2::text and ($3::text is null or p.state = $3::text)
  and ($4::text is null or w.name = $4::text) and ($5::text is null or p.cause = $5::text)
  and ($6::jsonb is null or (select wg_in_scopes($6::jsonb, d.id, d.region, d.hardware_model) from device d
                             where d.id = p.device_id))
order by p.device_id limit $7::bigint;

-- Whether it names a device outside of the scopes is asked of each of its words: then it is not shown.
-- name: campaign_file
select jsonb_build_object(
    'campaign', c.name, 'revision', c.revision, 'digest', c.digest,
    'file', case when $2::jsonb is null
                   or not exists (select from jsonb_path_query(c.canonical::jsonb, '$.**') w(word)
                                  where jsonb_typeof(word) = 'string'
                                    and not (select wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model)
                                             from device d where d.id = word #>> '{}')) then c.text end)::text
from campaign c where c.name = $1::text;

-- name: campaign_history
select jsonb_build_object(
    'at', wg_text(t.at), 'actor', t.actor, 'kind', case when t.wave is null then 'campaign' else 'wave' end,
    'from', t.from_state, 'to', t.to_state, 'wave', w.name, 'words', t.cause)::text, t.id
from campaign c join transition t on t.campaign_id = c.id
left join wave w on w.campaign_id = c.id and w.number = t.wave
where c.name = $1::text and ($2::bigint is null or t.id < $2::bigint)
order by t.id desc limit $3::bigint;

-- name: campaign_exists
select '{}'::text from campaign where name = $1::text;
