-- Whoever changes whether a device is out says why: in wavegate.reason, for the transaction.
create or replace function wg_audit_device() returns trigger language plpgsql as $$
begin
    perform wg_audit(null, '', 'device', new.id, jsonb_strip_nulls(
        jsonb_build_object('revoked', new.revoked_at is not null, 'age_recipient', new.age_recipient,
                           'enrolment', case when new.enrolment = '' then ''
                                             else encode(sha256(convert_to(new.enrolment, 'UTF8')), 'hex') end,
                           'reason', nullif(current_setting('wavegate.reason', true), ''))));
    return null;
end $$;
