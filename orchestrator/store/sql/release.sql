-- name: release_insert
insert into release (component, version, version_key, sha256, length, hardware_model, notes, added_at, added_by, from_range,
                     statement, author_chain, sealed)
values ($1::text, $2::text, $3::text, $4::text, $5::bigint, $6::text, $7::text, wg_at($8::bigint), $9::text, $10::text,
        $11::text, $12::text, $13::boolean)
on conflict (component, version) do nothing;

-- name: release_signature
select added_by, statement, author_chain from release where component = $1::text and version = $2::text;

-- name: release_get
select component, version, sha256, length, hardware_model, notes, added_by, wg_ms(added_at), from_range, sealed
from release where component = $1::text and version = $2::text;

-- name: release_list
select component, version, sha256, length, hardware_model, notes, added_by, wg_ms(added_at), from_range, sealed
from release order by component, version_key;

-- At most $8 of them: an order carries them all.
-- name: release_form_insert
insert into release_form (component, version, sha256, length, sealed, added_at, added_by)
select $1::text, $2::text, $3::text, $4::bigint, $5::boolean, wg_at($6::bigint), $7::text
where (select count(*) from release_form where component = $1::text and version = $2::text) < $8::bigint
on conflict (component, version, sha256) do nothing;

-- name: release_form_get
select length, sealed from release_form where component = $1::text and version = $2::text and sha256 = $3::text;
