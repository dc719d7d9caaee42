-- What all orders of a campaign have from it.
create view order_campaign as
select c.id, c.name, c.digest, c.component, c.version, r.hardware_model, r.sha256, r.length, r.sealed,
       coalesce((select s.name from campaign s where s.id = c.rolls_back), '') as rolls_back,
       coalesce((select json_agg(json_build_object('sha256', f.sha256, 'length', f.length, 'sealed', f.sealed)
                                 order by f.length, f.sha256)
                 from release_form f where f.component = c.component and f.version = c.version)::text, '[]') as forms,
       coalesce((select json_agg(json_build_object(
                     'component', m.component, 'version', m.version, 'sha256', m.sha256, 'length', m.length,
                     'sealed', m.sealed,
                     'forms', (select json_agg(json_build_object('sha256', f.sha256, 'length', f.length, 'sealed', f.sealed)
                                               order by f.length, f.sha256)
                               from release_form f where f.component = m.component and f.version = m.version))
                                 order by m.component collate "C")
                 from release_companion w
                 join release m on m.component = w.with_component and m.version = w.with_version
                 where w.component = c.component and w.version = c.version)::text, '[]') as companions
from campaign c
join release r on r.component = c.component and r.version = c.version;
