-- Signing in by OpenID Connect, and invitations.

-- A sign-in on its way to the provider, for ten minutes, once: found by the hash of its state, good in the browser that has the cookie.
-- Behind it, of somebody with a second factor, until its code is typed: found by the browser, with who the provider says that it is.
create table openid_try (
    id       bigint generated always as identity primary key,
    state    text unique check (state ~ '^[0-9a-f]{64}$'),  -- SHA-256; null: behind the provider
    browser  text not null check (browser ~ '^[0-9a-f]{64}$'),  -- SHA-256 of the cookie
    nonce    text not null default '',
    verifier text not null default '',
    address  text not null,
    made_at  timestamptz not null,
    ends_at  timestamptz not null,
    issuer   text not null default '',
    subject  text not null default '',
    person   text references person on delete cascade,
    check ((state is null) = (person is not null))
);
create index openid_try_browser on openid_try (browser);
create index openid_try_address on openid_try (address);
create index openid_try_person on openid_try (person);

-- Whose an account at a provider is, from the first sign-in on, whatever it is called there later.
create table openid_link (
    issuer  text not null,
    subject text not null,
    person  text not null references person on delete cascade,
    made_at timestamptz not null,
    primary key (issuer, subject),
    unique (person, issuer)
);

-- A link with which somebody whom an owner has added chooses the first password: one at a time.
create table invitation (
    person  text primary key references person on delete cascade,
    hash    text not null unique check (hash ~ '^[0-9a-f]{64}$'),
    made_at timestamptz not null,
    ends_at timestamptz not null
);

alter table session drop constraint session_how_check;
alter table session add constraint session_how_check check (how in ('password', 'oidc', 'setup', 'invitation'));

create function wg_audit_openid_link() returns trigger language plpgsql as $$
declare
    l openid_link := case tg_op when 'DELETE' then old else new end;
begin
    perform wg_audit(case tg_op when 'INSERT' then l.made_at end, case tg_op when 'INSERT' then l.person else '' end,
                     case tg_op when 'INSERT' then 'openid-linked' else 'openid-unlinked' end, l.person,
                     jsonb_build_object('issuer', l.issuer, 'subject', l.subject));
    return null;
end $$;
create trigger openid_link_audit after insert or delete on openid_link for each row execute function wg_audit_openid_link();

-- What is used or over ends without a row of its own: its use has one.
create function wg_audit_invitation() returns trigger language plpgsql as $$
begin
    perform wg_audit(new.made_at, '', 'invitation', new.person, jsonb_build_object('ends', wg_ms(new.ends_at)));
    return null;
end $$;
create trigger invitation_audit after insert or update on invitation for each row execute function wg_audit_invitation();
