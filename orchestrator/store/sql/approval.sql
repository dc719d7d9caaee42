-- name: approval_insert
insert into approval (campaign_id, wave, operator, role, digest, statement, chain, at, revision)
select $1::bigint, $2::int, $3::text, $4::text, $5::text, $6::text, $7::text, wg_at($8::bigint), revision
from campaign where id = $1::bigint;

-- A refused approval may be tried again: the operator may have got another role since. One of an earlier revision
-- says nothing of this one, and one that has expired nothing any more.
-- name: approval_forget_refused
delete from approval where campaign_id = $1::bigint and wave = $2::int and operator = $3::text
  and (valid = false or revision <> (select revision from campaign where id = $1::bigint)
       or ($5::bigint > 0 and at <= wg_at($4::bigint - $5::bigint)));

-- name: approval_unchecked
select a.campaign_id, a.wave, c.name, coalesce(w.name, ''), c.author, c.digest, a.operator, a.role, a.statement, a.chain
from approval a
join campaign c on c.id = a.campaign_id
left join wave w on w.campaign_id = a.campaign_id and w.number = a.wave
where a.valid is null and (a.wave = -1 or w.number is not null)
order by a.campaign_id, a.wave, a.operator
limit 100;

-- Of the statement that was read: another one may stand in its place by now.
-- name: approval_judge
update approval set valid = $4::boolean, refusal = $5::text
where campaign_id = $1::bigint and wave = $2::int and operator = $3::text and statement = $6::text;

-- name: approval_verdict
select coalesce(valid::text, ''), refusal from approval
where campaign_id = $1::bigint and wave = $2::int and operator = $3::text;

-- Of the revision that stands; wave -1: its start.
-- name: approval_names
select a.wave, a.operator, wg_ms(a.at)
from approval a join campaign c on c.id = a.campaign_id and c.revision = a.revision
where a.campaign_id = $1::bigint and a.valid order by a.wave, a.at, a.operator limit 1000;
