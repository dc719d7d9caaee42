-- The ground floor: devices, releases, campaigns with their waves and device places, orders, reports.
-- Words in checks are those of common/state.h and orchestrator/engine/engine.h; a test compares them.

create extension if not exists postgis;

-- Times travel as milliseconds since 1970; 0 is null.
create function wg_ms(t timestamptz) returns bigint language sql immutable parallel safe
    as $$ select coalesce((extract(epoch from t) * 1000)::bigint, 0) $$;
create function wg_at(ms bigint) returns timestamptz language sql immutable parallel safe
    as $$ select case when ms = 0 then null else to_timestamp(ms / 1000.0) end $$;

create table device (
    id                    text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    hardware_model        text not null default '',
    hardware_revision     text not null default '',
    hardware_revision_key text not null default '' collate "C",
    slot                  text not null default '',
    region                text not null default '',
    zone                  text not null default '',
    position              geography(point, 4326),
    attributes            jsonb not null default '{}',
    agent_version         text not null default '',
    boot                  text not null default '',
    journal               text not null default '',
    report_seq            bigint not null default 0,  -- every report up to this one is committed
    online                boolean not null default false,
    presence_at           timestamptz,                -- when online last changed
    seen_at               timestamptz,                -- last word of any kind
    order_counter         bigint not null default 0,  -- last one given out; never goes back
    registered_at         timestamptz not null,
    revoked_at            timestamptz
);
create index device_hardware on device (hardware_model, hardware_revision_key);
create index device_region on device (region text_pattern_ops);
create index device_position on device using gist (position);

create table device_software (
    device_id   text not null references device on delete cascade,
    component   text not null,
    version     text not null,
    version_key text not null collate "C",   -- '' when the version is not semantic
    primary key (device_id, component)
);
create index device_software_version on device_software (component, version_key);

create table device_tag (
    device_id text not null references device on delete cascade,
    tag       text not null check (tag ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    primary key (device_id, tag)
);
create index device_tag_tag on device_tag (tag);

create table release (
    component             text not null,
    version               text not null,
    version_key           text not null collate "C",
    sha256                text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    length                bigint not null check (length > 0),
    hardware_model        text not null default '',  -- fits this model; '' any
    notes                 text not null default '',
    added_at              timestamptz not null,
    added_by              text not null,
    primary key (component, version)
);

create table campaign (
    id             bigint generated always as identity primary key,
    name           text not null unique,
    digest         text not null check (digest ~ '^[0-9a-f]{64}$'),
    text           text not null,       -- the file as written
    canonical      text not null,       -- what is digested and run
    component      text not null,
    version        text not null,
    seed           text not null,
    state          text not null check (state in ('draft', 'awaiting-approval', 'scheduled', 'running', 'paused',
                                                  'stopping', 'finished', 'aborted', 'rolled-back')),
    state_at       timestamptz not null,
    cause          text not null default '',
    author         text not null,
    statement      text not null,       -- signed by the author
    author_chain   text not null,
    retry_attempts bigint not null,
    retry_backoff  bigint not null,     -- milliseconds
    members        bigint not null,
    created_at     timestamptz not null,
    foreign key (component, version) references release
);
create index campaign_active on campaign (id)
    where state in ('scheduled', 'running', 'paused', 'stopping');

create table wave (
    campaign_id bigint not null references campaign on delete cascade,
    number      int not null check (number >= 0),
    name        text not null,
    state       text not null check (state in ('pending', 'open', 'soaking', 'at-gate', 'passed', 'failed')),
    state_at    timestamptz not null,
    cause       text not null default '',
    members     bigint not null,
    last_finish timestamptz,
    primary key (campaign_id, number),
    unique (campaign_id, name)
);

-- Counters, kept in the transaction that moves a device; a recount must find the same.
create table wave_count (
    campaign_id bigint not null,
    wave        int not null,
    state       text not null,
    cause       text not null default '',
    devices     bigint not null,
    primary key (campaign_id, wave, state, cause),
    foreign key (campaign_id, wave) references wave on delete cascade
);

-- A device's place in a campaign.
create table place (
    campaign_id bigint not null references campaign on delete cascade,
    device_id   text not null references device,
    wave        int not null,
    rank        bigint not null,        -- order within the campaign, from the seeded hash
    state       text not null check (state in ('waiting', 'offered', 'accepted', 'deferred', 'downloading', 'installing',
                                               'rebooting', 'probation', 'succeeded', 'failed', 'rolled-back',
                                               'silent', 'withdrawn', 'superseded')),
    cause       text not null default '' check (cause in ('', 'verify', 'download', 'install', 'boot', 'health', 'silent',
                                                          'timeout', 'deferred', 'offline', 'refused', 'shed',
                                                          'incompatible', 'withdrawn')),
    detail      text not null default '',
    attempt     bigint not null default 0,
    order_id    uuid,                   -- of the last attempt
    retry_at    timestamptz,            -- not before
    state_at    timestamptz not null,
    bytes       bigint not null default 0,
    bytes_total bigint not null default 0,
    primary key (campaign_id, device_id)
);
create index place_device on place (device_id);
-- "next ones of wave w that wait": the claim reads this in rank order.
create index place_waiting on place (campaign_id, wave, rank) where state = 'waiting';
-- "in state s since before t": time-outs.
create index place_since on place (campaign_id, state, state_at)
    where state in ('offered', 'accepted', 'deferred', 'downloading', 'installing', 'rebooting', 'probation');
-- A device is in at most one running update.
create unique index place_in_hand on place (device_id)
    where state in ('offered', 'accepted', 'deferred', 'downloading', 'installing', 'rebooting', 'probation');

create table update_order (
    id          uuid primary key,
    campaign_id bigint not null references campaign on delete cascade,
    device_id   text not null references device,
    kind        text not null check (kind in ('install', 'withdraw')),
    attempt     bigint not null,
    counter     bigint,                 -- given out when it is signed for a boot
    boot        text not null default '',
    made_at     timestamptz not null,
    issued_at   timestamptz,            -- signed for this boot
    expires_at  timestamptz,
    sent_at     timestamptz,
    sends       int not null default 0,
    open        boolean not null default true,   -- still wanted: given on hello, sent again
    withdraws   uuid                             -- the order that a withdrawal takes back
);
create index update_order_open on update_order (device_id) where open;
create index update_order_due on update_order (sent_at nulls first) where open;
create index update_order_withdraws on update_order (withdraws) where withdraws is not null;
create unique index update_order_counter on update_order (device_id, counter);

create table report (
    device_id   text not null,
    journal     text not null,
    seq         bigint not null check (seq > 0),
    received_at timestamptz not null,
    order_id    text not null,
    campaign    text not null,
    attempt     bigint not null,
    state       text not null,
    cause       text not null,
    detail      text not null,
    device_at   timestamptz,
    remark      text not null default '',   -- why it moved nothing; '' when it moved the device
    primary key (device_id, journal, seq)
);
create index report_device on report (device_id, received_at);

-- What could not be read as a message of a device: kept, capped, for whoever asks why.
create table rejected (
    id          bigint generated always as identity primary key,
    received_at timestamptz not null,
    topic       text not null,
    device_id   text not null,
    reason      text not null,
    bytes       bytea not null,         -- the first 1024
    length      bigint not null
);
create index rejected_device on rejected (device_id, id);

-- Every transition of a campaign or wave: from, to, why, who.
create table transition (
    id          bigint generated always as identity primary key,
    campaign_id bigint not null references campaign on delete cascade,
    wave        int,                    -- null: the campaign itself
    at          timestamptz not null,
    from_state  text not null,
    to_state    text not null,
    cause       text not null,
    actor       text not null           -- operator name, or 'engine'
);
create index transition_campaign on transition (campaign_id, id);

create table approval (
    campaign_id bigint not null references campaign on delete cascade,
    wave        int not null,
    operator    text not null,
    role        text not null,
    digest      text not null,
    statement   text not null,          -- signed envelope
    chain       text not null,          -- operator's certificate chain
    at          timestamptz not null,
    valid       boolean,                -- null until the orchestrator has checked it
    refusal     text not null default '',
    primary key (campaign_id, wave, operator)
);
