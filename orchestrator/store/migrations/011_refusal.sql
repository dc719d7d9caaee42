-- Why an order is not signed; '' when it was, or has not been tried yet.
alter table update_order add column refusal text not null default '';
create index update_order_refused on update_order (campaign_id, made_at) where open and refusal <> '';
