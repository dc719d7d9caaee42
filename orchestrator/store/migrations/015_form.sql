-- Further forms of a release's artifact: compressed, patches. What each is stands in the repository's metadata.
create table release_form (
    component text not null,
    version   text not null,
    sha256    text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    length    bigint not null check (length > 0),
    sealed    boolean not null,
    added_at  timestamptz not null,
    added_by  text not null,
    primary key (component, version, sha256),
    foreign key (component, version) references release
);

create function wg_audit_release_form() returns trigger language plpgsql as $$
begin
    perform wg_audit(new.added_at, new.added_by, 'release-form', new.component || '/' || new.version,
                     jsonb_build_object('sha256', new.sha256, 'length', new.length, 'sealed', new.sealed));
    return null;
end $$;
create trigger release_form_audit after insert on release_form for each row execute function wg_audit_release_form();
