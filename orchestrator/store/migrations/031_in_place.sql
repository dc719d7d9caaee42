-- The same values as before (but for halves of a millisecond, which may go the other way), by functions that a statement takes in
-- where it calls them: a body that is stable where the function says immutable (to ask a timestamptz for its epoch is) is not taken
-- in, and costs 5 us a call instead of 0.1.
create or replace function wg_ms(t timestamptz) returns bigint language sql immutable parallel safe
    as $$ select coalesce((date_part('epoch', t - timestamptz '1970-01-01 00:00:00+00') * 1000)::bigint, 0) $$;
create or replace function wg_at(ms bigint) returns timestamptz language sql immutable parallel safe
    as $$ select to_timestamp(nullif(ms, 0) / 1000.0::float8) $$;
create or replace function wg_order_id(campaign text, created_at timestamptz, device text, attempt bigint, kind text)
    returns uuid language sql immutable parallel safe
    as $$ select md5(kind || ' ' || campaign || ' ' || extract(epoch from created_at - timestamptz '1970-01-01 00:00:00+00')::text || ' '
                     || device || ' ' || attempt::text)::uuid $$;
