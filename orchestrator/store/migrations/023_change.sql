-- Changes: what happened when, for streams of events and webhooks; kept for ten minutes. Not a log: that is audit. Webhooks.

-- Read in order of (xid, id), and only those of transactions before the oldest that is under way
-- (pg_snapshot_xmin(pg_current_snapshot())): so nobody who reads on behind a row misses one that commits late.
create table change (
    xid     xid8 not null default pg_current_xact_id(),
    id      bigint generated always as identity,
    at      timestamptz not null default clock_timestamp(),
    kind    text not null check (kind in ('campaign', 'wave', 'device', 'alarm', 'release', 'people')),
    subject text,           -- of waves their campaign, of alarms their device; null: several
    audit   bigint,         -- number of the row that tells more
    primary key (xid, id)
);

-- What people and the engine do has a row of the audit log, and with it a row here. Refusals change nothing.
-- (In its owner's name: rows of the log are written in that of the log's keeper, who has nothing to do with this table.)
create function wg_change_audit() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    kind text := case
        when new.kind in ('campaign', 'revision', 'approval', 'approval-judged', 'members') then 'campaign'
        when new.kind = 'wave' then 'wave'
        when new.kind like 'release%' then 'release'
        when new.kind like 'device%' or new.kind in ('tag', 'erasure', 'quarantine', 'retry', 'cancel', 'alarm', 'group', 'boundary',
                                                     'import') then 'device'
        when new.kind like 'person%' or new.kind like 'token%' or new.kind like 'webhook%' then 'people'
    end;
begin
    if kind is not null and to_jsonb(new) ->> 'outcome' is distinct from 'refused' then
        insert into change (kind, subject, audit)
        values (kind, case when new.kind not in ('group', 'boundary', 'import') then new.subject end, new.number);
    end if;
    return null;
end $$;
create trigger audit_change after insert on audit for each row execute function wg_change_audit();

-- Raised or cleared; one that is raised again is what it was.
create function wg_change_alarm() returns trigger language plpgsql as $$
begin
    insert into change (kind, subject) values ('alarm', new.device_id);
    return null;
end $$;
create trigger alarm_change after insert on alarm for each row execute function wg_change_alarm();
create trigger alarm_cleared_change after update of cleared_at on alarm for each row
    when (old.cleared_at is distinct from new.cleared_at) execute function wg_change_alarm();

-- ---- webhooks: who is told of changes by a POST, and what is still to be told ----

create table webhook (
    id         bigint generated always as identity primary key,
    version    bigint not null default 1,          -- the ETag
    name       text not null unique check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    url        text not null,
    kinds      text[] not null check (cardinality(kinds) > 0),
    secret     text not null,                      -- what deliveries are signed with: shown once, in no log
    enabled    boolean not null default true,
    made_at    timestamptz not null default now(),
    made_by    text not null,
    changed_at timestamptz not null default now()
);

-- Each event for each webhook that wants it, until it was taken there or given up.
create table webhook_event (
    webhook_id bigint not null references webhook on delete cascade,
    xid        xid8 not null,
    id         bigint not null,
    subject    text not null default '',           -- events of one subject go one behind the other
    body       text not null,                      -- the CloudEvent
    made_at    timestamptz not null default now(),
    since      timestamptz not null default now(), -- from then on it is given so long
    attempts   int not null default 0,
    next_at    timestamptz not null default now(),
    failure    text not null default '',           -- of the last attempt
    dead_at    timestamptz,
    primary key (webhook_id, xid, id)
);
create index webhook_event_due on webhook_event (next_at) where dead_at is null;
create index webhook_event_order on webhook_event (webhook_id, subject, xid, id) where dead_at is null;
create index webhook_event_dead on webhook_event (webhook_id, xid, id) where dead_at is not null;

-- Which wavegate-api sends, until when, and up to where changes have become events of webhooks.
create table webhook_sender (
    one    boolean primary key default true check (one),
    holder text not null default '',
    until  timestamptz not null default '-infinity',
    xid    xid8 not null default '0',
    id     bigint not null default 0
);
insert into webhook_sender default values;
