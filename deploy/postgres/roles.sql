-- Logins of the database, and what each may: docs/steering.md, "Who did what".
--
--   psql -d wavegate -v ON_ERROR_STOP=1 -f roles.sql     as a superuser: before the first wavegated --migrate, behind it, and
--                                                        whenever else; it changes nothing that is right already
--   wavegated --migrate --database "user=wavegate_owner ..."      between the two, and with each new version
--
-- wavegate_owner   owns tables and functions; for migrations alone: keep its password away from the machines of the others
-- wavegate_audit   owns the audit log; nobody can log in as it
-- wavegate_engine  wavegated
-- wavegate_api     wavegate-api
--
-- Passwords, where pg_hba.conf asks for them: -v engine_password=... -v api_password=... -v owner_password=..., best from a
-- file (\set), so that they are in no list of processes. Without them: peer or cert, with pg_ident.conf.
\set ON_ERROR_STOP on
begin;
set local client_min_messages = warning;
set local log_statement = 'none';
set local log_min_error_statement = 'panic';

select format('create role %I', name)
from unnest(array['wavegate_owner', 'wavegate_audit', 'wavegate_engine', 'wavegate_api']) name
where not exists (select from pg_roles where rolname = name) \gexec
alter role wavegate_owner login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
alter role wavegate_engine login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
alter role wavegate_api login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
alter role wavegate_audit nologin nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
-- Those of every day are nobody else, whatever was granted by hand.
select format('revoke %I from %I', r.rolname, m.rolname)
from pg_auth_members a join pg_roles r on r.oid = a.roleid join pg_roles m on m.oid = a.member
where m.rolname in ('wavegate_engine', 'wavegate_api', 'wavegate_audit') \gexec
grant wavegate_audit to wavegate_owner; -- a migration may bring the log forward

\if :{?owner_password}
alter role wavegate_owner password :'owner_password';
\endif
\if :{?engine_password}
alter role wavegate_engine password :'engine_password';
\endif
\if :{?api_password}
alter role wavegate_api password :'api_password';
\endif

create extension if not exists postgis;
select format('grant connect, temporary on database %I to wavegate_owner, wavegate_engine, wavegate_api', current_database()) \gexec
revoke create on schema public from public, wavegate_engine, wavegate_api;
grant usage, create on schema public to wavegate_owner;
grant usage on schema public to wavegate_audit, wavegate_engine, wavegate_api;

-- ---- whose everything is; what extensions brought stays theirs ----

create temporary view wavegate_relation as
select c.oid, c.relname, c.relkind, c.relname ~ '^audit' as of_log, pg_get_userbyid(c.relowner) as owner,
       case when c.relname ~ '^audit' then 'wavegate_audit' else 'wavegate_owner' end as rightful
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e');
create temporary view wavegate_function as
select p.oid, pg_get_userbyid(p.proowner) as owner,
       case when p.prosecdef and p.proname ~ '^wg_audit' then 'wavegate_audit' else 'wavegate_owner' end as rightful
from pg_proc p
where p.pronamespace = 'public'::regnamespace
  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e');

-- Those of another alone: a table is locked for it, and what is at work holds tables in another order.
select format('alter table public.%I owner to %I', relname, rightful) from wavegate_relation where owner <> rightful \gexec
select format('alter function %s owner to %I', oid::regprocedure, rightful) from wavegate_function where owner <> rightful \gexec

-- ---- what the logins of every day may ----

alter default privileges for role wavegate_owner in schema public
    grant select, insert, update, delete on tables to wavegate_engine, wavegate_api;
revoke all on all tables in schema public from wavegate_engine, wavegate_api;
select format('revoke all on public.%I from public', relname) from wavegate_relation \gexec
select format('grant %s on public.%I to wavegate_engine, wavegate_api',
              case when of_log or relname = 'schema_migration' then 'select' else 'select, insert, update, delete' end, relname)
from wavegate_relation \gexec
-- What a trigger of the log writes behind each row.
select 'grant insert on public.change to wavegate_audit' where to_regclass('public.change') is not null \gexec
-- A row of the log is written by its functions, which take it over from there.
select format('revoke execute on function %s from public', oid::regprocedure) from wavegate_function
where oid in (select oid from pg_proc where prosecdef) \gexec
select format('grant execute on function %s to wavegate_owner, wavegate_engine, wavegate_api', oid::regprocedure)
from wavegate_function where (select proname from pg_proc p where p.oid = wavegate_function.oid)
                             ~ '^wg_(audit|audit_settle|audit_repeated|audit_refused|bulk_begin|bulk_end|report_keep)$' \gexec
commit;
