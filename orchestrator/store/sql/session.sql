-- A setting of the connection, or only of the transaction.
-- name: session_set
select set_config($1::text, $2::text, $3::text::boolean);

-- name: session_address
select coalesce(' ' || host(inet_client_addr()), '');
