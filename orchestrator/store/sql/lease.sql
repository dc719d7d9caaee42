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

-- name: lease_get
select holder, token, wg_ms(until) from lease where campaign_id = $1::bigint and until <> '-infinity';
