-- All changes of people in turn: so that the last owner is not taken away twice at once. Before any row.
-- name: person_lock
select pg_advisory_xact_lock(7291, 3);

-- What is shown of people. No secret is among it.
-- name: person_get
select name, version, wg_ms(made_at), wg_ms(changed_at), wg_ms(disabled_at), wg_ms(signed_in_at), password <> '', factor <> '',
       grants::text, wg_ms((select until_at from sign_in_failure
                            where kind = 'name' and key = encode(sha256(convert_to(person.name, 'UTF8')), 'hex'))),
       wg_ms((select ends_at from invitation i where i.person = person.name)), exists (select from openid_link l where l.person = person.name)
from person where name = $1::text;

-- name: person_list
select name, version, wg_ms(made_at), wg_ms(changed_at), wg_ms(disabled_at), wg_ms(signed_in_at), password <> '', factor <> '',
       grants::text, wg_ms((select until_at from sign_in_failure
                            where kind = 'name' and key = encode(sha256(convert_to(person.name, 'UTF8')), 'hex'))),
       wg_ms((select ends_at from invitation i where i.person = person.name)), exists (select from openid_link l where l.person = person.name)
from person where name > $1::text order by name limit $2::bigint;

-- name: person_add
insert into person (name, grants, password, password_at, made_at, changed_at)
values ($1::text, $2::jsonb, coalesce($3::text, ''), case when $3::text is not null then wg_at($4::bigint) end,
        wg_at($4::bigint), wg_at($4::bigint));

-- null: as it is. '': none.
-- name: person_change
update person set
    version = version + 1, changed_at = wg_at($2::bigint), grants = coalesce($3::jsonb, grants),
    disabled_at = case when $4::boolean is null then disabled_at
                       when $4::boolean then coalesce(disabled_at, wg_at($2::bigint)) end,
    password = coalesce($5::text, password),
    password_at = case when $5::text is null then password_at else wg_at($2::bigint) end,
    factor = case when $6::boolean then '' else factor end,
    factor_offered = case when $6::boolean then '' else factor_offered end
where name = $1::text;

-- name: person_delete
delete from person where name = $1::text;

-- name: person_has_owner
select wg_has_owner();

-- What lets somebody in: read here alone.
-- name: person_secrets
select password, factor, factor_offered, factor_step, disabled_at is not null from person where name = $1::text;

-- name: person_signed_in
update person set signed_in_at = wg_at($2::bigint) where name = $1::text;

-- The same password at another cost, unless it was changed since it was read.
-- name: person_rehash
update person set password = $3::text where name = $1::text and password = $2::text;

-- name: person_factor_offer
update person set factor_offered = $2::text where name = $1::text;

-- name: person_factor_confirm
update person set factor = factor_offered, factor_offered = '', factor_step = $3::bigint, version = version + 1,
                  changed_at = wg_at($4::bigint)
where name = $1::text and factor_offered = $2::text;

-- Each code once, also of two who type it at once.
-- name: person_factor_step
update person set factor_step = $3::bigint where name = $1::text and factor = $2::text and factor_step < $3::bigint;

-- name: session_add
insert into session (hash, person, how, address, made_at, seen_at)
select $1::text, name, $3::text, $4::text, wg_at($5::bigint), wg_at($5::bigint)
from person where name = $2::text and disabled_at is null
returning id;

-- name: session_who
select s.id, wg_ms(s.made_at), wg_ms(s.seen_at), p.name, p.disabled_at is not null, p.grants::text, s.how = 'oidc'
from session s join person p on p.name = s.person where s.hash = $1::text;

-- name: session_seen
update session set seen_at = wg_at($2::bigint) where id = $1::bigint and seen_at < wg_at($2::bigint);

-- name: session_end
with gone as (delete from session where id = $1::bigint returning id, person)
select wg_audit(wg_at($2::bigint), person, 'sign-out', person, jsonb_build_object('session', id)) from gone;

-- All of a person's but that one.
-- name: session_end_all
delete from session where person = $1::text and id <> $2::bigint;

-- name: session_sweep
delete from session where made_at <= wg_at($1::bigint) or seen_at <= wg_at($2::bigint);

-- name: token_add
insert into token (hash, person, name, permissions, scope, made_at, ends_at)
values ($1::text, $2::text, $3::text, $4::jsonb, $5::jsonb, wg_at($6::bigint), wg_at($7::bigint))
returning id;

-- name: token_get
select id, name, person, permissions::text, scope::text, wg_ms(made_at), wg_ms(ends_at), wg_ms(used_at)
from token where id = $1::bigint;

-- name: token_list
select id, name, person, permissions::text, scope::text, wg_ms(made_at), wg_ms(ends_at), wg_ms(used_at)
from token where ($1::text is null or person = $1::text) and id > $2::bigint order by id limit $3::bigint;

-- name: token_who
select t.id, wg_ms(t.ends_at), wg_ms(t.used_at), p.name, p.disabled_at is not null, p.grants::text, t.permissions::text,
       t.scope::text
from token t join person p on p.name = t.person where t.hash = $1::text;

-- name: token_used
update token set used_at = wg_at($2::bigint) where id = $1::bigint;

-- name: token_end
with gone as (delete from token t where id = $1::bigint returning t)
select wg_audit(wg_at($2::bigint), '', 'token-ended', (t).person, jsonb_build_object('before', wg_token_shown(t))) from gone;

-- name: token_sweep
delete from token where ends_at <= wg_at($1::bigint);

-- Both rows are there and held, the address first, as everybody does.
-- name: sign_in_failure_hold
insert into sign_in_failure as f (kind, key, failures) values ('address', $1::text, 0), ('name', $2::text, 0)
on conflict (kind, key) do update set failures = f.failures
returning kind, failures, wg_ms(last_at), wg_ms(until_at);

-- name: sign_in_failure_put
update sign_in_failure set failures = $3::bigint, last_at = wg_at($4::bigint), until_at = wg_at($5::bigint)
where kind = $1::text and key = $2::text;

-- Of a person who gets another password.
-- name: sign_in_failure_forget
delete from sign_in_failure where kind = 'name' and key = encode(sha256(convert_to($1::text, 'UTF8')), 'hex');

-- name: sign_in_failure_sweep
delete from sign_in_failure where last_at is null or last_at <= wg_at($1::bigint);

-- In nobody's name: who it was is not known.
-- name: sign_in_refused
select wg_audit(wg_at($1::bigint), 'address:' || $2::text, 'sign-in-refused', $3::text,
                jsonb_build_object('address', $2::text, 'why', $4::text));

-- An older link holds no more.
-- name: setup_offer
insert into setup_link (hash, made_at, ends_at) values ($1::text, wg_at($2::bigint), wg_at($3::bigint))
on conflict (one) do update set hash = excluded.hash, made_at = excluded.made_at, ends_at = excluded.ends_at;

-- name: setup_use
delete from setup_link where hash = $1::text and ends_at > wg_at($2::bigint);

-- name: setup_sweep
delete from setup_link where ends_at <= wg_at($1::bigint) or wg_has_owner();

-- name: person_who
select disabled_at is not null, grants::text from person where name = $1::text;

-- ---- OpenID Connect ----

-- Nothing when this address has as many under way as it may.
-- name: openid_try_add
insert into openid_try (state, browser, nonce, verifier, address, made_at, ends_at)
select $1::text, $2::text, $3::text, $4::text, $5::text, wg_at($6::bigint), wg_at($7::bigint)
where (select count(*) from openid_try where address = $5::text) < $8::bigint;

-- Once, whoever brings it.
-- name: openid_try_take
delete from openid_try where state = $1::text returning browser, nonce, verifier, wg_ms(made_at), wg_ms(ends_at);

-- One a browser: the last.
-- name: openid_try_vouch
with gone as (delete from openid_try where browser = $1::text)
insert into openid_try (browser, address, made_at, ends_at, issuer, subject, person)
values ($1::text, $2::text, wg_at($3::bigint), wg_at($4::bigint), $5::text, $6::text, $7::text);

-- name: openid_try_vouched
select person, issuer, subject from openid_try
where browser = $1::text and person is not null and ends_at > wg_at($2::bigint);

-- name: openid_try_end
delete from openid_try where browser = $1::text;

-- name: openid_try_sweep
delete from openid_try where ends_at <= wg_at($1::bigint);

-- Who the account belongs to; else who has that name, and whether another account of the issuer is theirs.
-- name: openid_who
select p.name, p.disabled_at is not null, l.subject is not null and l.subject <> $2::text
from person p left join openid_link l on l.person = p.name and l.issuer = $1::text
where p.name = coalesce((select person from openid_link where issuer = $1::text and subject = $2::text), $3::text);

-- Whose it is now: nobody's, when two came at once and the other was first.
-- name: openid_link
with added as (insert into openid_link (issuer, subject, person, made_at)
               values ($1::text, $2::text, $3::text, wg_at($4::bigint)) on conflict do nothing returning person)
select person from added union select person from openid_link where issuer = $1::text and subject = $2::text;

-- name: openid_unlink
delete from openid_link where person = $1::text;

-- ---- invitations ----

-- An older link of theirs holds no more.
-- name: invitation_put
insert into invitation (person, hash, made_at, ends_at)
select name, $2::text, wg_at($3::bigint), wg_at($4::bigint) from person where name = $1::text and password = '' and factor = ''
on conflict (person) do update set hash = excluded.hash, made_at = excluded.made_at, ends_at = excluded.ends_at;

-- name: invitation_look
select person from invitation where hash = $1::text and ends_at > wg_at($2::bigint);

-- name: invitation_take
delete from invitation where hash = $1::text and ends_at > wg_at($2::bigint) returning person;

-- name: invitation_drop
delete from invitation where person = $1::text;

-- name: invitation_sweep
delete from invitation where ends_at <= wg_at($1::bigint);
