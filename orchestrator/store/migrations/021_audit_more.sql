-- The audit log tells from where, what was before and after, and why; refusals too; found at any size; kept by logins.

-- null where nothing is to be said, as in rows of before: what is null is no member of the row that is hashed.
alter table audit
    add column origin text,     -- the way, and from where: 'cli 10.0.0.4', 'https 10.0.0.4', 'engine', 'sql'
    add column before jsonb,    -- of what was changed: the members that are others now
    add column after  jsonb,
    add column why    text;
alter table audit_told add column origin text, add column before jsonb, add column after jsonb, add column why text;
create index audit_actor on audit (actor, number);
create index audit_kind on audit (kind, number);
create index audit_at on audit (at);

create function wg_audit(at timestamptz, actor text, kind text, subject text, detail jsonb, before jsonb, after jsonb, why text)
returns void language sql as $$
    insert into audit_told (at, actor, origin, kind, subject, detail, before, after, why)
    values (date_trunc('milliseconds', coalesce(at, clock_timestamp())),
            coalesce(nullif(actor, ''), nullif(current_setting('wavegate.actor', true), ''), 'login:' || session_user),
            coalesce(nullif(current_setting('wavegate.origin', true), ''), concat_ws(' ', 'sql', host(inet_client_addr()))),
            kind, subject, detail, nullif(before, '{}'), nullif(after, '{}'), nullif(left(why, 2000), ''))
$$;

-- The members of the first that the second does not have alike.
create function wg_audit_changed(one jsonb, other jsonb) returns jsonb language sql immutable parallel safe as $$
    select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(case when jsonb_typeof(one) = 'object' then one else '{}' end)
    where value is distinct from case when jsonb_typeof(other) = 'object' then other -> key end
$$;

-- at null: now. actor '': who the connection said it acts for (audit_actor), else its login. What the detail has as before,
-- after and reason stands where it does in all rows.
create or replace function wg_audit(at timestamptz, actor text, kind text, subject text, detail jsonb)
returns void language sql as $$
    select wg_audit(at, actor, kind, subject, detail, wg_audit_changed(detail -> 'before', detail -> 'after'),
                    wg_audit_changed(detail -> 'after', detail -> 'before'),
                    coalesce(detail ->> 'reason', current_setting('wavegate.reason', true)))
$$;

create or replace function wg_audit_settle() returns void language plpgsql as $$
declare
    told audit_told;
    last audit;
begin
    perform pg_advisory_xact_lock(7291, 2);
    select * into last from audit order by number desc limit 1;
    for told in select * from audit_told order by id loop
        last.number := coalesce(last.number, 0) + 1;
        last.previous := coalesce(last.hash, repeat('0', 64));
        last.hash := encode(sha256(convert_to(wg_canonical(jsonb_build_object(
            'number', last.number, 'at', wg_ms(told.at), 'actor', told.actor, 'kind', told.kind, 'subject', told.subject,
            'detail', told.detail, 'previous', last.previous)
            || (select coalesce(jsonb_object_agg(key, value), '{}')
                from (values ('origin', to_jsonb(told.origin)), ('before', told.before), ('after', told.after),
                             ('why', to_jsonb(told.why))) more(key, value)
                where value is not null)), 'UTF8')), 'hex');
        insert into audit (number, at, actor, origin, kind, subject, detail, before, after, why, previous, hash)
        values (last.number, told.at, told.actor, told.origin, told.kind, told.subject, told.detail, told.before, told.after,
                told.why, last.previous, last.hash);
        delete from audit_told where id = told.id;
    end loop;
end $$;

-- ---- what was before and after ----

-- How campaign or wave were, for the transition that is written behind the change, in the same transaction.
create function wg_audit_remember() returns trigger language plpgsql as $$
declare
    kept jsonb;
begin
    if tg_table_name = 'campaign' then
        kept := jsonb_build_object('of', old.id,
                                   'was', jsonb_build_object('state', old.state, 'held', old.held, 'stop', old.stop),
                                   'is', jsonb_build_object('state', new.state, 'held', new.held, 'stop', new.stop));
    else
        kept := jsonb_build_object('of', old.campaign_id, 'wave', old.number,
                                   'was', jsonb_build_object('state', old.state, 'manual', old.manual),
                                   'is', jsonb_build_object('state', new.state, 'manual', new.manual));
    end if;
    perform set_config('wavegate.was', kept::text, true);
    return null;
end $$;
create trigger campaign_remember after update of state, held, stop on campaign for each row
    when ((old.state, old.held, old.stop) is distinct from (new.state, new.held, new.stop)) execute function wg_audit_remember();
create trigger wave_remember after update of state, manual on wave for each row
    when ((old.state, old.manual) is distinct from (new.state, new.manual)) execute function wg_audit_remember();

create or replace function wg_audit_transition() returns trigger language plpgsql as $$
declare
    c campaign;
    kept jsonb := nullif(current_setting('wavegate.was', true), '')::jsonb;
    was jsonb := case when new.from_state = '' then '{}' else jsonb_build_object('state', new.from_state) end;
    now_is jsonb := jsonb_build_object('state', new.to_state);
begin
    select * into c from campaign where id = new.campaign_id;
    if (kept ->> 'of')::bigint = new.campaign_id and (kept ->> 'wave')::int is not distinct from new.wave then
        was := kept -> 'was';
        now_is := kept -> 'is';
        perform set_config('wavegate.was', '', true);
    end if;
    perform wg_audit(new.at, new.actor, case when new.wave is null then 'campaign' else 'wave' end, c.name,
                     jsonb_build_object('from', new.from_state, 'to', new.to_state, 'cause', new.cause, 'digest', c.digest,
                                        'revision', c.revision)
                     || case when new.wave is null then jsonb_build_object('held', c.held, 'stop', c.stop)
                             else jsonb_build_object('wave', (select name from wave w where w.campaign_id = new.campaign_id
                                                              and w.number = new.wave)) end,
                     wg_audit_changed(was, now_is), wg_audit_changed(now_is, was), new.cause);
    return null;
end $$;

create or replace function wg_audit_revision() returns trigger language plpgsql as $$
begin
    perform wg_audit(new.at, new.author, 'revision', (select name from campaign where id = new.campaign_id),
                     jsonb_build_object('revision', new.revision, 'digest', new.digest, 'changes', left(new.changes, 2000)),
                     (select jsonb_build_object('revision', r.revision, 'digest', r.digest) from campaign_revision r
                      where r.campaign_id = new.campaign_id and r.revision = new.revision - 1),
                     jsonb_build_object('revision', new.revision, 'digest', new.digest), null);
    return null;
end $$;

create or replace function wg_audit_approval() returns trigger language plpgsql as $$
begin
    perform wg_audit(case when tg_op = 'INSERT' then new.at end, case when tg_op = 'INSERT' then new.operator else 'engine' end,
                     case when tg_op = 'INSERT' then 'approval' else 'approval-judged' end,
                     (select name from campaign where id = new.campaign_id),
                     jsonb_build_object('wave', coalesce((select name from wave w where w.campaign_id = new.campaign_id
                                                          and w.number = new.wave), ''),
                                        'operator', new.operator, 'role', new.role, 'digest', new.digest,
                                        'revision', new.revision,
                                        'statement', encode(sha256(convert_to(new.statement, 'UTF8')), 'hex'))
                     || case when tg_op = 'INSERT' then '{}'
                             else jsonb_build_object('valid', new.valid, 'refusal', new.refusal) end,
                     case when tg_op = 'UPDATE' then jsonb_build_object('valid', old.valid) end,
                     jsonb_build_object('valid', new.valid), new.refusal);
    return null;
end $$;

create or replace function wg_audit_release() returns trigger language plpgsql as $$
begin
    perform wg_audit(new.added_at, new.added_by, 'release', new.component || '/' || new.version,
                     jsonb_build_object('sha256', new.sha256, 'length', new.length, 'sealed', new.sealed,
                                        'hardware', new.hardware_model, 'from', new.from_range)
                     || case when new.depends = '{}' then '{}' else jsonb_build_object('depends', new.depends) end,
                     null, jsonb_build_object('sha256', new.sha256), null);
    return null;
end $$;

create or replace function wg_audit_release_form() returns trigger language plpgsql as $$
begin
    perform wg_audit(new.added_at, new.added_by, 'release-form', new.component || '/' || new.version,
                     jsonb_build_object('sha256', new.sha256, 'length', new.length, 'sealed', new.sealed),
                     null, jsonb_build_object('sha256', new.sha256), null);
    return null;
end $$;

create function wg_audit_device_facts(d device) returns jsonb language sql stable as $$
    select jsonb_build_object('revoked', d.revoked_at is not null, 'age_recipient', d.age_recipient,
                              'enrolment', case when d.enrolment = '' then ''
                                                else encode(sha256(convert_to(d.enrolment, 'UTF8')), 'hex') end)
$$;
create or replace function wg_audit_device() returns trigger language plpgsql as $$
declare
    reason text := nullif(current_setting('wavegate.reason', true), '');
    was jsonb := case when tg_op = 'UPDATE' then wg_audit_device_facts(old) else '{}' end;
    now_is jsonb := wg_audit_device_facts(new);
begin
    perform wg_audit(null, '', 'device', new.id,
                     now_is || case when reason is null then '{}' else jsonb_build_object('reason', reason) end,
                     wg_audit_changed(was, now_is), wg_audit_changed(now_is, was), reason);
    return null;
end $$;

-- By policy, or freed. By a person it is a row of theirs, which says the reason (act_quarantine).
create function wg_audit_quarantine() returns trigger language plpgsql as $$
begin
    if new.quarantined_at is not null and current_setting('wavegate.by_hand', true) = 'on' then
        return null;
    end if;
    perform wg_audit(null, '', 'quarantine', new.id, '{}', jsonb_build_object('quarantined', old.quarantined_at is not null),
                     jsonb_build_object('quarantined', new.quarantined_at is not null), current_setting('wavegate.reason', true));
    return null;
end $$;
create trigger device_quarantine_audit after update of quarantined_at on device for each row
    when ((old.quarantined_at is null) <> (new.quarantined_at is null)) execute function wg_audit_quarantine();

create or replace function wg_audit_erasure() returns trigger language plpgsql as $$
declare
    state text := case when tg_op = 'INSERT' or old.statements <> new.statements then 'asked'
                       when new.dropped_at is not null then 'dropped'
                       when new.done_at is not null then 'done'
                       when new.started_at is not null then 'started'
                       else 'told' end;
    was text := case when tg_op = 'INSERT' then null
                     when old.started_at is not null then 'started'
                     when old.told_at is not null then 'told'
                     else 'asked' end;
begin
    perform wg_audit(null, case when state in ('asked', 'dropped') then '' else 'engine' end, 'erasure', new.device_id,
                     jsonb_build_object('state', state, 'order', new.id)
                     || case when state = 'asked'
                             then jsonb_build_object('reason', new.reason, 'statement',
                                      encode(sha256(convert_to(new.statements ->> new.asked_by, 'UTF8')), 'hex'))
                             else '{}' end,
                     case when was is not null then jsonb_build_object('state', was) end, jsonb_build_object('state', state),
                     case when state = 'asked' then new.reason else current_setting('wavegate.reason', true) end);
    return null;
end $$;

-- ---- what is asked of the log; these have no search_path of their own, so that they become part of the statement ----

-- Times in milliseconds, 0: any. Rows stand nearly in order of time: no transaction lasts a day.
create function wg_row_from(since bigint, before bigint) returns bigint language sql stable as $$
    select coalesce((select a.number from audit a
                     where since <> 0 and a.at >= wg_at(since) - interval '1 day' order by a.at limit 1),
                    case when since = 0 then 0 else before end)
$$;
create function wg_row_below(until bigint, before bigint) returns bigint language sql stable as $$
    select least(before, (select a.number from audit a
                          where until <> 0 and a.at >= wg_at(until) + interval '1 day' order by a.at limit 1))
$$;
-- What is null asks for nothing.
create function wg_row_fits(a audit, since bigint, until bigint, actor text, subject text, kinds text[], others text[], word text)
returns boolean language sql stable as $$
    select (wg_row_fits.since = 0 or a.at >= wg_at(wg_row_fits.since))
       and (wg_row_fits.until = 0 or a.at < wg_at(wg_row_fits.until))
       and (wg_row_fits.actor is null or a.actor = wg_row_fits.actor)
       and (wg_row_fits.subject is null or a.subject = wg_row_fits.subject)
       and (wg_row_fits.kinds is null or a.kind = any(wg_row_fits.kinds))
       and (wg_row_fits.others is null or a.kind <> all(wg_row_fits.others))
       and (wg_row_fits.word is null
            or position(lower(wg_row_fits.word) in lower(concat_ws(' ', a.actor, a.origin, a.kind, a.subject, a.why, a.detail::text,
                                                                   a.before::text, a.after::text))) > 0)
$$;

-- ---- refusals ----

-- Who was refused what within the last minute, and how often since it was told.
create table audit_refusal (
    actor   text not null,
    origin  text not null,
    what    text not null,
    since   timestamptz not null,
    times   bigint not null default 0,  -- further ones that have no row yet
    subject text not null,              -- of the last
    why     text not null,
    primary key (actor, origin, what)
);

-- Rows for what was repeated, where the minute is over.
create function wg_audit_repeated() returns void language plpgsql as $$
declare
    done audit_refusal;
begin
    perform pg_advisory_xact_lock(7291, 3);
    for done in delete from audit_refusal where since <= clock_timestamp() - interval '1 minute' returning * loop
        continue when done.times = 0;
        insert into audit_told (at, actor, origin, kind, subject, detail, why)
        values (date_trunc('milliseconds', clock_timestamp()), done.actor, done.origin, 'refused', done.subject,
                jsonb_build_object('what', done.what, 'repeated', done.times, 'since', wg_ms(done.since)), nullif(done.why, ''));
    end loop;
end $$;

-- The first is a row at once; others of the same who and what are counted into one row a minute. Names can be made up: of one
-- origin no more than 20 at a time are told apart, of all 200; the others are '*'.
create function wg_audit_refused(actor text, origin text, what text, subject text, detail jsonb, why text) returns void
language plpgsql as $$
declare
    who text := left(coalesce(nullif(wg_audit_refused.actor, ''), 'login:' || session_user), 200);
    way text := left(coalesce(nullif(wg_audit_refused.origin, ''), nullif(current_setting('wavegate.origin', true), ''),
                              concat_ws(' ', 'sql', host(inet_client_addr()))), 200);
    deed text := left(wg_audit_refused.what, 200);
    told_apart bigint;
    of_origin bigint;
    is_first boolean;
begin
    perform wg_audit_repeated();
    if not exists (select from audit_refusal r where (r.actor, r.origin, r.what) = (who, way, deed)) then
        select count(*), count(*) filter (where r.origin = way) into told_apart, of_origin from audit_refusal r;
        if told_apart >= 200 then
            way := '*';
        end if;
        if told_apart >= 200 or of_origin >= 20 then
            who := '*';
            deed := '*';
        end if;
    end if;
    insert into audit_refusal as r (actor, origin, what, since, subject, why)
    values (who, way, deed, clock_timestamp(), left(wg_audit_refused.subject, 200), left(wg_audit_refused.why, 500))
    on conflict on constraint audit_refusal_pkey do update
    set times = r.times + 1, subject = excluded.subject, why = excluded.why
    returning r.times = 0 into is_first;
    if is_first then
        insert into audit_told (at, actor, origin, kind, subject, detail, why)
        values (date_trunc('milliseconds', clock_timestamp()), who, way, 'refused', left(wg_audit_refused.subject, 200),
                coalesce(wg_audit_refused.detail, '{}') || jsonb_build_object('what', deed),
                nullif(left(wg_audit_refused.why, 500), ''));
    end if;
end $$;

-- ---- logins ----

-- Those who write the log through these own nothing of it (deploy/postgres/roles.sql). What the functions mean by a name
-- is settled here: no temporary table or schema of the caller stands in its way.
alter function wg_audit(timestamptz, text, text, text, jsonb, jsonb, jsonb, text) security definer;
alter function wg_audit_settle() security definer;
alter function wg_audit_chain() security definer;
alter function wg_audit_repeated() security definer;
alter function wg_audit_refused(text, text, text, text, jsonb, text) security definer;

-- Makes indexes of tables that belong to another login. Its list is believed when it is its own.
alter function wg_bulk_begin() security definer;
alter function wg_bulk_end() rename to wg_bulk_make;
create function wg_bulk_end() returns void language plpgsql security definer as $$
begin
    if (select relowner::regrole from pg_class where oid = to_regclass('pg_temp.bulk_again'))
       is distinct from quote_ident(current_user)::regrole then
        raise exception 'wg_bulk_end: there is no wg_bulk_begin before it';
    end if;
    perform wg_bulk_make();
end $$;

do $$
declare
    f regprocedure;
begin
    for f in select p.oid::regprocedure from pg_proc p
             where p.pronamespace = current_schema()::regnamespace and p.proname ~ '^wg_(audit|bulk)' loop
        if f::text !~ 'wg_audit_changed' then
            execute format('alter function %s set search_path = %I, pg_temp', f, current_schema());
        end if;
        if f::text ~ 'wg_bulk|wg_audit\(|wg_audit_(settle|repeated|refused)\(' then
            execute format('revoke execute on function %s from public', f);
        end if;
    end loop;
end $$;
