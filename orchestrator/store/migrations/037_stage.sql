-- What indexes of places ask, apart from what each report of a device changes: a report that moves a device from one state of its
-- update to the next then writes a new version of its row, and no index. 'going': it has taken the order, and has not ended.
-- stage_at: since when it is there; of one that goes on, until when it has been looked at and cannot have been late (check_at).
alter table place
    add column check_at timestamptz not null default '-infinity',
    add column stage text not null generated always as (
        case when state in ('accepted', 'downloading', 'installing', 'rebooting', 'probation') then 'going'
             when state in ('failed', 'rolled-back') then 'failed'
             else state end) stored,
    add column stage_at timestamptz not null generated always as (
        case when state in ('accepted', 'downloading', 'installing', 'rebooting', 'probation') then check_at else state_at end) stored;

drop index place_waiting, place_since, place_failed, place_failed_at, place_succeeded, place_silent, place_put_off, place_offered;
create index place_waiting on place (campaign_id, wave, rank) where stage = 'waiting';
create index place_since on place (campaign_id, stage, stage_at) where stage in ('offered', 'deferred', 'going');
create index place_offered on place (stage_at) where stage = 'offered';
create index place_put_off on place (campaign_id, stage_at) where stage = 'waiting' and cause = 'deferred';
create index place_succeeded on place (campaign_id, wave, stage_at) where stage = 'succeeded';
create index place_failed on place (campaign_id, device_id) where stage in ('failed', 'silent');
create index place_failed_at on place (campaign_id, stage_at desc) where stage in ('failed', 'silent');
create index place_silent on place (device_id) where stage = 'silent';
