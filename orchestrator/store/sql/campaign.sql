-- name: campaign_get
select id, name, digest, component, version, state, wg_ms(state_at), cause, author, members, wg_ms(created_at)
from campaign where name = $1::text;

-- name: campaign_lock
select id, name, digest, component, version, state, wg_ms(state_at), cause, author, members, wg_ms(created_at)
from campaign where id = $1::bigint for update skip locked;

-- name: campaign_list
select id, name, digest, component, version, state, wg_ms(state_at), cause, author, members, wg_ms(created_at)
from campaign order by id desc limit 1000;

-- name: campaign_canonical
select canonical from campaign where id = $1::bigint;

-- name: campaign_active
select id from campaign where state in ('scheduled', 'running', 'paused', 'stopping') order by id limit $1::bigint;

-- A new state with an empty cause keeps the words of what led to it.
-- name: campaign_set_state
update campaign
set state = $3::text, state_at = wg_at($6::bigint), cause = case when $4::text = '' then cause else $4::text end
where id = $1::bigint and state = $2::text and $5::text is not null
returning cause;

-- name: campaign_insert
insert into campaign (name, digest, text, canonical, component, version, seed, state, state_at, cause, author,
                      statement, author_chain, retry_attempts, retry_backoff, members, created_at)
values ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, wg_at($14::bigint), 'applied',
        $9::text, $10::text, $11::text, $12::bigint, $13::bigint, $15::bigint, wg_at($14::bigint))
returning id;

-- name: wave_list
select number, name, state, wg_ms(state_at), cause, members, wg_ms(last_finish),
       (select count(*) from approval a where a.campaign_id = w.campaign_id and a.wave = w.number and a.valid)
from wave w where campaign_id = $1::bigint order by number;

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

-- Rows are locked in the order of their key, so that two transactions never wait for each other.
-- name: wave_count_add
with change as (
    select $1::bigint as campaign_id, wave, state, cause, sum(devices) as devices
    from unnest($2::int[], $3::text[], $4::text[], $5::bigint[]) as u(wave, state, cause, devices)
    group by wave, state, cause having sum(devices) <> 0
    order by wave, state, cause
)
insert into wave_count as c (campaign_id, wave, state, cause, devices)
select campaign_id, wave, state, cause, devices from change order by wave, state, cause
on conflict (campaign_id, wave, state, cause) do update set devices = c.devices + excluded.devices;

-- name: wave_finished
update wave w set last_finish = greatest(w.last_finish, wg_at($3::bigint))
where campaign_id = $1::bigint and number = any($2::int[]);

-- name: store_notify
select pg_notify('wavegate', '');
