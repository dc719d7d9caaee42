// A device in another language: it takes part in campaigns by what schemas/ says, and nothing else (README.md beside it).
'use strict';
const crypto = require('node:crypto');
const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const { execFile } = require('node:child_process');
const { pipeline } = require('node:stream/promises');
const { setTimeout: delay } = require('node:timers/promises');
const mqtt = require('mqtt');
const { fitter, opener } = require('./wire.js');

const settings = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const { device, component } = settings;
const [ca, cert, key] = [settings.ca, settings.certificate, settings.key].map((name) => fs.readFileSync(name));
const random = () => crypto.randomBytes(16).toString('hex');
const fit = fitter(settings.schemas, ['hello', 'report', 'order', 'ack']);
const open = opener(fs.readFileSync(settings.director));

// The memory outlives a power cut at any point: written beside, synced, renamed.
const file = (name) => path.resolve(settings.state, name);
const memory = { journal: random(), seq: 0, outbox: [], last: null, counter: 0, order: null, phase: 'idle', ask: 0,
  home: 'a', once: null, slots: { a: settings.factory },
  ...(fs.existsSync(file('memory')) && JSON.parse(fs.readFileSync(file('memory'), 'utf8'))) };
function save(changes) {
  const out = fs.openSync(file('memory.new'), 'w', 0o600);
  fs.writeSync(out, JSON.stringify(Object.assign(memory, changes)));
  fs.fsyncSync(out);
  fs.closeSync(out);
  fs.renameSync(file('memory.new'), file('memory'));
}

// A start is a boot: of the slot that is marked to boot once, or of the default. The mark counts for one start.
const boot = random();
const slot = memory.once ?? memory.home;
const other = slot === 'a' ? 'b' : 'a';
const onTrial = () => slot !== memory.home;
save({ once: null });
function restart(changes) { // whoever looks after this process starts it again
  save(changes);
  client.end(false, { reasonCode: 4 }, () => process.exit(0)); // 4: with the last will
}
const run = (verb, which) => new Promise((resolve) => {
  execFile('sh', [file(memory.slots[which].file), verb], { env: { PATH: process.env.PATH, WAVEGATE_STATE: file('.') } },
    (problem, out) => resolve({ well: !problem, detail: out.trim() || problem?.message }));
});

// What it says. A report is kept until an ack covers it, over restarts and lost connections.
const versions = () => ({ [component]: memory.slots[slot].version });
const topic = (leaf) => `wg/v1/d/${device}/${leaf}`;
const say = (kind, message) => client.publish(topic(`up/${kind}`), JSON.stringify(fit(kind, message)), { qos: 1 });
const hello = () => say('hello', { v: 1, online: true, boot, journal: memory.journal, seq: memory.seq, agent: '0.1.0', slot,
  hardware: settings.hardware, software: versions(), ...(onTrial() && { trial: true }),
  oldest: memory.outbox[0]?.seq ?? memory.seq + 1, ...(memory.counter && { counter: memory.counter }), ...settings.more });
function report(order, state, { cause, detail } = {}, changes = {}) {
  const made = { v: 1, journal: memory.journal, seq: memory.seq + 1, order: order.id, campaign: order.campaign,
    attempt: order.attempt, state, cause, detail: detail?.slice(0, 120), versions: versions() };
  save({ ...changes, seq: made.seq, last: made, outbox: [...memory.outbox, made] });
  console.log(`${new Date().toISOString()} ${order.campaign}: ${state} ${cause ?? ''} ${detail ?? ''}`);
  if (client.connected) say('report', made);
}
const end = (state, why, changes) => report(memory.order, state, why, { ...changes, order: null, phase: 'idle' });
const ask = () => report(memory.order, 'rebooting', {}, { phase: 'ready', ask: memory.seq + 1 }); // may it switch over?

function obey(order) {
  const inHand = memory.order?.id === order.id;
  const isKnown = inHand || (memory.last?.order === order.id && !['withdrawn', 'deferred'].includes(memory.last.state));
  if (order.device !== device || order.counter <= memory.counter) throw new Error(`order ${order.id} is not for here, or old`);
  if (order.boot !== boot) return hello(); // it answers an earlier boot: it will come anew
  const crossed = memory.outbox.find((one) => one.order === order.id && one.state === 'deferred');
  const later = order.window ? 'this device does not judge windows'
    : !isKnown && (memory.order || onTrial()) && order.kind === 'install' && 'busy until the update in hand ends';
  if (later) return crossed ? say('report', crossed) : report(order, 'deferred', { cause: 'deferred', detail: later });
  save({ counter: order.counter });
  if (order.kind === 'erase' || (inHand && order.kind === 'withdraw' && memory.phase === 'probation')) return undefined;
  if (order.kind === 'withdraw') return (inHand ? end : report.bind(null, order))('withdrawn', { cause: 'withdrawn' });
  if (inHand && memory.phase === 'ready') return ask();
  if (isKnown) return report(order, memory.last.state, memory.last); // how far is it? as it said
  if (Date.now() < Date.parse(order.not_before) - 300e3 || Date.now() > Date.parse(order.expires) + 300e3)
    return report(order, 'failed', { cause: 'refused', detail: 'the order is not in date' });
  const fits = order.release.component === component && [undefined, settings.hardware.model].includes(order.release.hardware_model);
  if (!fits || order.with || order.artifact.age)
    return report(order, 'failed', { cause: 'incompatible', detail: `plain artifacts of ${component} alone` });
  if (order.release.version === versions()[component]) return report(order, 'satisfied');
  report(order, 'accepted', {}, { order, phase: 'fetching' });
  return install(order);
}

async function install(order) {
  const hash = crypto.createHash('sha256');
  const name = `slot-${other}-${order.counter}`;
  report(order, 'downloading');
  try {
    const answer = await new Promise((resolve, reject) => {
      https.get(order.artifact.urls[0], { ca, cert, key }, resolve).on('error', reject);
    });
    if (answer.statusCode !== 200) throw new Error(`the server says ${answer.statusCode}`);
    answer.on('data', (bytes) => hash.update(bytes));
    const out = fs.openSync(file(name), 'w', 0o700);
    await pipeline(answer, fs.createWriteStream('', { fd: out, autoClose: false }));
    fs.fsyncSync(out);
    fs.closeSync(out);
  } catch (problem) {
    return memory.order?.id === order.id && end('failed', { cause: 'download', detail: problem.message });
  }
  if (memory.order?.id !== order.id) return undefined; // withdrawn meanwhile
  if (hash.digest('hex') !== order.artifact.sha256) return end('failed', { cause: 'verify', detail: 'other bytes than the signed ones' });
  report(order, 'installing', {}, { slots: { [slot]: memory.slots[slot], [other]: { version: order.release.version, file: name } } });
  const { well, detail } = await run('install', other);
  if (memory.order?.id !== order.id) return undefined;
  return well ? ask() : end('failed', { cause: 'install', detail });
}

function acknowledged(ack) {
  if (ack.journal !== memory.journal) return;
  save({ outbox: memory.outbox.filter((one) => one.seq > ack.seq) });
  if (memory.phase !== 'ready' || ack.seq < memory.ask) return;
  if (ack.order !== memory.order.id) end('withdrawn', { cause: 'withdrawn', detail: 'its place was given to another' });
  else if (ack.go) restart({ phase: 'probation', once: other });
}

async function prove() { // the trial boot: the new version stays when it starts and does well, else the old slot boots again
  let { well, detail } = await run('boot', slot);
  if (well) {
    report(memory.order, 'probation');
    await delay(settings.soak);
    ({ well, detail } = await run('health', slot));
    if (well) return end('succeeded', {}, { home: slot });
  }
  end('rolled-back', { cause: memory.last.state === 'probation' ? 'health' : 'boot', detail });
  return restart({});
}
let resumed = false;
function resume() { // where a power cut or a boot has left it
  resumed = true;
  if (memory.phase === 'probation') return onTrial() ? prove() : end('rolled-back', { cause: 'boot', detail: 'it went down on trial' });
  return memory.phase === 'fetching' ? install(memory.order) : undefined;
}

const will = { topic: topic('up/hello'), payload: JSON.stringify(fit('hello', { v: 1, online: false, boot })), qos: 1 };
const protocolVersion = settings.mqtt === '3.1.1' ? 4 : 5;
const client = mqtt.connect(settings.broker, { protocolVersion, clientId: device, ca, cert, key, will, reconnectPeriod: 500 });
client.on('connect', () => client.subscribe(['order', 'ack'].map((leaf) => topic(`down/${leaf}`)), { qos: 1 }, () => {
  hello();
  memory.outbox.forEach((one) => say('report', one));
  if (!resumed) resume();
}));
client.on('error', (problem) => console.log(`broker: ${problem.message}`));
client.on('message', (from, payload) => {
  try { // what does not fit the schemas, or is not signed, changes nothing
    const message = JSON.parse(payload);
    if (from.endsWith('/order')) obey(open(fit('order', message)));
    else acknowledged(fit('ack', message));
  } catch (problem) { console.log(`passed over: ${problem.message}`); }
});
setInterval(() => client.connected && memory.outbox.forEach((one) => say('report', one)), settings.resend);
setInterval(() => client.connected && memory.phase === 'ready' && hello(), 120e3);
process.on('SIGTERM', () => restart({}));
