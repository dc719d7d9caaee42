-- name: device_age_key
update device set age_recipient = $2::text, changed_at = now() where id = $1::text;

-- name: device_enrol
insert into device (id, registered_at, enrolment, age_recipient)
values ($1::text, wg_at($4::bigint), $2::text, $3::text)
on conflict (id) do update
set enrolment = excluded.enrolment, age_recipient = excluded.age_recipient, changed_at = now();
