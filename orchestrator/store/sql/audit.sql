-- For whom this connection acts, from now on: the actor of what names none itself.
-- name: audit_actor
select set_config('wavegate.actor', $1::text, false);

-- name: audit_add
select wg_audit(wg_at($1::bigint), '', $2::text, $3::text, $4::jsonb);

-- The newest that fit, oldest first.
-- name: audit_list
select number, wg_ms(at), actor, kind, subject, detail::text, previous, hash
from (select * from audit
      where ($1::bigint = 0 or at >= wg_at($1::bigint)) and ($3::text is null or actor = $3::text)
        and ($2::text is null or (subject = $2::text and kind in ('campaign', 'wave', 'revision', 'approval', 'approval-judged')))
      order by number desc limit $4::bigint) newest
order by number;

-- name: audit_page
select number, wg_ms(at), actor, kind, subject, detail::text, previous, hash
from audit where number > $1::bigint order by number limit $2::bigint;
