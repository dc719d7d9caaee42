-- Releases that wait for the word of others than their publisher before a campaign may install them.

alter table release
    add column approvals_wanted int not null default 0 check (approvals_wanted between 0 and 20),  -- as it was when it was published
    add column refused_at timestamptz,
    add column refused_by text not null default '',
    add column refusal    text not null default '';

create table release_approval (
    component   text not null,
    version     text not null,
    person      text not null,
    at          timestamptz not null,
    primary key (component, version, person),
    foreign key (component, version) references release
);

create function wg_release_state(r release) returns text language sql stable as $$
    select case when r.refused_at is not null then 'refused'
                when r.approvals_wanted = 0 then 'published'
                when (select count(*) from release_approval a where a.component = r.component and a.version = r.version)
                     < r.approvals_wanted then 'proposed'
                else 'published' end
$$;

create or replace function wg_audit_release() returns trigger language plpgsql as $$
begin
    perform wg_audit(new.added_at, new.added_by, 'release', new.component || '/' || new.version,
                     jsonb_build_object('sha256', new.sha256, 'length', new.length, 'sealed', new.sealed,
                                        'hardware', new.hardware_model, 'from', new.from_range)
                     || case when new.depends = '{}' then '{}' else jsonb_build_object('depends', new.depends) end
                     || case when new.approvals_wanted = 0 then '{}'
                             else jsonb_build_object('state', 'proposed', 'approvals', new.approvals_wanted) end,
                     null, jsonb_build_object('sha256', new.sha256), null);
    return null;
end $$;

create function wg_audit_release_approval() returns trigger language plpgsql as $$
declare
    main release;
    given bigint;
begin
    select * into main from release r where r.component = new.component and r.version = new.version;
    select count(*) into given from release_approval a where a.component = new.component and a.version = new.version;
    perform wg_audit(new.at, new.person, 'release-approved', new.component || '/' || new.version,
                     jsonb_build_object('sha256', main.sha256, 'approvals', given, 'wanted', main.approvals_wanted),
                     jsonb_build_object('approvals', given - 1),
                     jsonb_build_object('approvals', given, 'state', wg_release_state(main)), null);
    return null;
end $$;
create trigger release_approval_audit after insert on release_approval
    for each row execute function wg_audit_release_approval();

create function wg_audit_release_refused() returns trigger language plpgsql as $$
begin
    perform wg_audit(new.refused_at, new.refused_by, 'release-refused', new.component || '/' || new.version,
                     jsonb_build_object('sha256', new.sha256), jsonb_build_object('state', wg_release_state(old)),
                     jsonb_build_object('state', 'refused'), new.refusal);
    return null;
end $$;
create trigger release_refused_audit after update of refused_at on release for each row
    when (old.refused_at is null and new.refused_at is not null) execute function wg_audit_release_refused();

do $$
declare
    f regprocedure;
begin
    for f in select p.oid::regprocedure from pg_proc p
             where p.pronamespace = current_schema()::regnamespace
               and p.proname in ('wg_audit_release', 'wg_audit_release_approval', 'wg_audit_release_refused', 'wg_release_state') loop
        execute format('alter function %s set search_path = %I, pg_temp', f, current_schema());
    end loop;
end $$;
