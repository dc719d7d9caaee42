-- Who hears a broker that does not share messages out between subscribers.
create table broker_lease (
    broker text primary key,       -- its name in the configuration, the same for all orchestrators
    holder text not null,
    until  timestamptz not null
);
