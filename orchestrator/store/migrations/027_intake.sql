-- What reports and orders of many devices cost: nothing is looked at that is not due.

-- Rows that change with each report find room for their next version on their own page. Of a device no index is written then.
-- Pages that are full already get room as their rows go elsewhere; "vacuum full device" is quicker.
alter table device set (fillfactor = 70);
alter table place set (fillfactor = 80);
alter table update_order set (fillfactor = 80);

-- Orders that were never sent, or not for the present boot of their device: its hello has emptied sent_at.
create index update_order_unsent on update_order (made_at, device_id) where open and sent_at is null;
create index update_order_withdrawal on update_order (sent_at) where open and kind = 'withdraw';
create index place_offered on place (state_at) where state = 'offered';
drop index update_order_due;

-- Who of those that have an update in hand has gone: most are not in here, and then no row is read.
create index device_offline on device (id) where not online;

-- Orders that their device should have, now that it is there. Whether they were sent is not asked here.
create view order_wanted as
select o.id, o.device_id, o.made_at, o.sent_at, o.boot, d.boot as boot_now
from update_order o
join device d on d.id = o.device_id and d.online
join place p on p.campaign_id = o.campaign_id and p.device_id = o.device_id
where o.open
  and ((o.kind = 'install' and p.state = 'offered' and p.order_id = o.id and d.quarantined_at is null and d.revoked_at is null)
       or (o.kind = 'withdraw' and (o.sends < 20 or o.boot <> d.boot)));
