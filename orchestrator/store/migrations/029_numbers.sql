-- The greatest number of a report that is stored of a device's present journal: a greater one is new, and nothing need be asked.
-- null: not known. It is as great as report_seq where no number is missing.
alter table device add column report_most bigint;

-- What a device has sent is found by the primary key; it is sorted by time when it is shown.
drop index report_device;
