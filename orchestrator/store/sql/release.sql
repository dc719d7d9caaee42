-- With its companions, $15 the components and $16 their versions: all or nothing.
-- name: release_insert
with added as (
    insert into release (component, version, version_key, sha256, length, hardware_model, notes, added_at, added_by, from_range,
                         statement, author_chain, sealed, depends, approvals_wanted)
    values ($1::text, $2::text, $3::text, $4::text, $5::bigint, $6::text, $7::text, wg_at($8::bigint), $9::text, $10::text,
            $11::text, $12::text, $13::boolean, $14::jsonb, $17::int)
    on conflict (component, version) do nothing
    returning component, version
), together as (
    insert into release_companion (component, version, with_component, with_version)
    select a.component, a.version, u.component, u.version
    from added a, unnest($15::text[], $16::text[]) as u(component, version)
)
select count(*) from added;

-- name: release_signature
select added_by, statement, author_chain from release where component = $1::text and version = $2::text;

-- name: release_get
select component, version, sha256, length, hardware_model, notes, added_by, wg_ms(added_at), from_range, sealed,
       depends::text,
       coalesce((select json_agg(json_build_array(w.with_component, w.with_version) order by w.with_component collate "C")
                 from release_companion w where w.component = r.component and w.version = r.version)::text, '[]'),
       approvals_wanted, (select count(*) from release_approval a where a.component = r.component and a.version = r.version),
       wg_release_state(r), refused_by, refusal
from release r where component = $1::text and version = $2::text;

-- name: release_list
select component, version, sha256, length, hardware_model, notes, added_by, wg_ms(added_at), from_range, sealed,
       depends::text,
       coalesce((select json_agg(json_build_array(w.with_component, w.with_version) order by w.with_component collate "C")
                 from release_companion w where w.component = r.component and w.version = r.version)::text, '[]'),
       approvals_wanted, (select count(*) from release_approval a where a.component = r.component and a.version = r.version),
       wg_release_state(r), refused_by, refusal
from release r order by component, version_key;

-- At most $8 of them: an order carries them all.
-- name: release_form_insert
insert into release_form (component, version, sha256, length, sealed, added_at, added_by)
select $1::text, $2::text, $3::text, $4::bigint, $5::boolean, wg_at($6::bigint), $7::text
where (select count(*) from release_form where component = $1::text and version = $2::text) < $8::bigint
on conflict (component, version, sha256) do nothing;

-- name: release_form_get
select length, sealed from release_form where component = $1::text and version = $2::text and sha256 = $3::text;

-- Held until the end of the transaction: who approves and who refuses see each other.
-- name: release_hold
select 1 from release where component = $1::text and version = $2::text for update;

-- name: release_approve
insert into release_approval (component, version, person, at) values ($1::text, $2::text, $3::text, wg_at($4::bigint))
on conflict do nothing;

-- name: release_refuse
update release set refused_at = wg_at($4::bigint), refused_by = $3::text, refusal = $5::text
where component = $1::text and version = $2::text and refused_at is null;
