// mock_campaigns.mjs: campaigns in every state, that can be steered a little.
import { createHash } from 'node:crypto';
import { chance, idOf, NOW } from './mock_fleet.mjs';

const ago = (ms) => new Date(NOW - ms).toISOString();
const digestOf = (text) => createHash('sha256').update(text).digest('hex');

const GATE = { success: '>= 99%', sample: '90%', soak: '2h', approvals: { role: 'rollout-admin', count: 1 } };

function wave(name, members, state, devices, more = {}) {
  const finished = (devices.succeeded || 0) + (devices.failed || 0) + (devices['rolled-back'] || 0) + (devices.silent || 0);
  return {
    name, state, members, devices, faults: (devices.failed || 0) + (devices['rolled-back'] || 0), approvals: state === 'passed' ? 1 : 0, approvals_needed: 1, cause: '', waits_for: '', since: state === 'pending' ? null : ago(5400000),
    manual: '', manual_words: '', hook: null, health: null, gate: GATE, soak_ends_at: state === 'pending' ? null : ago(-600000), approved_by: state === 'passed' ? ['bob'] : [],
    figures: { members, finished, finished_needed: Math.ceil(members * 0.9), succeeded: devices.succeeded || 0, succeeded_needed: Math.ceil(finished * 0.99) }, ...more,
  };
}

function campaign(name, state, version, waves, more = {}) {
  const total = (states) => waves.reduce((sum, one) => sum + states.reduce((part, key) => part + (one.devices[key] || 0), 0), 0);
  return {
    campaign: name, digest: digestOf(name), component: 'brake-controller', version, state, cause: '', author: 'rita', members: waves.reduce((sum, one) => sum + one.members, 0),
    in_flight: total(['offered', 'accepted', 'downloading', 'installing', 'rebooting', 'probation']), in_flight_max: 500, faults: total(['failed', 'rolled-back', 'silent']), faults_tolerated: 200, failures_by_class: {},
    succeeded: total(['succeeded']), waves, created_at: ago(86400000 * 2), said_last: { put_off: '', failed: '', failure: '' }, unsigned: { orders: 0, why: '' }, waits_for: '', held: false, ready: 0, stop: null, emergency: false, priority: 50, revision: 1,
    approvals: { given: 1, needed: 1, role: 'rollout-admin' }, approved_by: ['bob'], rate: null, window: null, lease: null, rolls_back: null, rolled_back_by: null, started_at: ago(86400000), not_recalled: { rebooting: 0, probation: 0 },
    budget: { on_exceeded: 'pause', classes: {} }, rollback_to: 'brake-controller/2.4.0', ...more,
  };
}

const simple = (name, state, version, good, all, more) => campaign(name, state, version, [wave('canary', Math.ceil(all / 100), good ? 'passed' : 'pending', good ? { succeeded: Math.ceil(all / 100) } : { waiting: Math.ceil(all / 100) }), wave('rest', all, state === 'finished' ? 'passed' : good ? 'open' : 'pending', { succeeded: good, waiting: all - good })], more);

function initial() {
  const canary = '0 of 1 approvals by rollout-admin';
  return [
    campaign('brake-2.4.1', 'running', '2.4.1', [
      wave('lab', 12, 'passed', { succeeded: 12 }),
      wave('friendly', 388, 'passed', { succeeded: 384, failed: 2, 'rolled-back': 2 }),
      wave('canary', 400, 'at-gate', { succeeded: 397, failed: 1, downloading: 2 }, { waits_for: canary, soak_ends_at: ago(600000), approvals_needed: 1, hook: { answer: 'pass', words: 'dashboards are green', at: ago(300000) }, health: { metric: 'restarts', worse: 3, better: 4, tie: 390, words: '' } }),
      wave('early', 4000, 'pending', { waiting: 4000 }),
      wave('rest', 35200, 'pending', { waiting: 35100, withdrawn: 100 }),
    ], { waits_for: `wave canary: ${canary}`, failures_by_class: { verify: 1, health: 4 }, rate: { in_a_minute: 120, in_the_last: 84, next: ago(-30000) }, window: { zones: 14, open: 9, next: ago(-7200000), next_in: 'America/New_York' }, said_last: { put_off: 'battery at 12 %', failed: 'dev-000035', failure: 'probe brake-selftest failed: pressure 0.2 bar, expected 6' }, lease: { holder: 'wavegated-1', token: 7, until: ago(-9000) }, not_recalled: { rebooting: 0, probation: 0 } }),
    campaign('brake-2.5.0', 'awaiting-approval', '2.5.0', [wave('canary', 400, 'pending', { waiting: 400 }), wave('rest', 39600, 'pending', { waiting: 39600 })], { approvals: { given: 0, needed: 1, role: 'rollout-admin' }, approved_by: [], waits_for: canary, started_at: null }),
    campaign('brake-2.5.1-field', 'running', '2.5.1', [wave('canary', 100, 'passed', { succeeded: 100 }), wave('rest', 9900, 'open', { succeeded: 4210, failed: 31, downloading: 160, installing: 96, rebooting: 12, probation: 40, waiting: 5351 })], { faults_tolerated: 50, failures_by_class: { verify: 20, health: 11 }, not_recalled: { rebooting: 12, probation: 40 } }),
    simple('gateway-5.2.0', 'draft', '5.2.0', 0, 20000, { component: 'gateway', started_at: null, approvals: { given: 0, needed: 0, role: '' } }),
    simple('gateway-5.1.1', 'scheduled', '5.1.1', 0, 20000, { component: 'gateway', waits_for: 'starts at 2026-12-01 00:00:00 UTC' }),
    simple('gateway-5.1.0', 'paused', '5.1.0', 8000, 20000, { component: 'gateway', held: true, ready: 14, cause: 'paused by bob: waiting for the notes', author: 'carol' }),
    simple('door-2.0.0', 'stopping', '2.0.0', 100, 5000, { component: 'door-controller', cause: 'aborted by rita: wrong notes', stop: 'abort' }),
    simple('door-1.9.0', 'finished', '1.9.0', 5000, 5000, { component: 'door-controller' }),
    simple('door-1.8.0', 'aborted', '1.8.0', 10, 5000, { component: 'door-controller', cause: 'aborted by carol: harness' }),
    simple('brake-2.2.0', 'rolled-back', '2.2.0', 300, 30000, { cause: 'the failure budget was exceeded: 31 of at most 30', rolled_back_by: 'brake-2.2.0-rollback' }),
    ...Array.from({ length: 30 }, (_, i) => simple(`brake-1.${30 - i}.0`, 'finished', `1.${30 - i}.0`, 900 + i, 900 + i, { created_at: ago(86400000 * (20 + i)) })),
  ];
}

export const campaigns = initial();
export const history = [];

export const find = (name) => campaigns.find((one) => one.campaign === name);

export const listRow = (one) => Object.fromEntries(['campaign', 'state', 'cause', 'component', 'version', 'members', 'author', 'created_at', 'held', 'emergency', 'priority', 'revision', 'rolls_back', 'in_flight', 'faults', 'faults_tolerated', 'succeeded', 'waits_for'].map((key) => [key, one[key]]));

export function note(one, actor, words, more = {}) {
  history.unshift({ campaign: one.campaign, at: new Date().toISOString(), revision: one.revision, actor, kind: 'campaign', from: null, to: null, wave: null, words, ...more });
}

export const historyOf = (one) => [...history.filter((row) => row.campaign === one.campaign), { at: one.created_at, revision: 1, actor: one.author, kind: 'campaign', from: null, to: 'draft', wave: null, words: `applied by ${one.author}` }];

function pass(one, at) {
  const here = one.waves[at], next = one.waves[at + 1];
  Object.assign(here, { state: 'passed', waits_for: '' });
  if (next) Object.assign(next, { state: 'open', since: new Date().toISOString() });
  else one.state = 'finished';
  one.waits_for = next ? `wave ${next.name} is at work` : '';
}

// What a person does; gives words, or throws [status, code, detail].
export const acts = {
  approve(one, who, { wave: name }) {
    if (one.author === who) throw [403, 'not-allowed', 'the creator of a campaign never approves it'];
    if (!name) {
      Object.assign(one, { approvals: { ...one.approvals, given: one.approvals.given + 1 }, approved_by: [...one.approved_by, who], state: 'running', waits_for: '', started_at: new Date().toISOString() });
      one.waves[0].state = 'open';
      return;
    }
    const at = one.waves.findIndex((row) => row.name === name);
    if (at < 0) throw [404, 'not-found', `${one.campaign} has no wave "${name}"`];
    const here = one.waves[at];
    here.approvals++;
    here.approved_by = [...here.approved_by, who];
    if (here.approvals >= here.approvals_needed && here.state === 'at-gate') pass(one, at);
  },
  start: (one) => Object.assign(one, { state: 'running' }),
  pause: (one, who, { reason, hold }) => void Object.assign(one, { state: 'paused', held: Boolean(hold), cause: `paused by ${who}${reason ? `: ${reason}` : ''}` }),
  resume: (one, who) => void Object.assign(one, { state: 'running', held: false, cause: `resumed by ${who}` }),
  abort: (one, who, { reason }) => void Object.assign(one, { state: 'stopping', stop: 'abort', cause: `aborted by ${who}${reason ? `: ${reason}` : ''}`, waits_for: '' }),
  rollback: (one, who, { reason }) => void Object.assign(one, { state: 'stopping', stop: 'rollback', cause: `rolled back by ${who}: ${reason}`, waits_for: '' }),
  hold: (one, who, { reason, wave: name }) => void Object.assign(one.waves.find((row) => row.name === name), { manual: 'hold', manual_words: `by ${who}: ${reason}` }),
  unhold: (one, who, { wave: name }) => void Object.assign(one.waves.find((row) => row.name === name), { manual: '', manual_words: '' }),
  advance: (one, who, { reason, wave: name }) => void Object.assign(one.waves.find((row) => row.name === name), { manual: 'advance', manual_words: `by ${who}: ${reason}` }),
};

export function places(one, filters) {
  const items = [];
  let number = 0;
  for (const here of one.waves)
    for (const [state, count] of Object.entries(here.devices))
      for (let i = 0; i < Math.min(count, 3000); i++) {
        number++;
        const cause = ['failed', 'rolled-back'].includes(state) ? (i % 3 ? 'verify' : 'health') : '';
        if ((filters.state && filters.state !== state) || (filters.wave && filters.wave !== here.name) || (filters.cause && filters.cause !== cause)) continue;
        items.push({ device: idOf(number), wave: here.name, state, cause, detail: cause ? 'the signature of block 17 does not hold' : '', attempt: state === 'waiting' ? 0 : 1, since: ago(chance(number, 20) * 9000000), from: '2.4.0' });
      }
  return items;
}

const spread = (devices) => ({ model: { 'brake-mk2': devices }, hardware: { 'brake-mk2/C': devices }, region: { AT: devices - 2, CH: 2 }, from: { '2.3.0': devices - 1, '2.4.0': 1 } });
const example = (number) => ({ device: idOf(number), at: ago(600000 + number * 1000), state: 'rolled-back', detail: 'the signature of block 17 does not hold', hardware: 'C', region: 'AT', from: '2.3.0', wave: 'rest' });

export function failures(one) {
  const group = (signature, cause, phase, devices, over) => ({ signature, cause, phase, devices, states: { 'rolled-back': devices }, first_at: ago(9000000), last_at: ago(600000), ...spread(devices), over,
    sample: [idOf(5), idOf(35), idOf(40)], examples: [example(5), example(35), example(40)], next: [`wavegate device explain dev-000005 --campaign ${one.campaign}`, `wavegate device logs dev-000005 --campaign ${one.campaign}`] });
  const high = [{ field: 'hardware', value: 'brake-mk2/C', failed: 20, of_failed: 20, succeeded: 180, of_succeeded: 4310, times: 23.9, p: 4e-8, p_alone: 1e-9 }, { field: 'region', value: 'AT', failed: 18, of_failed: 20, succeeded: 1100, of_succeeded: 4310, times: 3.5, p: 0.004, p_alone: 0.0004 }];
  const groups = one.faults ? [group('the signature of block N does not hold', 'verify', 'installing', 20, high), group('probe brake-selftest failed: pressure N bar, expected N', 'health', 'probation', 11, [])] : [];
  return { campaign: one.campaign, state: one.state, component: one.component, version: one.version, wave: null, failed: one.faults, succeeded: one.succeeded, read: one.faults, complete: true, test: { method: 'fisher-one-sided', correction: 'holm', alpha: 0.01, comparisons: 12 }, left_out: 0, groups };
}

export const YAML = (name) => `# yaml-language-server: $schema=../schemas/campaign.schema.json
wavegate: 1
campaign: ${name}
release: brake-controller/2.4.1
rollback_to: brake-controller/2.4.0
target:
  hardware: {model: brake-mk2}
waves:
  - {name: lab, devices: {file: lab.txt}}
  - {name: canary, percent: 1%}
  - {name: rest, remaining: true}
gate:
  success: ">= 99%"
  sample: 90%
  soak: 2h
  approvals: {role: rollout-admin}
pace:
  in_flight: 500
budget:
  failures: 0.5%
  on_exceeded: pause
`;

export function validate(file) {
  const problems = [];
  file.split('\n').forEach((line, i) => {
    const found = /^(\s*)(wavse|gaet|budgte)\s*:/.exec(line);
    if (found) problems.push({ file: 'campaign.yaml', line: i + 1, column: found[1].length + 1, error: `unknown key "${found[2]}"`, hint: 'did you mean "waves"?', source: line });
  });
  if (!/^wavegate: 1/m.test(file)) problems.push({ file: 'campaign.yaml', line: 1, column: 1, error: 'the key "wavegate" is missing: expected wavegate: 1', hint: null, source: file.split('\n')[0] });
  return { valid: problems.length === 0, problems };
}

export function plan(file, who) {
  const name = /^campaign:\s*(\S+)/m.exec(file)?.[1] || 'unnamed';
  const before = find(name) ? YAML(name) : null;
  const digest = digestOf(file);
  const share = (all) => ({ 'brake-mk2/C': Math.round(all * 0.6), 'brake-mk2/B2': Math.round(all * 0.4) });
  const row = (wave_name, devices) => ({ name: wave_name, devices, opened: false, overlap: false, gate: GATE, region: { 'DE-BY': Math.round(devices * 0.3), AT: Math.round(devices * 0.2) }, hardware: share(devices), version: { '2.4.0': devices }, strays: [] });
  return {
    campaign: name, digest, component: 'brake-controller', version: '2.4.1', fleet: 100000, matched: 40012, members: 40012, in_no_wave: 0, worst_harm: 700, waves: [row('lab', 12), row('canary', 400), row('rest', 39600)],
    policy: { pace: { in_flight: 500 } }, left_out: [{ reason: 'has brake-controller 2.4.1 already', devices: 44010 }, { reason: 'its hardware is another', devices: 15900 }, { reason: 'is in quarantine', devices: 3 }], overlaps: [{ campaign: 'brake-2.5.1-field', state: 'running', priority: 50, devices: 1200 }],
    rollback: { version: 'brake-controller/2.4.0', state: 'fits', signed_by: 'rita', unsigned: '' }, outlook: { online: 37100, unseen_7_days: 120, without_position: 40, away: {}, past_updates: 45000, typical_update_ms: 540000, shortest_ms: 43200000, with_check_ins: { shortest_ms: 650000000, assumes: 'who is away comes back within as long as it has been away' }, caps: [] },
    applied: before === file, changes: before ? 'pace.in_flight: 500 -> other\n' : '', before, repository_policy: { problem: '', lacks: [] },
    statement: { _type: 'wavegate-statement', v: 1, kind: 'apply', campaign: name, digest, wave: '', operator: who, at: new Date().toISOString(), release: 'brake-controller/2.4.1', waves: { lab: 12, canary: 400, rest: null } },
  };
}
