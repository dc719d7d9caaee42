-- name: removal_begin
-- The campaign that ended first, and before that time; none that another one waits for, or takes back.
delete from campaign where id = (
    select c.id from campaign c
    where c.state in ('finished', 'aborted', 'rolled-back') and c.state_at < wg_at($1::bigint)
      and not exists (select 1 from campaign o where o.state not in ('finished', 'aborted', 'rolled-back')
                      and (o.rolls_back = c.id or c.name = any(o.after_names)))
    order by c.state_at, c.id limit 1 for update skip locked)
returning name;

-- name: removal_step
-- Some devices of the campaign that went first: their places and orders. Behind the last ones it is done with.
with one as materialized (
    select campaign_id from removal order by campaign_id limit 1 for update skip locked
), lot as materialized (
    select p.campaign_id, p.device_id from one
    cross join lateral (select q.campaign_id, q.device_id from place q where q.campaign_id = one.campaign_id
                        order by q.device_id limit $1::int) p
), orders as (
    delete from update_order where id = any(array(
        select o.id from lot cross join lateral (select u.id, u.campaign_id from update_order u where u.device_id = lot.device_id offset 0) o
        where o.campaign_id = lot.campaign_id))
    returning 1
), places as (
    delete from place where campaign_id = (select campaign_id from one) and device_id = any(array(select device_id from lot))
    returning 1
), done as (
    delete from removal where campaign_id = (select campaign_id from one) and not exists (select 1 from lot)
    returning name
)
select (select count(*) from one), (select count(*) from places), (select count(*) from orders), coalesce((select name from done), '');
