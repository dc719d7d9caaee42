-- What waits behind a gap is no older than 35 days, and what was acknowledged is known by its number: so two or three of the
-- months are looked at, and not all.
-- name: report_known
select r.device_id, r.journal, r.seq, r.order_id, r.campaign, r.attempt, r.state, r.cause, r.detail
from unnest($1::text[], $2::text[], $3::bigint[]) as u(device_id, journal, seq)
join report r on r.device_id = u.device_id and r.journal = u.journal and r.seq = u.seq
where r.received_at >= wg_at($4::bigint - 3024000000) and r.received_at <= wg_at($4::bigint + 86400000);

-- name: report_keep
select array_to_string(wg_report_keep(wg_at($1::bigint), $2::int), ' ');

-- name: report_insert
insert into report (device_id, journal, seq, received_at, order_id, campaign, attempt, state, cause, detail, device_at, remark)
select device_id, journal, seq, wg_at(received_at), order_id, campaign, attempt, state, cause, detail, wg_at(device_at), remark
from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[],
            $10::text[], $11::bigint[], $12::text[])
     as u(device_id, journal, seq, received_at, order_id, campaign, attempt, state, cause, detail, device_at, remark)
order by device_id, journal, seq;

-- name: rejected_insert
insert into rejected (received_at, topic, device_id, reason, bytes, length)
select wg_at(received_at), topic, device_id, reason, decode(bytes, 'hex'), length
from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
     as u(received_at, topic, device_id, reason, bytes, length);
