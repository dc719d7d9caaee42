-- The order is one that was offered before: its device may have asked to switch over already, and what it said earlier may come late.
alter table place add column again boolean not null default false;
