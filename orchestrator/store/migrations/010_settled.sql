-- When a device last said hello out of what it runs for good: until then one that went silent in an update may still be on trial.
alter table device add column settled_at timestamptz;
