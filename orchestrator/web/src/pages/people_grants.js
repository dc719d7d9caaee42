// people_grants.js: roles with their scopes, to read and to change.
import { html } from '../html.js';

export const ROLES = {
  support: 'reads fleet, campaigns, releases; retries, cancels, quarantines one device',
  auditor: 'reads everything, the audit log and people too; changes nothing',
  'rollout-admin': 'plans, applies, approves, steers campaigns; retries devices',
  'repository-admin': 'publishes, approves and revokes releases',
  'deployment-admin': 'registers, groups, tags, revokes, reinstates, quarantines devices',
  owner: 'all of it; people, tokens of others, webhooks',
};
const PARTS = { regions: 'regions', groups: 'groups', models: 'hardware models' };

export function grantWords(grant) {
  const scope = Object.keys(PARTS).filter((part) => grant.scope?.[part]?.length).map((part) => `${part} ${grant.scope[part].join(', ')}`).join('; ');
  return scope ? `${grant.role} (${scope})` : grant.role;
}

const scopeOf = (grant) => Object.fromEntries(Object.keys(PARTS).map((part) => [part, (grant.scope?.[part] || []).join(',')]));

// The flags of a command that gives the same: one part of the fleet for all roles, else a file has them.
export function grantFlags(grants) {
  const scopes = grants.map(scopeOf);
  if (new Set(scopes.map((scope) => JSON.stringify(scope))).size > 1) return { grants: 'grants.json' };
  return { role: grants.map((grant) => grant.role).join(','), ...scopes[0] };
}

const list = (text) => text.split(',').map((word) => word.trim()).filter(Boolean);

function One({ grant, onChange, onDrop, number }) {
  const part = (name) => html`<label key=${name}>${PARTS[name]} <input value=${(grant.scope?.[name] || []).join(', ')} placeholder="everything"
    onChange=${(event) => onChange({ ...grant, scope: { ...grant.scope, [name]: list(event.target.value) } })} autocomplete="off" spellcheck=${false} /></label>`;
  return html`<fieldset><legend>Role ${number}</legend>
    <label>Role <select value=${grant.role} onChange=${(event) => onChange({ ...grant, role: event.target.value })}>${Object.keys(ROLES).map((role) => html`<option key=${role} value=${role} selected=${role === grant.role}>${role}</option>`)}</select></label>
    <p class="dim small">${ROLES[grant.role]}</p>
    <div class="filters">${Object.keys(PARTS).map(part)}</div>
    <button type="button" class="small" onClick=${onDrop}>Take this role away</button></fieldset>`;
}

export function Grants({ value, onChange }) {
  const set = (at, grant) => onChange(value.map((one, i) => (i === at ? grant : one)));
  return html`${value.map((grant, i) => html`<${One} key=${i} number=${i + 1} grant=${grant} onChange=${(next) => set(i, next)} onDrop=${() => onChange(value.filter((_, k) => k !== i))} />`)}
    <button type="button" class="small" onClick=${() => onChange([...value, { role: 'support', scope: {} }])}>Another role</button>`;
}
