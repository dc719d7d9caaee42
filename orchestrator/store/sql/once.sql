-- Takes the key, also from one who began and did not end. No row: somebody else has it.
-- name: once_begin
insert into once as o (person, key, request, at) values ($1::text, $2::text, $3::text, wg_at($4::bigint))
on conflict (person, key) do update set request = excluded.request, at = excluded.at, status = null, type = '', body = ''
where o.at < wg_at($4::bigint - $6::bigint) or (o.status is null and o.at < wg_at($4::bigint - $5::bigint))
returning 1;

-- name: once_get
select request, status, type, body from once where person = $1::text and key = $2::text;

-- name: once_end
update once set status = $3::int, type = $4::text, body = $5::text where person = $1::text and key = $2::text;

-- name: once_drop
delete from once where person = $1::text and key = $2::text and status is null;

-- name: once_sweep
delete from once where at < wg_at($1::bigint);
