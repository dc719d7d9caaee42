-- People: what they may, what lets them in, who is in. Secrets are columns of their own (password, factor, hash): what the audit
-- log says of a person or a token is made by wg_person_shown and wg_token_shown, which name what they show.
create table person (
    name           text primary key check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),  -- as in certificates
    version        bigint not null default 1,          -- the ETag
    grants         jsonb not null check (jsonb_typeof(grants) = 'array'),  -- orchestrator/people/grants.h
    password       text not null default '',           -- Argon2id; '' none
    password_at    timestamptz,                        -- when it was chosen
    factor         text not null default '',           -- of the second factor, base32; '' none
    factor_offered text not null default '',           -- until a code of it was typed
    factor_step    bigint not null default 0,          -- of the last code that was taken
    made_at        timestamptz not null,
    changed_at     timestamptz not null,
    disabled_at    timestamptz,
    signed_in_at   timestamptz
);

create table session (
    id      bigint generated always as identity primary key,
    hash    text not null unique check (hash ~ '^[0-9a-f]{64}$'),
    person  text not null references person on delete cascade,
    how     text not null check (how in ('password', 'oidc', 'setup')),
    address text not null,
    made_at timestamptz not null,
    seen_at timestamptz not null
);
create index session_person on session (person);

create table token (
    id          bigint generated always as identity primary key,
    hash        text not null unique check (hash ~ '^[0-9a-f]{64}$'),
    person      text not null references person on delete cascade,  -- its maker
    name        text not null check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    permissions jsonb not null check (jsonb_typeof(permissions) = 'array'),
    scope       jsonb not null check (jsonb_typeof(scope) = 'object'),
    made_at     timestamptz not null,
    ends_at     timestamptz not null,
    used_at     timestamptz,
    unique (person, name)
);

-- Wrong passwords by address and by name: orchestrator/people/lockout.h. Whether there is such a person makes no difference. A
-- name is kept as its SHA-256: now and then somebody types a password there.
create table sign_in_failure (
    kind     text not null check (kind in ('address', 'name')),
    key      text not null,
    failures bigint not null,
    last_at  timestamptz,
    until_at timestamptz,
    primary key (kind, key)
);

-- The link by which the first owner comes in: one at most.
create table setup_link (
    one     boolean primary key default true check (one),
    hash    text not null check (hash ~ '^[0-9a-f]{64}$'),
    made_at timestamptz not null,
    ends_at timestamptz not null
);

-- An owner of all there is, who is not shut out.
create function wg_has_owner() returns boolean language sql stable as $$
    select exists (select from person p, jsonb_array_elements(p.grants) g
                   where p.disabled_at is null and g ->> 'role' = 'owner' and coalesce(g -> 'scope', '{}') = '{}')
$$;

-- Is the device in one of the scopes (orchestrator/people/scope.h; grants_scopes)? null: everything. A region has one part below
-- its country. In steps, not as one query: a list asks it of every device.
create function wg_in_scopes(scopes jsonb, device text, region text, model text) returns boolean
    language plpgsql stable parallel safe as $$
declare
    turn int := 0;
    s jsonb;
begin
    if scopes is null then return true; end if;
    loop
        s := scopes -> turn;
        if s is null then return false; end if;
        turn := turn + 1;
        continue when s ? 'models' and not s -> 'models' ? model;
        continue when s ? 'regions' and not s -> 'regions' ? region and not s -> 'regions' ? split_part(region, '-', 1);
        continue when s ? 'groups' and not exists (select from device_group g
                                                   where g.device_id = device and s -> 'groups' ? g.name);
        return true;
    end loop;
end $$;

create function wg_person_shown(p person) returns jsonb language sql stable as $$
    select jsonb_build_object('grants', p.grants, 'disabled', p.disabled_at is not null,
                              'password', p.password <> '', 'second_factor', p.factor <> '')
$$;

-- A hash that is made anew of the same password, at another cost, is said to be that.
create function wg_audit_person() returns trigger language plpgsql as $$
declare
    detail jsonb := '{}';
begin
    if tg_op <> 'INSERT' then detail := jsonb_build_object('before', wg_person_shown(old)); end if;
    if tg_op <> 'DELETE' then detail := detail || jsonb_build_object('after', wg_person_shown(new)); end if;
    if tg_op = 'UPDATE' and old.password <> new.password then
        detail := detail || jsonb_build_object('password', case when old.password_at is distinct from new.password_at
                                                                then 'changed' else 'hashed anew' end);
    end if;
    if tg_op = 'UPDATE' and old.factor <> new.factor then
        detail := detail || jsonb_build_object('second_factor', 'changed');
    end if;
    perform wg_audit(case tg_op when 'INSERT' then new.made_at when 'UPDATE' then nullif(new.changed_at, old.changed_at) end,
                     case when detail ->> 'password' = 'hashed anew' then 'engine' else '' end,
                     case tg_op when 'INSERT' then 'person-made' when 'UPDATE' then 'person' else 'person-deleted' end,
                     case when tg_op = 'DELETE' then old.name else new.name end, detail);
    return null;
end $$;
create trigger person_made_audit after insert or delete on person for each row execute function wg_audit_person();
create trigger person_audit after update on person for each row
    when ((wg_person_shown(old), old.password, old.factor) is distinct from (wg_person_shown(new), new.password, new.factor))
    execute function wg_audit_person();

create function wg_audit_session() returns trigger language plpgsql as $$
begin
    perform wg_audit(new.made_at, new.person, 'sign-in', new.person,
                     jsonb_build_object('how', new.how, 'address', new.address, 'session', new.id));
    return null;
end $$;
create trigger session_audit after insert on session for each row execute function wg_audit_session();

create function wg_token_shown(t token) returns jsonb language sql stable as $$
    select jsonb_build_object('id', t.id, 'name', t.name, 'permissions', t.permissions, 'scope', t.scope, 'ends', wg_ms(t.ends_at))
$$;

create function wg_audit_token() returns trigger language plpgsql as $$
begin
    perform wg_audit(new.made_at, '', 'token-made', new.person, jsonb_build_object('after', wg_token_shown(new)));
    return null;
end $$;
create trigger token_audit after insert on token for each row execute function wg_audit_token();

create function wg_audit_setup() returns trigger language plpgsql as $$
begin
    perform wg_audit(new.made_at, 'engine', 'setup-link', 'setup', jsonb_build_object('ends', wg_ms(new.ends_at)));
    return null;
end $$;
create trigger setup_audit after insert or update on setup_link for each row execute function wg_audit_setup();
