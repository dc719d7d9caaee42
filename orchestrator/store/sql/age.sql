-- name: device_age_key
update device set age_recipient = $2::text, changed_at = now() where id = $1::text;
