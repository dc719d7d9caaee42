-- Orders that their device should have, whether or not they are closed: what looks some up by their ids is not led to all that is open.
create view order_standing as
select o.id, o.device_id, o.made_at, o.sent_at, o.boot, d.boot as boot_now, o.open
from update_order o
join device d on d.id = o.device_id and d.online
join place p on p.campaign_id = o.campaign_id and p.device_id = o.device_id
where (o.kind = 'install' and p.state = 'offered' and p.order_id = o.id and d.quarantined_at is null and d.revoked_at is null)
   or (o.kind = 'withdraw' and (o.sends < 20 or o.boot <> d.boot));

create or replace view order_wanted as
select id, device_id, made_at, sent_at, boot, boot_now from order_standing where open;
