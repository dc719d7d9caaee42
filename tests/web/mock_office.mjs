// mock_office.mjs: people, their roles, tokens, releases, the audit log.
import { createHash } from 'node:crypto';
import { NOW } from './mock_fleet.mjs';

const ago = (ms) => new Date(NOW - ms).toISOString();
const READ = ['device.read', 'campaign.read', 'release.read'];
export const ROLES = {
  support: [...READ, 'device.retry', 'device.cancel', 'device.quarantine'],
  auditor: [...READ, 'audit.read', 'people.read'],
  'rollout-admin': [...READ, 'campaign.plan', 'campaign.apply', 'campaign.approve', 'campaign.steer', 'device.retry'],
  'repository-admin': [...READ, 'release.publish', 'release.approve', 'release.revoke'],
  'deployment-admin': [...READ, 'device.edit', 'device.revoke', 'device.quarantine'],
};
ROLES.owner = [...new Set([...Object.values(ROLES).flat(), 'people.manage', 'webhook.manage', 'metrics.read'])];

export const PASSWORD = 'correct horse battery';
export const CODE = '123456';
const person = (name, role, more = {}) => ({ name, grants: [{ role, scope: { regions: [], groups: [], models: [] } }], password: true, second_factor: false, locked_until: null, seen_at: ago(600000), invited: false, ...more });

export const people = [
  person('ada', 'auditor'), person('bob', 'rollout-admin'), person('olga', 'owner', { second_factor: true }), person('rita', 'rollout-admin'),
  person('sam', 'support', { grants: [{ role: 'support', scope: { regions: ['AT', 'DE-BY'], groups: [], models: [] } }] }),
  person('gwen', 'support', { password: false, invited: 'guest', seen_at: null }),
  person('tom', 'repository-admin', { locked_until: '2099-01-01T00:00:00Z' }),
];
export const permissionsOf = (of) => [...new Set(of.grants.flatMap((grant) => ROLES[grant.role] || []))].sort();

export const tokens = [{ id: 't1', name: 'pipeline', person: 'rita', permissions: ['campaign.plan', 'campaign.read'], scope: {}, created_at: ago(86400000 * 9), ends_at: ago(-86400000 * 20), used_at: ago(3600000) }];

const hook = (id, name, more = {}) => ({ id, name, url: `https://hooks.example/${name}/T0F2`, kinds: ['campaign', 'alarm'], enabled: true, made_at: ago(86400000 * 3), made_by: 'olga', changed_at: ago(86400000), version: 1, pending: 0, dead: 0, failure: '', ...more });
export const webhooks = [hook(1, 'chat'), hook(2, 'pager', { enabled: false, pending: 3, dead: 2, failure: 'the answer was 503' })];
export const deadOf = (id) => (id === '2' ? ['91-7', '91-8'].map((event) => ({ event, made_at: ago(172800000), dead_at: ago(86400000), attempts: 14, failure: 'the answer was 503', body: { specversion: '1.0', id: event, type: 'wavegate.alarm', subject: 'dev-000007' } })) : []);

const hash = (text) => createHash('sha256').update(text).digest('hex');

export const releases = ['brake-controller/2.5.1', 'brake-controller/2.5.0', 'brake-controller/2.4.1', 'brake-controller/2.4.0', 'gateway/5.2.0', 'gateway/5.1.0', 'door-controller/2.0.0'].map((name, i) => ({
  component: name.split('/')[0], version: name.split('/')[1], sha256: hash(name), length: 112000000 + i * 7654321, hardware_model: i % 2 ? '' : 'brake-mk2', from: '>=2.0.0', notes: 'Selftest waits for pressure. See the release notes of the brake team.', added_by: 'tom', added_at: ago(86400000 * (i + 2)), with: i === 0 ? { gateway: '5.2.0' } : {}, depends: {}, signed: true, state: i === 0 ? 'proposed' : 'published', approvals_wanted: i === 0 ? 2 : 0, approvals: i === 0 ? [{ by: 'rena', at: ago(3600000) }] : [], refused: null,
}));

export const wholeRelease = (of) => ({ ...of, signatures: [{ name: 'tom', role: 'repository-admin', keyid: hash('tom'), at: of.added_at, holds: true }, { name: 'rena', role: 'repository-admin', keyid: hash('rena'), at: of.added_at, holds: true }], forms: [{ kind: 'whole', base: null, length: of.length, sha256: of.sha256 }, { kind: 'zstd', base: null, length: Math.round(of.length / 3), sha256: hash('z') }, { kind: 'patch', base: '2.4.0', length: Math.round(of.length / 40), sha256: hash('p') }], campaigns: [{ campaign: 'brake-2.4.1', state: 'running' }], devices: 44010, revoked_at: null, revoked_why: '' });

const KINDS = [['rita', 'campaign', 'brake-2.4.1', { to: 'running', from: 'paused', cause: 'resumed by rita' }], ['bob', 'approval', 'brake-2.4.1', { wave: 'friendly', digest: hash('x') }], ['sam', 'device.retry', 'dev-000035', { attempt: 2 }], ['engine', 'wave', 'brake-2.4.1', { wave: 'canary', from: 'open', to: 'at-gate', cause: '90% have finished' }], ['ada', 'refused', 'POST /campaigns/brake-2.4.1/abort', { permission: 'campaign.steer' }]];
export const ROWS = 5000;
const added = [];

function row(number) {
  const [actor, kind, subject, detail] = KINDS[number % KINDS.length];
  return { number, at: NOW - (ROWS - number) * 61000, actor, from: actor === 'engine' ? '' : `192.0.2.${number % 200}`, kind, subject, outcome: kind === 'refused' ? 'refused' : 'done', detail, why: number % 5 === 2 ? 'customer called' : '', previous: hash(`${number - 1}`), hash: hash(`${number}`) };
}

export function tell(actor, kind, subject, detail) {
  added.push({ ...row(ROWS + added.length + 1), at: Date.now(), actor, kind, subject, detail, outcome: 'done', why: detail.reason || '' });
}

export const head = () => ({ number: ROWS + added.length, hash: hash(`${ROWS + added.length}`), at: ago(60000) });

export function* audit(before) {
  for (let number = Math.min(before - 1, ROWS + added.length); number > 0; number--) yield number > ROWS ? added[number - ROWS - 1] : row(number);
}
