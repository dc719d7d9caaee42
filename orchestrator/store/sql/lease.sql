-- Who ticks which campaign.
-- name: lease_take
insert into lease as l (campaign_id, holder, token, until)
values ($1::bigint, $2::text, 1, wg_at($3::bigint + $4::bigint))
on conflict (campaign_id) do update
set holder = excluded.holder, until = excluded.until, token = case when l.holder = excluded.holder then l.token else l.token + 1 end
where l.holder = excluded.holder or l.until <= wg_at($3::bigint)
returning token;

-- What was asked of hooks before a revision is no answer to what it asks.
-- name: lease_fence
update lease set token = token + 1 where campaign_id = $1::bigint;

-- name: lease_release
update lease set until = '-infinity' where holder = $1::text and until <> '-infinity';

-- Who hears which broker, of those that do not share messages out.
-- name: lease_take_broker
insert into broker_lease as l (broker, holder, until)
values ($1::text, $2::text, wg_at($3::bigint + $4::bigint))
on conflict (broker) do update set holder = excluded.holder, until = excluded.until
where l.holder = excluded.holder or l.until <= wg_at($3::bigint);

-- name: lease_release_brokers
update broker_lease set until = '-infinity' where holder = $1::text and until <> '-infinity';

-- name: lease_get
select holder, token, wg_ms(until) from lease where campaign_id = $1::bigint and until <> '-infinity';
