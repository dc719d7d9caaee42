-- A device says itself that it was tampered with: another alarm that holds it back, by policy.
alter table alarm drop constraint alarm_kind_check;
alter table alarm add constraint alarm_kind_check
    check (kind in ('cloned', 'connect-storm', 'flood', 'revoked', 'escape', 'tampered'));
drop index alarm_cloned;
create index alarm_holds on alarm (kind, device_id) where cleared_at is null and kind in ('cloned', 'tampered');

-- What devices put off themselves: the newest tells why, in a campaign's status.
create index place_put_off on place (campaign_id, state_at) where state = 'waiting' and cause = 'deferred';
