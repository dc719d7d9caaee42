-- Of orders that are the device's; of others it is refused. A repetition changes nothing.
-- name: device_log_put
with said as materialized (
    select u.*, o.attempt as of_attempt, c.name as of_campaign
    from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                $9::boolean[], $10::text[])
         as u(device_id, received_at, journal, seq, source, order_id, boot, device_at, cut, text)
    left join update_order o on o.id = u.order_id::uuid and o.device_id = u.device_id
    left join campaign c on c.id = o.campaign_id
), stored as (
    insert into device_log (device_id, received_at, journal, seq, source, order_id, campaign, attempt, boot, device_at, cut, text)
    select device_id, wg_at(received_at), journal, seq, source, order_id::uuid, of_campaign, of_attempt, boot,
           wg_at(device_at), cut, text
    from said where of_campaign is not null
    order by device_id, journal, seq, source
    on conflict do nothing
    returning 1
), refused as (
    insert into rejected (received_at, topic, device_id, reason, bytes, length)
    select wg_at(received_at), 'wg/v1/d/' || device_id || '/up/log', device_id, 'log: the order is none of this device''s',
           '', octet_length(text)
    from said where of_campaign is null
    returning 1
)
select (select count(*) from stored), (select count(*) from refused);

-- The newest of each device are kept.
-- name: device_log_trim
delete from device_log where id = any(array(
    select old.id from unnest($1::text[]) as d(id)
    cross join lateral (select l.id from device_log l where l.device_id = d.id order by l.id desc offset $2::bigint) old));

-- Newest first; of one campaign, or of all.
-- name: device_log_list
select wg_ms(received_at), wg_ms(device_at), campaign, attempt, order_id, source, cut, text
from device_log
where device_id = $1::text and ($2::text is null or campaign = $2::text)
order by id desc limit $3::bigint;

-- name: device_log_count
select count(*), wg_ms(max(received_at)) from device_log where device_id = $1::text and ($2::text is null or campaign = $2::text);
