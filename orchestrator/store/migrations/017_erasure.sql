-- Devices that are to destroy their keys: asked by people, told in an order, said by the device.
create table erasure (
    id         uuid primary key default gen_random_uuid(), -- of the order
    device_id  text not null references device on delete cascade,
    asked_at   timestamptz not null,
    asked_by   text not null,                       -- the last who asked
    reason     text not null,
    statements jsonb not null,                      -- {operator: signed statement}: they entitle the order
    counter    bigint,                              -- of the order, and all below
    boot       text not null default '',
    issued_at  timestamptz,
    expires_at timestamptz,
    sent_at    timestamptz,
    sends      bigint not null default 0,
    refusal    text not null default '',            -- why it is not signed
    told_at    timestamptz,                         -- sent for the first time
    started_at timestamptz,                         -- the device says so
    done_at    timestamptz,                         -- the same: the keys are gone
    dropped_at timestamptz                          -- nobody wants it any more
);
create unique index erasure_open on erasure (device_id) where done_at is null and dropped_at is null;
create index erasure_device on erasure (device_id, asked_at);

create function wg_audit_erasure() returns trigger language plpgsql as $$
declare
    state text := case when tg_op = 'INSERT' or old.statements <> new.statements then 'asked'
                       when new.dropped_at is not null then 'dropped'
                       when new.done_at is not null then 'done'
                       when new.started_at is not null then 'started'
                       else 'told' end;
begin
    perform wg_audit(null, case when state in ('asked', 'dropped') then '' else 'engine' end, 'erasure', new.device_id,
                     jsonb_build_object('state', state, 'order', new.id)
                     || case when state = 'asked'
                             then jsonb_build_object('reason', new.reason, 'statement',
                                      encode(sha256(convert_to(new.statements ->> new.asked_by, 'UTF8')), 'hex'))
                             else '{}' end);
    return null;
end $$;
create trigger erasure_asked_audit after insert on erasure for each row execute function wg_audit_erasure();
create trigger erasure_audit after update of statements, told_at, started_at, done_at, dropped_at on erasure for each row
    when ((old.statements, old.told_at, old.started_at, old.done_at, old.dropped_at)
          is distinct from (new.statements, new.told_at, new.started_at, new.done_at, new.dropped_at))
    execute function wg_audit_erasure();
