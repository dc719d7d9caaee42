-- A campaign goes at once, and what it left with each of its devices, a place and its orders, goes behind it in lots: one statement
-- that deletes millions of rows holds up all that follows the log. So neither refers to it by a key; ids are never used again.
create table removal (
    campaign_id bigint primary key,
    name        text not null,
    at          timestamptz not null default now()
);
alter table place drop constraint place_campaign_id_fkey;
alter table update_order drop constraint update_order_campaign_id_fkey;

create function wg_removal() returns trigger language plpgsql as $$
begin
    insert into removal (campaign_id, name) values (old.id, old.name);
    return null;
end $$;
create trigger campaign_removal after delete on campaign for each row execute function wg_removal();
