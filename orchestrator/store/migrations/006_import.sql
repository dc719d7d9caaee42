-- Very many new devices are stored in two thirds of the time: keys that nothing refers to are made again behind them too,
-- and B-trees by several processes, each sorting in little memory.

-- small: sorted in 4 MB a process. That is what stays within a processor's cache; in more it takes half as long again.
create or replace function wg_bulk_begin() returns void language plpgsql as $$
declare
    work   text;
    tables regclass[] := array['device', 'device_software', 'device_tag', 'device_group']::regclass[];
begin
    lock table device, device_software, device_tag, device_group in access exclusive mode;
    create temporary table bulk_again on commit drop as
        select case contype when 'p' then 1 else 3 end as turn, contype = 'p' as small,
               format('alter table %s drop constraint %I', conrelid::regclass, conname) as undo,
               format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(c.oid)) as again
        from pg_constraint c
        where conrelid = any (tables)
          and (contype = 'f' or contype = 'p' and not exists (select from pg_constraint f where f.confrelid = c.conrelid))
        union all
        select 2, a.amname = 'btree', format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
        from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
        where indrelid = any (tables) and not indisunique
        union all
        -- who has not been told how many want 32 MB each
        select 4, false, format('alter table %s set (parallel_workers = %s)', oid::regclass,
                                current_setting('max_parallel_maintenance_workers')),
               format('alter table %s reset (parallel_workers)', oid::regclass)
        from pg_class where oid = any (tables) and coalesce(array_to_string(reloptions, ' '), '') !~ 'parallel_workers';
    for work in select undo from bulk_again loop execute work; end loop;
end $$;
create or replace function wg_bulk_end() returns void language plpgsql as $$
declare
    work  record;
    large text := current_setting('maintenance_work_mem');
begin
    for work in select small, again from bulk_again order by turn loop
        perform set_config('maintenance_work_mem', case when not work.small then large else
                               4 * (current_setting('max_parallel_maintenance_workers')::int + 1) || 'MB' end, true);
        execute work.again;
    end loop;
    analyze device, device_software, device_tag, device_group;
end $$;
