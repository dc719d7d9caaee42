-- What devices' logs said last, after an update had failed: the newest of each device, capped.

create table device_log (
    id          bigint generated always as identity primary key,
    device_id   text not null references device on delete cascade,
    received_at timestamptz not null,
    journal     text not null,
    seq         bigint not null check (seq > 0),    -- with journal: the report that told of the failure
    source      text not null check (source in ('agent', 'payload', 'program')),
    order_id    uuid not null,
    campaign    text not null,          -- of the order, by our own books
    attempt     bigint not null,
    boot        text not null,
    device_at   timestamptz,            -- by the device's clock
    cut         boolean not null,       -- the beginning was left out
    text        text not null check (octet_length(text) between 1 and 16384),
    unique (device_id, journal, seq, source)
);
create index device_log_device on device_log (device_id, id);
create index device_log_age on device_log (received_at);
