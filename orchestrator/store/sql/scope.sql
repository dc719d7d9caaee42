-- Devices of a campaign that lie outside of what somebody may act on (people/scope.h).

-- name: plan_outside
select count(*) from plan_member m join device d on d.id = m.id
where not wg_in_scopes($1::jsonb, d.id, d.region, d.hardware_model);

-- name: campaign_outside
select count(*) from place p join campaign c on c.id = p.campaign_id join device d on d.id = p.device_id
where c.name = $1::text and not wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model);

-- name: group_ids_outside
select count(*) from unnest($1::text[]) u(id) join device d on d.id = u.id
where not wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model);

-- name: group_outside
select count(*) from device_group g join device d on d.id = g.device_id
where g.name = $1::text and not wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model);

-- name: group_size
select count(*) from device_group g
where g.name = $1::text and ($2::jsonb is null or (select wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model)
                                                  from device d where d.id = g.device_id));

-- Which of these words are devices outside of the scopes.
-- name: words_elsewhere
select d.id from device d where d.id = any($1::text[]) and not wg_in_scopes($2::jsonb, d.id, d.region, d.hardware_model)
order by d.id collate "C";
