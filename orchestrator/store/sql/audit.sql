-- For whom this connection acts, from now on: the actor of what names none itself.
-- name: audit_actor
select set_config('wavegate.actor', $1::text, false);

-- name: audit_add
select wg_audit(wg_at($1::bigint), '', $2::text, $3::text, $4::jsonb);

-- What a transaction of another isolation has told; nothing is written where nothing waits.
-- name: audit_settle
select wg_audit_settle() where exists (select from audit_told);

-- Devices that the engine took into a campaign since it was applied.
-- name: audit_joined
select wg_audit(null, 'engine', 'members', c.name, jsonb_build_object('wave', w.name, 'joined', $3::bigint, 'revision', c.revision))
from campaign c join wave w on w.campaign_id = c.id and w.number = $2::int where c.id = $1::bigint;

-- The newest that fit, oldest first.
-- name: audit_list
select number, wg_ms(at), actor, kind, subject, detail::text, previous, hash
from (select * from audit
      where ($1::bigint = 0 or at >= wg_at($1::bigint)) and ($3::text is null or actor = $3::text)
        and ($2::text is null or (subject = $2::text and kind in ('campaign', 'wave', 'members', 'revision', 'approval', 'approval-judged')))
      order by number desc limit $4::bigint) newest
order by number;

-- name: audit_page
select number, wg_ms(at), actor, kind, subject, detail::text, previous, hash
from audit where number > $1::bigint order by number limit $2::bigint;
