-- What databases hold by the time they are brought forward: a piece for each schema that has brought something new, in the words
-- of that schema. tests/system/test_migrations.py puts the pieces up to its number into a database of each schema there was.

-- from 001
insert into device (id, hardware_model, hardware_revision, hardware_revision_key, slot, region, zone, position, attributes, agent_version,
                    boot, journal, report_seq, online, presence_at, seen_at, order_counter, registered_at, revoked_at)
select format('dev-%s', to_char(n, 'FM000')), 'brake-controller', case n % 3 when 0 then 'B' when 1 then 'C' else '' end,
       case n % 3 when 0 then '0B' when 1 then '0C' else '' end, case n % 2 when 0 then 'a' else 'b' end,
       case n % 4 when 0 then '' when 1 then 'DE-BY' when 2 then 'US-CA' else 'FR-IDF' end,
       case n % 4 when 0 then '' when 1 then 'Europe/Berlin' when 2 then 'America/Los_Angeles' else 'Europe/Paris' end,
       case when n % 5 > 0 then st_makepoint(11 + n / 100.0, 48 + n / 100.0)::geography end,
       jsonb_build_object('site', 'site-' || n % 7, 'load', n / 10.0), '0.1.0', case when n < 120 then md5('boot' || n) else '' end,
       case when n < 120 then md5('journal' || n) else '' end, case when n <= 60 then 4 else 0 end, n % 6 > 0 and n < 120,
       case when n < 120 then now() - n * interval '1 minute' end, case when n < 120 then now() - n * interval '1 second' end,
       case when n <= 80 then 2 else 0 end, now() - interval '100 days', case when n = 119 then now() - interval '1 day' end
from generate_series(1, 120) n;
insert into device_software (device_id, component, version, version_key)
select id, 'brake-controller', case when id <= 'dev-040' then '2.4.1' else '2.3.7' end, case when id <= 'dev-040' then 'k241' else 'k237' end
from device where boot <> '';
insert into device_software (device_id, component, version, version_key) select id, 'modem', 'R14-b', '' from device where id < 'dev-020';
insert into device_tag (device_id, tag) select id, 'do-not-disturb' from device where id like '%5';
insert into release (component, version, version_key, sha256, length, hardware_model, notes, added_at, added_by)
select 'brake-controller', v, 'k' || replace(v, '.', ''), encode(sha256(convert_to(v, 'UTF8')), 'hex'), 4096, '', 'notes ''of'' ' || v,
       now() - interval '90 days', 'rita'
from unnest('{2.3.7,2.4.1,2.4.2}'::text[]) v;
insert into campaign (name, digest, text, canonical, component, version, seed, state, state_at, cause, author, statement, author_chain,
                      retry_attempts, retry_backoff, members, created_at)
select name, encode(sha256(convert_to(name, 'UTF8')), 'hex'), words, words,
       'brake-controller', version, name, state, now() - interval '1 day', 'applied', 'alice', '{}', 'chain', 3, 600000, members,
       now() - interval '80 days'
from (values ('done', '2.4.1', 'finished', 40), ('under-way', '2.4.2', 'paused', 80), ('stopped', '2.4.2', 'aborted', 0),
             ('planned', '2.4.2', 'draft', 0)) c(name, version, state, members)
cross join lateral (select format('{"campaign":"%s","release":"brake-controller/%s","target":{"hardware":{"model":"brake-controller"}},'
                                  '"wavegate":1,"waves":[{"count":8,"name":"canary"},{"name":"rest","remaining":true}]}', name, version)) w(words);
insert into wave (campaign_id, number, name, state, state_at, members, last_finish)
select c.id, n, case n when 0 then 'canary' else 'rest' end,
       case when c.name = 'done' or n = 0 then 'passed' else 'open' end, now() - interval '1 day', 0, now() - interval '1 day'
from campaign c, generate_series(0, 1) n where c.name in ('done', 'under-way');
insert into place (campaign_id, device_id, wave, rank, state, cause, detail, attempt, order_id, retry_at, state_at, bytes, bytes_total)
select c.id, d.id, (n > 8)::int, n,
       case when c.name = 'done' then case n % 10 when 0 then 'failed' when 1 then 'rolled-back' else 'succeeded' end
            when n <= 8 then 'succeeded'
            else (array['waiting', 'waiting', 'offered', 'accepted', 'deferred', 'downloading', 'installing', 'rebooting', 'probation', 'failed',
                        'rolled-back', 'silent', 'withdrawn', 'superseded', 'waiting'])[n % 15 + 1] end,
       '', 'detail of ' || n, 1, md5(c.name || d.id)::uuid, null, now() - n * interval '1 hour', 4096, 4096
from campaign c, (select id, row_number() over (order by id) as n from device) d where (c.name = 'done' and d.n <= 40) or (c.name = 'under-way' and d.n > 40);
update place set cause = case state when 'failed' then 'install' when 'rolled-back' then 'health' when 'silent' then 'silent'
                                    when 'withdrawn' then 'withdrawn' when 'deferred' then 'deferred' else '' end;
update place set attempt = 0, order_id = null where state = 'waiting' and rank % 15 = 0;
update place set cause = 'download', retry_at = now() + interval '10 minutes' where state = 'waiting' and rank % 15 = 14;
update wave w set members = (select count(*) from place p where p.campaign_id = w.campaign_id and p.wave = w.number);
insert into wave_count (campaign_id, wave, state, cause, devices) select campaign_id, wave, state, cause, count(*) from place group by 1, 2, 3, 4;
insert into update_order (id, campaign_id, device_id, kind, attempt, counter, boot, made_at, issued_at, expires_at, sent_at, sends, open)
select p.order_id, p.campaign_id, p.device_id, 'install', p.attempt, p.campaign_id * 1000, d.boot, p.state_at, p.state_at,
       p.state_at + interval '30 days', p.state_at, 1, p.state in ('offered', 'accepted')
from place p join device d on d.id = p.device_id where p.order_id is not null;
insert into report (device_id, journal, seq, received_at, order_id, campaign, attempt, state, cause, detail, device_at, remark)
select id, journal, n, now() - (5 - n) * interval '20 days', md5('done' || id)::uuid::text, 'done', 1,
       (array['accepted', 'installing', 'rebooting', 'succeeded'])[n], '', '', now(), ''
from device, generate_series(1, 4) n where id <= 'dev-060';
insert into rejected (received_at, topic, device_id, reason, bytes, length)
values (now() - interval '70 days', 'wg/v1/d/dev-001/up/report', 'dev-001', 'no JSON', '\x7b', 1);
insert into transition (campaign_id, wave, at, from_state, to_state, cause, actor)
select id, null, now() - interval '79 days', '', 'running', 'applied', 'alice' from campaign;
insert into approval (campaign_id, wave, operator, role, digest, statement, chain, at, valid)
select id, 0, 'bob', 'rollout-admin', digest, '{}', 'chain', now() - interval '78 days', true from campaign where name = 'done';

-- from 002
insert into device_group (device_id, name) select id, 'lab' from device where id <= 'dev-010';
update device set position_from = 'registry', region_from = 'registry', zone_from = 'registry' where id between 'dev-011' and 'dev-015';
insert into campaign_revision (campaign_id, revision, digest, text, canonical, author, statement, author_chain, changes, at)
select id, r, digest, text, canonical, author, statement, author_chain, case r when 1 then '' else 'pace: 10' end, created_at
from campaign, generate_series(1, 2) r where name = 'under-way' on conflict do nothing;
update campaign set revision = 2, after_names = '{done}', rollback_version = '2.3.7' where name = 'under-way';

-- from 003
update device set registry_attributes = '{"owner": "fleet"}' where id < 'dev-030';
insert into boundary (kind, name, area, imported_at)
values ('region', 'DE', st_multi(st_geomfromtext('POLYGON((6 47, 15 47, 15 55, 6 55, 6 47))', 4326)), now());
insert into boundary_piece (kind, name, area) values ('region', 'DE', st_geomfromtext('POLYGON((6 47, 15 47, 15 55, 6 55, 6 47))', 4326));

-- from 005
update place set state = 'satisfied' where state = 'succeeded' and rank = 3;
delete from wave_count;
insert into wave_count (campaign_id, wave, state, cause, devices) select campaign_id, wave, state, cause, count(*) from place group by 1, 2, 3, 4;
update place set spent = 1, ready_at = now() where state = 'rebooting';
update wave set manual = 'hold', manual_words = 'until monday' where state = 'open';
insert into lease (campaign_id, holder, token, until) select id, 'wavegated-1', 7, now() - interval '1 minute' from campaign;
insert into hook_answer (campaign_id, wave, revision, state, words, at) select campaign_id, number, 1, 'pass', 'all well', now() from wave;
insert into device_metric (device_id, name, value, at) select id, 'crashes', 0.5, now() from device where online;
insert into health_pair (campaign_id, wave, device_id, partner_id, device_value, partner_value, outcome, at)
select id, 0, 'dev-041', 'dev-042', 1, 2, 'better', now() from campaign where name = 'under-way';
insert into offer (campaign_id, at, devices) select id, now(), 3 from campaign where name = 'under-way';
update device set link = 3 where online;

-- from 007
update device set age_recipient = 'age1' || repeat('q', 58), enrolment = '{"signed": {}}' where id < 'dev-005';
update release set sealed = true where version = '2.4.2';

-- from 009
insert into alarm (device_id, kind, count, first_at, last_at, why) values ('dev-007', 'cloned', 3, now() - interval '1 day', now(), 'two boots in turn');
update device set quarantined_at = now(), boots_before = 'a/1 b/2', boot_at = now(), boot_returns = 2 where id = 'dev-007';

-- from 011
update update_order set refusal = 'the wave is full' where device_id = 'dev-044';

-- from 013
insert into alarm (device_id, kind, count, first_at, last_at, why) values ('dev-008', 'tampered', 1, now(), now(), 'the seal is broken');

-- from 014
insert into device_log (device_id, received_at, journal, seq, source, order_id, campaign, attempt, boot, device_at, cut, text)
select device_id, now(), md5('journal'), 2, 'payload', order_id, 'done', 1, md5('boot'), now(), false, 'the disk is full' from place where state = 'failed';

-- from 015
insert into release_form (component, version, sha256, length, sealed, added_at, added_by)
values ('brake-controller', '2.4.1', repeat('a', 64), 1000, false, now(), 'rita');

-- from 016
insert into device_question (device_id, boot, link, ask, asked_at) values ('dev-050', md5('boot'), 1, 1, now());

-- from 017
insert into erasure (device_id, asked_at, asked_by, reason, statements) values ('dev-118', now(), 'dave', 'sold', '{"dave": {}}');

-- from 018
insert into release (component, version, version_key, sha256, length, added_at, added_by, depends)
values ('modem', '1.2.0', 'k120', repeat('b', 64), 10, now(), 'rita', '{"brake-controller": "^2"}');
insert into release_companion (component, version, with_component, with_version) values ('brake-controller', '2.4.2', 'modem', '1.2.0');

-- from 019
insert into person (name, grants, password, made_at, changed_at)
values ('otto', '[{"role": "owner", "scope": {}}]', '$argon2id$...', now(), now()), ('alice', '[{"role": "rollout-admin", "scope": {}}]', '', now(), now());
insert into session (hash, person, how, address, made_at, seen_at) values (repeat('c', 64), 'otto', 'password', '10.0.0.1', now(), now());
insert into token (hash, person, name, permissions, scope, made_at, ends_at)
values (repeat('d', 64), 'alice', 'pipeline', '["campaign.plan"]', '{}', now(), now() + interval '90 days');
insert into sign_in_failure (kind, key, failures, last_at) values ('address', '10.0.0.9', 2, now());

-- from 020
update place set from_version = '2.3.7', ended_in = 'installing' where state = 'failed';
insert into alarm (device_id, kind, count, first_at, last_at, why) values ('dev-009', 'quarantine', 1, now(), now(), 'held back');
insert into fleet_day (day, devices, online) values (current_date - 1, 120, 99);
insert into fleet_day_version (day, component, version, devices) values (current_date - 1, 'brake-controller', '2.3.7', 120);

-- from 022
insert into once (person, key, request, at, status, body) values ('alice', 'key-1', repeat('e', 64), now(), 200, '{}');

-- from 023
insert into webhook (name, url, kinds, secret, made_by) values ('chat', 'https://chat.example/', '{campaign}', 'whsec_x', 'otto');
insert into webhook_event (webhook_id, xid, id, subject, body) select id, '7', 1, 'done', '{}' from webhook;

-- from 024
update release set approvals_wanted = 1 where component = 'modem';
insert into release_approval (component, version, person, at) values ('modem', '1.2.0', 'rob', now());

-- from 025
insert into openid_link (issuer, subject, person, made_at) values ('https://id.example', '42', 'alice', now());
insert into invitation (person, hash, made_at, ends_at) values ('alice', repeat('f', 64), now(), now() + interval '1 day');

-- from 026
insert into broker_lease (broker, holder, until) values ('main', 'wavegated-1', now());

-- from 030
insert into certificate_end (kind, name, ends_at, seen_at) values ('broker', 'main', '2026-12-24T00:00:00Z', '2026-10-01T00:00:00Z');
