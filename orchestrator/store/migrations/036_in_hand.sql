-- Whether the device has the update in hand, as a column, and the index of it by that: one that says so by the states could be
-- taken for any other index of the same states, and read as a whole for each device, by a planner whose figures are of a time when
-- nobody had an update in hand.
alter table place add column in_hand boolean not null
    generated always as (state in ('offered', 'accepted', 'deferred', 'downloading', 'installing', 'rebooting', 'probation')) stored;
drop index place_in_hand;
create unique index place_in_hand on place (device_id) where in_hand;

-- Waves begin and end within minutes, in tables that hold years: figures of a tenth of a table are too old by then.
alter table place set (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000);
alter table update_order set (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000);
