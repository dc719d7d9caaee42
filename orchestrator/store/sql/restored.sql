-- A database that was restored from a backup: what time did meanwhile is nobody's fault, and who is there is not known.

-- How far updates in hand are by now only their devices know: each is offered its order again, which asks it. It keeps its slot.
-- name: restored_places
with asked as (
    update place set state = 'offered', cause = '', ready_at = null, state_at = now()
    where in_hand
    returning order_id
)
update update_order set open = true, sent_at = null where id in (select order_id from asked);

-- name: restored_counts
delete from wave_count where campaign_id in (select campaign_id from place where stage = 'offered');

-- name: restored_recounted
insert into wave_count (campaign_id, wave, state, cause, devices)
select campaign_id, wave, state, cause, count(*) from place
where campaign_id in (select campaign_id from place where stage = 'offered') group by 1, 2, 3, 4;

-- Nobody is there who has not said hello since: that tells what it counts from, and it is asked how far it is.
-- name: restored_devices
with gone as (
    update device set online = false, presence_at = now(), due_at = wg_due(now(), absences, absence_mean, absence_spread)
    where online returning id
)
select count(*) from gone;

-- name: restored_told
select wg_audit(null, '', 'restored', 'database', jsonb_build_object('devices', $1::bigint));
