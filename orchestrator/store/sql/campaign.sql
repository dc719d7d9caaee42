-- name: campaign_get
select id, name, digest, component, version, state, wg_ms(state_at), cause, author, members, wg_ms(created_at),
       revision, priority, membership = 'continuous',
       (select coalesce(string_agg(n || ' (' || coalesce(f.state, 'gone') || ')', ', ' order by n), '')
        from unnest(campaign.after_names) n left join campaign f on f.name = n where f.state is distinct from 'finished'),
       held, stop, wg_ms(started_at), emergency, coalesce((select s.name from campaign s where s.id = campaign.rolls_back), ''),
       exists (select 1 from campaign s where s.id = campaign.rolls_back and s.state not in ('finished', 'aborted', 'rolled-back')),
       exists (select 1 from campaign b where b.rolls_back = campaign.id), approved_revision,
       (select count(*) from place r where r.campaign_id = campaign.id and r.ready_at is not null),
       (select coalesce(string_agg(wg_ms(a.at)::text, ' ' order by a.at desc), '')
        from approval a where a.campaign_id = campaign.id and a.wave = -1 and a.valid and a.revision = campaign.revision)
from campaign where name = $1::text;

-- Not "for update", here and in campaign_hold: orders that another campaign's ticker calls back refer to the campaign.
-- name: campaign_lock
select id, name, digest, component, version, state, wg_ms(state_at), cause, author, members, wg_ms(created_at),
       revision, priority, membership = 'continuous',
       (select coalesce(string_agg(n || ' (' || coalesce(f.state, 'gone') || ')', ', ' order by n), '')
        from unnest(campaign.after_names) n left join campaign f on f.name = n where f.state is distinct from 'finished'),
       held, stop, wg_ms(started_at), emergency, coalesce((select s.name from campaign s where s.id = campaign.rolls_back), ''),
       exists (select 1 from campaign s where s.id = campaign.rolls_back and s.state not in ('finished', 'aborted', 'rolled-back')),
       exists (select 1 from campaign b where b.rolls_back = campaign.id), approved_revision,
       (select count(*) from place r where r.campaign_id = campaign.id and r.ready_at is not null),
       (select coalesce(string_agg(wg_ms(a.at)::text, ' ' order by a.at desc), '')
        from approval a where a.campaign_id = campaign.id and a.wave = -1 and a.valid and a.revision = campaign.revision)
from campaign where id = $1::bigint for no key update skip locked;

-- Which of these waits, by whatever way, for the campaign.
-- name: campaign_waits
with recursive waits(first, name) as (
    select n, n from unnest($2::text[]) n
    union
    select w.first, n from waits w join campaign c on c.name = w.name, unnest(c.after_names) n
)
select coalesce((select first from waits where name = $1::text order by first limit 1), '');

-- name: campaign_hold
select id from campaign where name = $1::text for no key update;

-- name: campaign_list
select id, name, digest, component, version, state, wg_ms(state_at), cause, author, members, wg_ms(created_at),
       revision, priority, membership = 'continuous',
       (select coalesce(string_agg(n || ' (' || coalesce(f.state, 'gone') || ')', ', ' order by n), '')
        from unnest(campaign.after_names) n left join campaign f on f.name = n where f.state is distinct from 'finished'),
       held, stop, wg_ms(started_at), emergency, coalesce((select s.name from campaign s where s.id = campaign.rolls_back), ''),
       exists (select 1 from campaign s where s.id = campaign.rolls_back and s.state not in ('finished', 'aborted', 'rolled-back')),
       exists (select 1 from campaign b where b.rolls_back = campaign.id), approved_revision,
       (select count(*) from place r where r.campaign_id = campaign.id and r.ready_at is not null),
       (select coalesce(string_agg(wg_ms(a.at)::text, ' ' order by a.at desc), '')
        from approval a where a.campaign_id = campaign.id and a.wave = -1 and a.valid and a.revision = campaign.revision)
from campaign order by id desc limit 1000;

-- name: campaign_canonical
select canonical from campaign where id = $1::bigint;

-- name: campaign_author
select author, statement, author_chain from campaign where id = $1::bigint;

-- In the order in which they may offer: of two that may begin at the same moment the first takes the devices.
-- name: campaign_active
select id from campaign where state in ('awaiting-approval', 'scheduled', 'running', 'paused', 'stopping')
order by emergency desc, priority desc, id limit $1::bigint;

-- A new state with an empty cause keeps the words of what led to it, and an empty way to stop the one that was given.
-- name: campaign_set_state
update campaign
set state = $3::text, state_at = wg_at($6::bigint), cause = case when $4::text = '' then cause else $4::text end,
    held = $7::boolean, stop = case when $3::text = 'stopping' then $8::text else stop end,
    started_at = case when $3::text = 'running' then coalesce(started_at, wg_at($6::bigint)) else started_at end,
    approved_revision = case when $2::text = 'scheduled' and $3::text = 'running' then revision else approved_revision end
where id = $1::bigint and state = $2::text and $5::text is not null
returning cause;

-- name: campaign_insert
insert into campaign (name, digest, text, canonical, component, version, seed, state, state_at, cause, author,
                      statement, author_chain, retry_attempts, retry_backoff, members, created_at,
                      priority, membership, after_names, rollback_version, supersedes, emergency, rolls_back, started_at)
values ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, wg_at($14::bigint), 'applied',
        $9::text, $10::text, $11::text, $12::bigint, $13::bigint, $15::bigint, wg_at($14::bigint),
        $16::int, $17::text, $18::text[], $19::text, $20::text[], $21::boolean, nullif($22::bigint, 0),
        case when $8::text = 'running' then wg_at($14::bigint) end)
returning id;

-- Members: those of waves that have opened stay, the others come anew.
-- name: campaign_revise
update campaign c
set digest = $2::text, text = $3::text, canonical = $4::text, author = $5::text, statement = $6::text,
    author_chain = $7::text, retry_attempts = $8::bigint, retry_backoff = $9::bigint,
    members = $10::bigint + (select coalesce(sum(w.members), 0) from wave w where w.campaign_id = c.id and w.number < $15::int),
    priority = $11::int, membership = $12::text, after_names = $13::text[], rollback_version = $14::text,
    supersedes = $16::text[], emergency = $17::boolean, open_zones = null, revision = revision + 1
where id = $1::bigint;

-- name: revision_insert
insert into campaign_revision (campaign_id, revision, digest, text, canonical, author, statement, author_chain, changes, at)
select $1::bigint, revision, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, wg_at($9::bigint)
from campaign where id = $1::bigint;

-- name: revision_list
select revision, digest, author, changes, wg_ms(at) from campaign_revision
where campaign_id = $1::bigint order by revision desc limit 1000;

-- name: wave_list
select w.number, w.name, w.state, wg_ms(w.state_at), w.cause, w.members, wg_ms(w.last_finish),
       (select coalesce(string_agg(wg_ms(a.at)::text, ' ' order by a.at desc), '') from approval a
        where a.campaign_id = w.campaign_id and a.wave = w.number and a.valid and a.revision = c.revision),
       w.manual, w.manual_words, coalesce(h.state, ''), coalesce(h.words, ''), coalesce(wg_ms(h.at), 0),
       (select count(*) from health_pair x where x.campaign_id = w.campaign_id and x.wave = w.number and x.outcome = 'worse'),
       (select count(*) from health_pair x where x.campaign_id = w.campaign_id and x.wave = w.number and x.outcome = 'better'),
       (select count(*) from health_pair x where x.campaign_id = w.campaign_id and x.wave = w.number and x.outcome = 'tie')
from wave w
join campaign c on c.id = w.campaign_id
left join hook_answer h on h.campaign_id = w.campaign_id and h.wave = w.number and h.revision = c.revision
where w.campaign_id = $1::bigint order by w.number;

-- name: wave_set_manual
update wave set manual = $3::text, manual_words = $4::text where campaign_id = $1::bigint and number = $2::int;

-- Who advanced a gate by hand looked at that one, not at what a revision makes of it. Who holds it goes on holding it.
-- name: wave_forget_advance
update wave set manual = '', manual_words = '' where campaign_id = $1::bigint and manual = 'advance' and state <> 'passed';

-- name: wave_counts
select wave, state, cause, devices from wave_count where campaign_id = $1::bigint and devices <> 0;

-- name: wave_set_state
update wave set state = $4::text, state_at = wg_at($7::bigint), cause = $5::text
where campaign_id = $1::bigint and number = $2::int and state = $3::text and $6::text is not null
returning number;

-- name: wave_insert
insert into wave (campaign_id, number, name, state, state_at, members)
values ($1::bigint, $2::int, $3::text, 'pending', wg_at($4::bigint), $5::bigint);

-- name: transition_insert
insert into transition (campaign_id, wave, at, from_state, to_state, cause, actor)
values ($1::bigint, $2::int, wg_at($3::bigint), $4::text, $5::text, $6::text, $7::text);

-- What a transaction has counted, last of all it does. Rows are locked in the order of their key, so that two transactions never
-- wait for each other.
-- name: wave_count_add
with delta as (
    select campaign_id, wave, state, cause, devices
    from unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::bigint[]) as u(campaign_id, wave, state, cause, devices)
), told as (
    insert into change (kind, subject)
    select 'campaign', name from campaign where id = any($1::bigint[]) order by id
)
insert into wave_count as c (campaign_id, wave, state, cause, devices)
select campaign_id, wave, state, cause, devices from delta order by campaign_id, wave, state, cause
on conflict (campaign_id, wave, state, cause) do update set devices = c.devices + excluded.devices;

-- name: wave_finished
with held as materialized (
    select w.campaign_id, w.number, u.at
    from unnest($1::bigint[], $2::int[], $3::bigint[]) as u(campaign_id, wave, at)
    join wave w on w.campaign_id = u.campaign_id and w.number = u.wave
    order by w.campaign_id, w.number
    for no key update of w
)
update wave w set last_finish = greatest(w.last_finish, wg_at(h.at))
from held h where w.campaign_id = h.campaign_id and w.number = h.number;

-- name: store_notify
select pg_notify('wavegate', '');

-- name: campaign_rolled_back_by
select name from campaign where rolls_back = $1 order by id desc limit 1;
