-- Figures for Prometheus: name, labels ("" none), value. Names and what they mean: orchestrator/api/metrics.c.
-- name: metrics_figures
with fleet as (
    select count(*) as devices, count(*) filter (where online) as online from device
), under_way as (
    select id, name from campaign where state in ('scheduled', 'running', 'paused', 'stopping')
)
select 'wavegate_devices', '', devices::float8 from fleet
union all select 'wavegate_devices_online', '', online from fleet
union all select 'wavegate_devices_quarantined', '', count(*) from device where quarantined_at is not null
union all select 'wavegate_devices_certificate_ending', '', count(*) from device
    where certificate_ends < now() + interval '30 days' and certificate_ends is not null and revoked_at is null
union all select 'wavegate_campaigns', 'state="' || state || '"', count(*) from campaign group by state
union all select 'wavegate_campaign_places', 'campaign="' || u.name || '",state="' || w.state || '"', sum(w.devices)
    from under_way u join wave_count w on w.campaign_id = u.id group by u.name, w.state
union all select 'wavegate_campaigns_unattended', '', count(*) from under_way u
    where not exists (select from lease l where l.campaign_id = u.id and l.until > now())
union all select 'wavegate_lease_timestamp_seconds', '', extract(epoch from max(until)) from lease where until > '-infinity'
    having max(until) is not null
union all select 'wavegate_orders_open', '', count(*) from update_order where open
union all select 'wavegate_reports_total', '', n_tup_ins from pg_stat_user_tables
    where relname = 'report_' || to_char(now() at time zone 'UTC', 'YYYYMM')
union all select 'wavegate_rejected_messages_total', '', coalesce(max(id), 0) from rejected
union all select 'wavegate_alarms_open', 'kind="' || kind || '"', count(*) from alarm where cleared_at is null group by kind
union all select 'wavegate_audit_rows_total', '', coalesce(max(number), 0) from audit
union all select 'wavegate_webhook_events_pending', '', count(*) from webhook_event where dead_at is null
union all select 'wavegate_webhook_events_dead', '', count(*) from webhook_event where dead_at is not null
union all select 'wavegate_certificate_expires_timestamp_seconds',
                 'of="' || kind || '",name="' || replace(replace(name, '\', '\\'), '"', '\"') || '"', extract(epoch from ends_at)
    from certificate_end where seen_at > now() - interval '2 days';
