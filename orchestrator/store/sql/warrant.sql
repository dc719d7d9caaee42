-- What entitles the orders of a campaign: its author's statement and those of people who approve its present revision; of
-- the campaign that it sends back, where it does. One approval a person: that of the start before those of waves.
-- name: warrant_statements
with entitled as (
    select coalesce(rolls_back, id) as id from campaign where id = $1::bigint
), approved as (
    select distinct on (a.operator) a.operator, a.wave, a.statement
    from entitled e join campaign c on c.id = e.id
    join approval a on a.campaign_id = c.id and a.revision = c.revision and a.valid
    order by a.operator, a.wave
)
select c.statement from entitled e join campaign c on c.id = e.id
union all
(select statement from approved order by wave, operator limit 15);

-- The approvals of the gates before a wave, for the signer; of whichever revision: a gate that has passed stays so.
-- name: warrant_gates
select a.statement
from campaign c
join wave w on w.campaign_id = c.id and w.name = $2::text
join approval a on a.campaign_id = c.id and a.valid
where c.id = $1::bigint and a.wave >= 0 and a.wave < w.number
order by a.wave, a.operator limit 512;
