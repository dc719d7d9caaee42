-- The engine in full: places that wait for the word to switch over, gates that ask hooks and compare devices, leases.

alter table place drop constraint place_state_check,
    add constraint place_state_check check (state in ('waiting', 'offered', 'accepted', 'deferred', 'downloading', 'installing',
                                                      'rebooting', 'probation', 'succeeded', 'failed', 'rolled-back',
                                                      'silent', 'withdrawn', 'superseded', 'satisfied'));
alter table place
    add column spent    bigint not null default 0,   -- attempts that ended by a fault
    add column ready_at timestamptz;                 -- installed, asked to switch over, and has to wait for the word
-- So far every order counted as an attempt; the last one has ended where a fault made the device wait again.
update place set spent = case when state = 'waiting' and cause in ('download', 'install', 'timeout') then attempt else attempt - 1 end
where attempt > 0;
create index place_succeeded on place (campaign_id, wave, state_at) where state = 'succeeded';
create index place_ready on place (campaign_id) where ready_at is not null;
-- A device that went silent may still be switching over: it counts for caps per attribute until it is heard.
create index place_silent on place (device_id) where state = 'silent';

alter table campaign
    add column held       boolean not null default false,   -- nobody switches over
    add column stop       text not null default '' check (stop in ('', 'abort', 'finish-started', 'rollback')),
    add column started_at timestamptz,
    add column approved_revision int not null default 0,    -- the last one that began with the approvals it asks for
    add column supersedes text[] not null default '{}',
    add column emergency  boolean not null default false,
    add column open_zones text[],                           -- in which its window is open now; null: everywhere
    add column open_by_site boolean not null default false, -- these are zones of sites, whatever devices say
    add column rolls_back bigint references campaign on delete set null;   -- made to send its devices back
update campaign set started_at = created_at where state in ('running', 'paused', 'stopping', 'finished', 'aborted');
update campaign set stop = 'abort' where state = 'stopping';
create index campaign_rolls_back on campaign (rolls_back) where rolls_back is not null;

-- What a person did to the gate of a wave.
alter table wave
    add column manual       text not null default '' check (manual in ('', 'advance', 'hold')),
    add column manual_words text not null default '';

-- Who ticks a campaign, until when. The token grows with every new holder: what an earlier one still wants to write is
-- refused.
create table lease (
    campaign_id bigint primary key references campaign on delete cascade,
    holder      text not null,
    token       bigint not null,
    until       timestamptz not null
);

-- The last answer of a gate's hook.
create table hook_answer (
    campaign_id bigint not null,
    wave        int not null,
    revision    int not null,
    state       text not null check (state in ('running', 'pass', 'hold', 'fail')),
    words       text not null default '',
    at          timestamptz not null,
    primary key (campaign_id, wave),
    foreign key (campaign_id, wave) references wave on delete cascade
);

-- How a device does, as it said last; numbers that health gates compare.
create table device_metric (
    device_id text not null references device on delete cascade,
    name      text not null,
    value     double precision not null,
    at        timestamptz not null,
    primary key (device_id, name)
);
create index device_metric_name on device_metric (name, at);

-- An updated device beside one not yet updated, each used once in a campaign.
create table health_pair (
    campaign_id   bigint not null,
    wave          int not null,
    device_id     text not null references device on delete cascade,
    partner_id    text not null references device on delete cascade,
    device_value  double precision not null,
    partner_value double precision not null,
    outcome       text not null check (outcome in ('worse', 'better', 'tie')),
    at            timestamptz not null,
    primary key (campaign_id, device_id),
    unique (campaign_id, partner_id),
    foreign key (campaign_id, wave) references wave on delete cascade
);
create index health_pair_wave on health_pair (campaign_id, wave, outcome);

-- Devices offered by campaigns that have a rate, of the last minutes.
create table offer (
    campaign_id bigint not null references campaign on delete cascade,
    at          timestamptz not null,
    devices     bigint not null,
    primary key (campaign_id, at)
);

-- Number of the connection of the last hello, within its boot: a Last Will of an earlier one comes late.
alter table device add column link bigint not null default 0;

-- What the repository admin who published a release has signed of it.
alter table release add column statement text not null default '', add column author_chain text not null default '';

-- Approvals with wave -1 are for the start of the campaign.

-- The order of an attempt, the same wherever and whenever it is made.
create function wg_order_id(campaign text, created_at timestamptz, device text, attempt bigint, kind text) returns uuid
    language sql immutable parallel safe
    as $$ select md5(kind || ' ' || campaign || ' ' || extract(epoch from created_at)::text || ' ' || device || ' '
                     || attempt::text)::uuid $$;

-- The time zone of where a device stands, whatever the device itself says.
create function wg_site_zone(d device) returns text language plpgsql stable parallel safe as $$
begin
    if d.zone_from in ('registry', 'boundary') then return d.zone; end if;
    if d.position is null then return ''; end if;
    return wg_boundary('zone', d.position::geometry);
end $$;
