// mock_fleet.mjs: a fleet that is the same every time: 100,000 devices, each made from its number.
export const DEVICES = 100000;
export const NOW = Math.floor(Date.now() / 60000) * 60000; // times alone go by the clock

const CITIES = [
  ['DE-BY', 48.1, 11.6], ['DE-BE', 52.5, 13.4], ['AT', 48.2, 16.4], ['CH', 47.4, 8.5], ['FR', 48.9, 2.3], ['ES', 40.4, -3.7], ['SE', 59.3, 18.1], ['PL', 52.2, 21.0],
  ['GB', 51.5, -0.1], ['US-CA', 36.8, -119.4], ['US-TX', 31.0, -99.0], ['US-NY', 42.9, -75.5], ['BR', -23.5, -46.6], ['ZA', -26.2, 28.0], ['IN', 19.1, 72.9], ['JP', 35.7, 139.7],
  ['AU', -33.9, 151.2], ['KE', -1.3, 36.8], ['CA', 49.3, -100.0], ['MX', 19.4, -99.1],
];
const MODELS = [['brake-mk2', 'C'], ['brake-mk2', 'B2'], ['brake-mk1', 'A'], ['door-x', 'A']];
const VERSIONS = ['2.4.1', '2.4.1', '2.4.1', '2.4.0', '2.4.0', '2.3.0'];

// A number from 0 to 1 that goes by its seeds alone.
export function chance(...seeds) {
  let hash = 2166136261;
  for (const seed of seeds) {
    hash ^= seed + 0x9e3779b9;
    hash = Math.imul(hash, 16777619);
    hash ^= hash >>> 13;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 4294967296;
}

export const idOf = (number) => `dev-${String(number).padStart(6, '0')}`;
export const numberOf = (id) => (/^dev-\d{6}$/.test(id) && Number(id.slice(4)) < DEVICES ? Number(id.slice(4)) : -1);
const ago = (ms) => new Date(NOW - ms).toISOString();

// What people have done to devices since the start: id -> changes
export const changed = new Map();

export function device(number) {
  const id = idOf(number);
  const [region, lat, lon] = CITIES[Math.floor(chance(number, 1) ** 1.6 * CITIES.length)];
  const [model, revision] = MODELS[Math.floor(chance(number, 2) ** 1.5 * MODELS.length)];
  const online = chance(number, 3) > 0.07;
  const seen = online ? chance(number, 4) * 60000 : chance(number, 4) ** 3 * 40 * 86400000 + 60000;
  const component = model === 'door-x' ? 'door-controller' : 'brake-controller';
  return {
    id,
    hardware: { model, revision },
    software: { [component]: VERSIONS[Math.floor(chance(number, 5) * VERSIONS.length)], gateway: chance(number, 6) > 0.2 ? '5.1.0' : '5.0.3' },
    region,
    zone: 'Europe/Berlin',
    position: chance(number, 7) > 0.002 ? { lat: lat + (chance(number, 8) - 0.5) * 9, lon: lon + (chance(number, 9) - 0.5) * 13 } : null,
    slot: chance(number, 10) > 0.5 ? 'a' : 'b',
    agent: '0.7.0',
    broker: 'main',
    online,
    presence_at: ago(seen + 3600000),
    seen_at: ago(seen),
    registered_at: ago(200 * 86400000),
    tags: chance(number, 11) > 0.98 ? ['beta'] : [],
    attributes: { site: `plant-${Math.floor(chance(number, 12) * 40)}`, battery: Math.floor(chance(number, 13) * 100) },
    quarantined_at: number % 33333 === 7 ? ago(86400000) : null,
    alarms: number % 20000 === 7 ? 'cloned' : '',
    ...changed.get(id),
  };
}

function fits(of, filters) {
  const versions = filters.component ? [of.software[filters.component]] : Object.values(of.software);
  return (
    (!filters.q || of.id.startsWith(filters.q)) &&
    (!filters.online || String(of.online) === filters.online) &&
    (!filters.region || of.region === filters.region) &&
    (!filters.model || of.hardware.model === filters.model) &&
    (!filters.component || versions[0] !== undefined) &&
    (!filters.version || versions.includes(filters.version)) &&
    (!filters.tag || of.tags.includes(filters.tag)) &&
    (!filters.alarm || of.alarms || of.quarantined_at)
  );
}

export function* devicesFrom(after, filters) {
  for (let number = after + 1; number < DEVICES; number++) {
    const of = device(number);
    if (fits(of, filters)) yield of;
  }
}

let counted = null;

function count() {
  const fleet = { devices: DEVICES, online: 0, stale: 0, quarantined: 0, alarms: 0 };
  const regions = new Map(), hardware = new Map(), versions = new Map(), points = [];
  const add = (map, key, online) => {
    const row = map.get(key) || { devices: 0, online: 0 };
    row.devices++;
    row.online += online ? 1 : 0;
    map.set(key, row);
  };
  for (let number = 0; number < DEVICES; number++) {
    const of = device(number);
    fleet.online += of.online ? 1 : 0;
    fleet.stale += NOW - Date.parse(of.seen_at) > 7 * 86400000 ? 1 : 0;
    fleet.quarantined += of.quarantined_at ? 1 : 0;
    fleet.alarms += of.alarms ? 1 : 0;
    add(regions, of.region, of.online);
    add(hardware, of.hardware.model, of.online);
    for (const [component, version] of Object.entries(of.software)) add(versions, `${component} ${version}`, of.online);
    if (of.position) points.push([of.position.lon, of.position.lat, of.online]);
  }
  const rows = (map, name) => [...map].sort((a, b) => b[1].devices - a[1].devices).map(([key, row]) => ({ ...name(key), ...row }));
  return {
    points,
    fleet: {
      as_of: new Date().toISOString(),
      ...fleet,
      regions: rows(regions, (region) => ({ region })),
      hardware: rows(hardware, (model) => ({ model })),
      versions: rows(versions, (key) => ({ component: key.split(' ')[0], version: key.split(' ')[1] })),
    },
  };
}

export const counts = () => (counted ||= count());

export function cellsOf(box, cells) {
  const [west, south, east, north] = box.split(',').map(Number);
  const step = (east - west) / cells;
  const found = new Map();
  const without = DEVICES - counts().points.length;
  for (const [lon, lat, online] of counts().points) {
    if (lon < west || lon >= east || lat < south || lat >= north) continue;
    const x = Math.floor((lon - west) / step), y = Math.floor((lat - south) / step);
    const cell = found.get(`${x} ${y}`) || { west: west + x * step, south: south + y * step, east: west + (x + 1) * step, north: south + (y + 1) * step, devices: 0, online: 0 };
    cell.devices++;
    cell.online += online ? 1 : 0;
    found.set(`${x} ${y}`, cell);
  }
  return { cells: [...found.values()], without_position: without };
}

export function versionsOver(component, days) {
  const names = component === 'gateway' ? ['5.0.3', '5.1.0'] : ['2.3.0', '2.4.0', '2.4.1'];
  const rows = [];
  for (let day = days; day >= 0; day--) {
    const moved = 1 / (1 + Math.exp((day - days * 0.4) / (days * 0.08)));
    const parts = names.length === 2 ? [1 - moved, moved] : [0.35 * (1 - moved) + 0.16, 0.65 * (1 - moved) + 0.33 * moved, 0.51 * moved];
    const versions = Object.fromEntries(names.map((version, i) => [version, Math.round(parts[i] * 85000)]));
    rows.push({ day: new Date(NOW - day * 86400000).toISOString().slice(0, 10), devices: DEVICES, online: 93000, versions });
  }
  return { component, days: rows };
}

const KINDS = [
  ['crash-looping', 'boot again and again', 10, -2], ['silent', 'silent beyond their habit', 200, 31], ['alarm', 'have an open alarm', 5, 0], ['quarantine', 'are in quarantine', 4, null], ['wrong-clock', 'have a wrong clock', 12, 0],
  ['certificate-ending', 'have a certificate about to end', 33, -4], ['never-updated', 'were never updated', 8, 1], ['behind', 'are far behind', 900, 14], ['unused', 'are not used', 0, 0],
];

export function health(kind, limit) {
  const picked = KINDS.filter(([name]) => !kind || name === kind);
  const trendOf = (change) => (change === null ? null : change > 0 ? 'rising' : change < 0 ? 'falling' : 'steady');
  const worst = ([name, , count, change]) => Array.from({ length: Math.min(count, limit) }, (_, i) => ({ device: idOf(i * 411 + 7), finding: name, since: ago((2 + (i % 9)) * 86400000), words: name === 'silent' ? `silent for ${2 + (i % 9)}d; heard every 10min before` : `${name} for ${1 + (i % 5)}d`, trend: trendOf(change), hardware: 'brake-mk2/C', region: 'AT' }));
  const findings = picked.map(([name, title, devices, change]) => ({ kind: name, title, devices, more: devices === 900, week_ago: change === null ? null : devices - change, change, trend: trendOf(change), next: 'wavegate device show ID has their last words' }));
  return { at: ago(0), fleet: { day: ago(0).slice(0, 10), devices: DEVICES, online: 93000 }, compared_with: ago(7 * 86400000).slice(0, 10), counts: Object.fromEntries(picked.map(([name, , devices]) => [name, devices])), findings, items: picked.flatMap(worst) };
}

export function wholeDevice(number) {
  const of = device(number);
  return {
    ...of,
    groups: ['fleet-south'],
    certificate: { serial: `0${number.toString(16)}af31`, subject: `CN=${of.id}`, not_before: ago(80 * 86400000), not_after: new Date(NOW + (number % 3 ? 90 : 6) * 86400000).toISOString(), key: 'P-256' },
    slots: [{ name: 'a', active: of.slot === 'a', component: 'brake-controller', version: '2.4.1', state: 'good' }, { name: 'b', active: of.slot === 'b', component: 'brake-controller', version: '2.4.0', state: 'good' }],
    alarm_list: of.alarms ? [{ device: of.id, kind: of.alarms, count: 3, first_at: ago(90000000), last_at: ago(80000000), why: 'seen from two addresses at once', cleared_at: null, cleared_by: '', cleared_why: '' }] : [],
    reports: [],
    identity: { enrolled: true, age_recipient: null },
    presence: { online: of.online, since: of.presence_at, seen_at: of.seen_at, due_at: ago(-600000), absences: 12, usually_away_seconds: 5400, boot_at: ago(3 * 86400000), boots_in_a_row: 1, clock_off_minutes: number % 11 ? 0 : -190 },
    updated_at: ago(2 * 86400000),
    held_why: null,
    campaigns: [{ campaign: 'brake-2.4.1', wave: 'rest', state: 'waiting', cause: '', detail: '', version: '2.4.1', attempt: 0, since: ago(9000000) }, { campaign: 'brake-2.4.0', wave: 'canary', state: 'succeeded', cause: '', detail: '', version: '2.4.0', attempt: 1, since: ago(3 * 86400000) }],
    logs: { count: 1, newest: ago(7200000) },
  };
}

const STORY = ['offered', 'accepted', 'downloading', 'installing', 'rebooting', 'probation'];

export function timeline(number) {
  const failed = number % 5 === 0;
  const items = [['brake-2.4.0', false], ['brake-2.4.1', failed]].flatMap(([campaign, bad], k) =>
    [...STORY, bad ? 'rolled-back' : 'succeeded'].map((state, i) => ({
      at: ago((3 - k) * 86400000 - i * 60000), device_at: ago((3 - k) * 86400000 - i * 60000 + 900), campaign, attempt: 1, seq: i + 1, state,
      cause: state === 'rolled-back' ? 'health' : '', detail: state === 'rolled-back' ? 'probe brake-selftest failed: <img src=x onerror=alert(1)> 0.2 bar, expected 6' : state === 'downloading' ? '38 of 112 MB' : '', remark: '',
    })),
  );
  return { items: items.reverse(), next: null };
}

export function logs(number) {
  if (number % 5) return { items: [], next: null };
  const text = Array.from({ length: 24 }, (_, i) => `Nov 21 12:${10 + i}:01 brake-selftest[811]: cycle ${i}: pressure ${(6 - i * 0.24).toFixed(2)} bar`).join('\n');
  return { items: [{ at: ago(7200000), device_at: ago(7260000), campaign: 'brake-2.4.1', attempt: 1, source: 'journal', cut: true, text }], next: null };
}

export function explain(number) {
  const of = device(number);
  return {
    ...of,
    campaigns: [
      { campaign: 'brake-2.4.1', campaign_state: 'running', wave: 'rest', wave_takes: 'what remains', state: 'waiting', cause: '', detail: '', version: '2.4.1', attempt: 0, since: ago(9000000), holds: 'gate', reason: 'waits for the gate of wave canary: 0 of 1 approvals by rollout-admin', until: null,
        gate: { wave: 'canary', state: 'at-gate', members: 400, finished: 398, finished_needed: 360, succeeded: 397, approvals: 0, approvals_needed: 1 }, budget: { failed: 7, tolerated: 200 }, in_flight: { now: 0, most: 500 },
        clauses: [{ clause: 'hardware.model is brake-mk2 or brake-mk1', holds: true }, { clause: 'not tag do-not-disturb', holds: true }], attempts: { number: 0, spent: 0, again_at: null, ready_at: null }, window: { zone: 'Europe/Berlin', open: false, next: ago(-9 * 3600000) }, rate: null },
      { campaign: 'door-1.9.0', campaign_state: 'finished', wave: null, state: 'left-out', holds: 'target', reason: `is left out: its hardware is ${of.hardware.model}`, until: null, clauses: [{ clause: 'hardware.model is door-x', holds: of.hardware.model === 'door-x' }] },
    ],
    timeline: timeline(number).items,
    erasure: null,
    logs: { count: 1, newest: ago(7200000) },
  };
}
