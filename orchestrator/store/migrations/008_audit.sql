-- The audit log: what people and the engine did to campaigns, releases, devices and approvals, a row each, as a hash chain.

-- Numbers have no gap. hash is the SHA-256 of the canonical JSON of all the rest of the row, previous that of the row before
-- (64 zeros before the first): orchestrator/store/audit_chain.h. Nothing refers to what may be deleted.
create table audit (
    number   bigint primary key check (number > 0),
    at       timestamptz not null check (at = date_trunc('milliseconds', at)),
    actor    text not null,          -- an operator, 'engine', or 'login:NAME' for who came past the programs
    kind     text not null,
    subject  text not null,
    detail   jsonb not null,
    previous text not null,
    hash     text not null
);
create index audit_subject on audit (subject, number);

-- What was told and is not chained yet: nearly always this transaction's own, which is chained as it commits.
create table audit_told (
    id      bigint generated always as identity primary key,
    at      timestamptz not null,
    actor   text not null,
    kind    text not null,
    subject text not null,
    detail  jsonb not null
);

-- As common/json.h writes it.
create function wg_canonical(value jsonb) returns text language plpgsql immutable parallel safe as $$
begin
    case jsonb_typeof(value)
        when 'object' then
            return '{' || coalesce((select string_agg(wg_canonical(to_jsonb(e.key)) || ':' || wg_canonical(e.value), ','
                                                      order by e.key collate "C") from jsonb_each(value) e), '') || '}';
        when 'array' then
            return '[' || coalesce((select string_agg(wg_canonical(e.value), ',' order by e.turn)
                                    from jsonb_array_elements(value) with ordinality e(value, turn)), '') || ']';
        when 'string' then
            return '"' || replace(replace(value #>> '{}', '\', '\\'), '"', '\"') || '"';
        else
            return value::text;
    end case;
end $$;

-- Chains what is told. The lock orders all who do; each statement behind it sees what was committed before it was had.
create function wg_audit_settle() returns void language plpgsql as $$
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
            'detail', told.detail, 'previous', last.previous)), 'UTF8')), 'hex');
        insert into audit (number, at, actor, kind, subject, detail, previous, hash)
        values (last.number, told.at, told.actor, told.kind, told.subject, told.detail, last.previous, last.hash);
        delete from audit_told where id = told.id;
    end loop;
end $$;

-- Runs as the transaction commits, when it holds all other locks that it will ever want: the log's is always the last. One
-- that sees the database as it was when it began (a plan that is applied) cannot know the end of the chain: what it told
-- stays for whoever comes next, audit_settle behind it if nobody else.
create function wg_audit_chain() returns trigger language plpgsql as $$
begin
    if current_setting('transaction_isolation') = 'read committed' and exists (select from audit_told where id = new.id) then
        perform wg_audit_settle();
    end if;
    return null;
end $$;
create constraint trigger audit_chain after insert on audit_told deferrable initially deferred
    for each row execute function wg_audit_chain();

-- at null: now. actor '': who the connection said it acts for (audit_actor), else its login.
create function wg_audit(at timestamptz, actor text, kind text, subject text, detail jsonb) returns void language sql as $$
    insert into audit_told (at, actor, kind, subject, detail)
    values (date_trunc('milliseconds', coalesce(at, clock_timestamp())),
            coalesce(nullif(actor, ''), nullif(current_setting('wavegate.actor', true), ''), 'login:' || session_user),
            kind, subject, detail)
$$;

create function wg_audit_transition() returns trigger language plpgsql as $$
declare
    c campaign;
begin
    select * into c from campaign where id = new.campaign_id;
    perform wg_audit(new.at, new.actor, case when new.wave is null then 'campaign' else 'wave' end, c.name,
                     jsonb_build_object('from', new.from_state, 'to', new.to_state, 'cause', new.cause, 'digest', c.digest,
                                        'revision', c.revision)
                     || case when new.wave is null then jsonb_build_object('held', c.held, 'stop', c.stop)
                             else jsonb_build_object('wave', (select name from wave w where w.campaign_id = new.campaign_id
                                                              and w.number = new.wave)) end);
    return null;
end $$;
create trigger transition_audit after insert on transition for each row execute function wg_audit_transition();

create function wg_audit_revision() returns trigger language plpgsql as $$
begin
    perform wg_audit(new.at, new.author, 'revision', (select name from campaign where id = new.campaign_id),
                     jsonb_build_object('revision', new.revision, 'digest', new.digest, 'changes', left(new.changes, 2000)));
    return null;
end $$;
create trigger revision_audit after insert on campaign_revision for each row execute function wg_audit_revision();

create function wg_audit_approval() returns trigger language plpgsql as $$
begin
    perform wg_audit(case when tg_op = 'INSERT' then new.at end, case when tg_op = 'INSERT' then new.operator else 'engine' end,
                     case when tg_op = 'INSERT' then 'approval' else 'approval-judged' end,
                     (select name from campaign where id = new.campaign_id),
                     jsonb_build_object('wave', coalesce((select name from wave w where w.campaign_id = new.campaign_id
                                                          and w.number = new.wave), ''),
                                        'operator', new.operator, 'role', new.role, 'digest', new.digest, 'revision', new.revision,
                                        'statement', encode(sha256(convert_to(new.statement, 'UTF8')), 'hex'))
                     || case when tg_op = 'INSERT' then '{}' else jsonb_build_object('valid', new.valid, 'refusal', new.refusal) end);
    return null;
end $$;
create trigger approval_audit after insert on approval for each row execute function wg_audit_approval();
create trigger approval_judged_audit after update of valid on approval for each row
    when (old.valid is distinct from new.valid) execute function wg_audit_approval();

create function wg_audit_release() returns trigger language plpgsql as $$
begin
    perform wg_audit(new.added_at, new.added_by, 'release', new.component || '/' || new.version,
                     jsonb_build_object('sha256', new.sha256, 'length', new.length, 'sealed', new.sealed,
                                        'hardware', new.hardware_model, 'from', new.from_range));
    return null;
end $$;
create trigger release_audit after insert on release for each row execute function wg_audit_release();

-- Of a device: whether it is out, and who may open what is made for it. What it says itself changes none of these columns,
-- so that reports and hellos cost nothing here.
create function wg_audit_device() returns trigger language plpgsql as $$
begin
    perform wg_audit(null, '', 'device', new.id,
                     jsonb_build_object('revoked', new.revoked_at is not null, 'age_recipient', new.age_recipient,
                                        'enrolment', case when new.enrolment = '' then ''
                                                          else encode(sha256(convert_to(new.enrolment, 'UTF8')), 'hex') end));
    return null;
end $$;
create trigger device_audit after update of revoked_at, age_recipient, enrolment on device for each row
    when ((old.revoked_at, old.age_recipient, old.enrolment) is distinct from (new.revoked_at, new.age_recipient, new.enrolment))
    execute function wg_audit_device();
create trigger device_made_audit after insert on device for each row
    when (new.revoked_at is not null or new.age_recipient <> '' or new.enrolment <> '') execute function wg_audit_device();

-- What was before has no row: the log begins here.
select wg_audit(null, 'engine', 'log', 'audit', jsonb_build_object('transitions_before', (select count(*) from transition)));
