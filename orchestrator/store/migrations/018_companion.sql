-- Releases that are installed together with another, and the versions of other components that a release needs.
alter table release add column depends jsonb not null default '{}';  -- component -> range of versions

create table release_companion (
    component    text not null,
    version      text not null,
    with_component text not null,
    with_version text not null,
    primary key (component, version, with_component),
    check (component <> with_component),
    foreign key (component, version) references release,
    foreign key (with_component, with_version) references release
);

create or replace function wg_audit_release() returns trigger language plpgsql as $$
begin
    perform wg_audit(new.added_at, new.added_by, 'release', new.component || '/' || new.version,
                     jsonb_build_object('sha256', new.sha256, 'length', new.length, 'sealed', new.sealed,
                                        'hardware', new.hardware_model, 'from', new.from_range)
                     || case when new.depends = '{}' then '{}' else jsonb_build_object('depends', new.depends) end);
    return null;
end $$;

-- In the name of whoever published the release.
create function wg_audit_release_companion() returns trigger language plpgsql as $$
declare
    main release;
begin
    select * into main from release r where r.component = new.component and r.version = new.version;
    perform wg_audit(main.added_at, main.added_by, 'release-companion', new.component || '/' || new.version,
                     jsonb_build_object('with', new.with_component || '/' || new.with_version));
    return null;
end $$;
create trigger release_companion_audit after insert on release_companion
    for each row execute function wg_audit_release_companion();
