-- Artifacts that are age bodies, and who may open them.

-- The age recipient of a device, from its enrolment: headers are made for it alone.
alter table device add column age_recipient text not null default ''
    check (age_recipient = '' or age_recipient ~ '^age1[0-9a-z]{58}$');

-- sha256 and length are those of the body; what it opens to stands in the repository.
alter table release add column sealed boolean not null default false;

-- The signed enrolment record of a device (common/enrolment.h): who believes it needs no other word of the database.
alter table device add column enrolment text not null default '';
