-- name: certificate_seen
insert into certificate_end (kind, name, ends_at, seen_at) values ($1::text, $2::text, wg_at($3::bigint), wg_at($4::bigint))
on conflict (kind, name) do update set ends_at = excluded.ends_at, seen_at = excluded.seen_at;

-- name: certificate_forget
delete from certificate_end where seen_at <= wg_at($1::bigint);
