-- Reports by the month in which they came: what is old goes as a whole table, without a row deleted.

alter table report rename to report_before;
alter table report_before rename constraint report_seq_check to report_seq;
alter index report_pkey rename to report_before_pkey;
alter index report_device rename to report_before_device;

-- A number is known once: intake looks for it under the lock of its device, which stands for the unique index that no
-- partitioned table can have without its key.
create table report (
    device_id   text not null,
    journal     text not null,
    seq         bigint not null constraint report_seq check (seq > 0),
    received_at timestamptz not null,
    order_id    text not null,
    campaign    text not null,
    attempt     bigint not null,
    state       text not null,
    cause       text not null,
    detail      text not null,
    device_at   timestamptz,
    remark      text not null default '',   -- why it moved nothing; '' when it moved the device
    primary key (device_id, journal, seq, received_at)
) partition by range (received_at);
create index report_device on report (device_id, received_at);
create table report_rest partition of report default; -- of clocks that are elsewhere

-- What was there is the table of this month and all before.
do $$
declare
    upto timestamp := date_trunc('month', greatest(now(), (select max(received_at) from report_before)) at time zone 'UTC')
                      + interval '1 month';
    name text := 'report_' || to_char(upto - interval '1 day', 'YYYYMM');
begin
    if not exists (select from report_before) then
        drop table report_before;
        return;
    end if;
    alter table report_before drop constraint report_before_pkey;
    execute format('alter table report_before add constraint %I primary key (device_id, journal, seq, received_at)', name || '_pkey');
    execute format('alter table report_before rename to %I', name);
    execute format('alter table report attach partition %I for values from (minvalue) to (%L)', name, upto || '+00');
end $$;

-- The tables of this month and the next two; those that ended so many days ago are dropped (0: none is), and with them what
-- could not be read then. What was dropped.
create function wg_report_keep(moment timestamptz, days int) returns text[] language plpgsql security definer
set search_path = public, pg_temp set TimeZone = 'UTC' set lock_timeout = '2s' as $$
declare
    month timestamp := date_trunc('month', moment);
    name text;
    dropped text[] := '{}';
begin
    if not pg_try_advisory_xact_lock(7291, 4) then -- another orchestrator is at it
        return dropped;
    end if;
    for month in select * from generate_series(month, month + interval '2 months', interval '1 month') loop
        name := 'report_' || to_char(month, 'YYYYMM');
        continue when to_regclass(name) is not null;
        begin
            execute format('create table %I (like report including defaults including constraints)', name);
            execute format('alter table report attach partition %I for values from (%L) to (%L)', name, month,
                           month + interval '1 month');
        exception when check_violation then null; -- rows of that month lie in the rest, and stay there
        end;
    end loop;
    if days > 0 then
        for name in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
                    where i.inhparent = 'report'::regclass and c.relname ~ '^report_[0-9]{6}$'
                      and to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= moment - days * interval '1 day'
                    order by 1 loop
            execute format('drop table %I', name);
            dropped := dropped || name;
        end loop;
        delete from report_rest where received_at < moment - days * interval '1 day';
        delete from rejected where received_at < moment - days * interval '1 day';
    end if;
    return dropped;
end $$;
revoke execute on function wg_report_keep(timestamptz, int) from public;
select wg_report_keep(now(), 0);
