// mock.mjs: a server that answers as docs/api.md and orchestrator/web/SHAPES.md say, over a fleet that is the same every time.
// It serves dist with the headers of the real one. As a program: node mock.mjs [PORT]. No dependency.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fleet from './mock_fleet.mjs';
import * as rollout from './mock_campaigns.mjs';
import * as entry from './mock_entry.mjs';
import * as office from './mock_office.mjs';
import { checkSigned, Refused } from './mock_sign.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.json': 'application/json', '.svg': 'image/svg+xml', '.txt': 'text/plain; charset=utf-8' };
const BODY_MAX = 1 << 20;

const missing = (what) => new Refused(404, 'not-found', `there is no ${what}`);

// ---- lists ----

function page(rows, query, cursorOf, find) {
  const limit = Math.min(1000, Number(query.limit) || 100);
  const items = [];
  let next = null;
  for (const row of rows) {
    if (items.length === limit) {
      next = Buffer.from(String(cursorOf(items.at(-1)))).toString('base64url');
      break;
    }
    if (!find || find(row)) items.push(row);
  }
  return { items, next };
}

const cursorIn = (query) => (query.cursor ? Buffer.from(query.cursor, 'base64url').toString() : null);

function numbered(rows, query, find) {
  const from = Number(cursorIn(query) ?? -1) + 1;
  const numberedRows = rows.slice(from).filter((row) => !find || find(row));
  const limit = Math.min(1000, Number(query.limit) || 100);
  return { items: numberedRows.slice(0, limit), next: numberedRows.length > limit ? Buffer.from(String(from + limit - 1)).toString('base64url') : null };
}

// ---- routes: [method, path, permission, handler] ----

const contains = (text, part) => !part || String(text).toLowerCase().includes(part.toLowerCase());
const numberOf = (id) => {
  const number = fleet.numberOf(id);
  if (number < 0) throw missing(`device "${id}"`);
  return number;
};
const campaignOf = (name) => rollout.find(name) || (() => { throw missing(`campaign "${name}"`); })();

function actOnDevice(ctx, [id, action]) {
  const number = numberOf(id);
  if (!ctx.body.reason) throw new Refused(422, 'bad-input', 'reason: expected a text');
  const change = { quarantine: { quarantined_at: new Date().toISOString() }, clear: { quarantined_at: null, alarms: '' }, revoke: { revoked_at: new Date().toISOString(), revoked_why: ctx.body.reason }, reinstate: { revoked_at: null } }[action] || {};
  fleet.changed.set(id, { ...fleet.changed.get(id), ...change });
  office.tell(ctx.who.name, `device.${action}`, id, { reason: ctx.body.reason });
  ctx.server.emit({ kind: 'device', subject: id });
  return { ...fleet.wholeDevice(number), words: `${id}: ${action} is noted` };
}

function statementFor(ctx, [name]) {
  const one = campaignOf(name);
  const at = new Date().toISOString();
  const { action, wave } = ctx.body;
  if (!['approve', 'rollback'].includes(action)) return { statement: null, words: '' };
  const kind = action === 'approve' ? 'approve' : 'apply';
  const waves = Object.fromEntries(one.waves.map((row, i) => [row.name, i === one.waves.length - 1 ? null : row.members]));
  return { statement: { _type: 'wavegate-statement', v: 1, kind, campaign: kind === 'apply' ? `${name}-rollback` : name, digest: one.digest, wave: wave || '', operator: ctx.who.name, at, release: `${one.component}/${one.version}`, ...(kind === 'approve' ? { waves } : {}) }, words: `${action} ${name}` };
}

function steer(ctx, [name, action]) {
  const one = campaignOf(name);
  const permission = action === 'approve' ? 'campaign.approve' : 'campaign.steer';
  if (!ctx.may.includes(permission)) throw new Refused(403, 'not-allowed', `this needs ${permission}`);
  if (!rollout.acts[action]) throw missing('such action');
  if (action === 'approve') checkSigned(ctx.body, { kind: 'approve', campaign: name, wave: ctx.body.wave || '', digest: one.digest, operator: ctx.who.name });
  if (action === 'rollback') checkSigned(ctx.body, { kind: 'apply', operator: ctx.who.name });
  const from = one.state;
  try {
    rollout.acts[action](one, ctx.who.name, ctx.body);
  } catch (refused) {
    if (!Array.isArray(refused)) throw refused;
    throw new Refused(...refused);
  }
  rollout.note(one, ctx.who.name, one.cause || `${action} by ${ctx.who.name}`, { wave: ctx.body.wave || null, ...(from === one.state ? {} : { from, to: one.state }) });
  office.tell(ctx.who.name, 'campaign', name, { from, to: one.state, cause: action, reason: ctx.body.reason || '' });
  ctx.server.emit({ kind: 'campaign', subject: name });
  return { campaign: name, state: one.state };
}

function apply(ctx) {
  const found = rollout.validate(ctx.body.file || '');
  if (!found.valid) throw new Refused(422, 'bad-file', 'the file has problems', { problems: found.problems });
  const plan = rollout.plan(ctx.body.file, ctx.who.name);
  checkSigned(ctx.body, { kind: 'apply', campaign: plan.campaign, digest: plan.digest, operator: ctx.who.name });
  if (!rollout.find(plan.campaign)) rollout.campaigns.unshift({ ...structuredClone(rollout.find('brake-2.5.0')), campaign: plan.campaign, digest: plan.digest, author: ctx.who.name, created_at: new Date().toISOString() });
  ctx.server.emit({ kind: 'campaign', subject: plan.campaign });
  return { campaign: plan.campaign, digest: plan.digest, devices: plan.members, changed: true, revision: 1, changes: '', state: 'awaiting-approval', approvals: { needed: 1, role: 'rollout-admin' } };
}

function planned(ctx) {
  const found = rollout.validate(ctx.body.file || '');
  if (!found.valid) throw new Refused(422, 'bad-file', 'the file has problems', { problems: found.problems });
  return rollout.plan(ctx.body.file, ctx.who.name);
}

function patchPerson(ctx, [name]) {
  const of = office.people.find((one) => one.name === name) || (() => { throw missing(`person "${name}"`); })();
  if (ctx.body.grants) of.grants = ctx.body.grants;
  if (ctx.body.unlock) of.locked_until = null;
  if (ctx.body.second_factor === false) of.second_factor = false;
  ctx.server.emit({ kind: 'people', subject: name });
  return of;
}

function addPerson(ctx) {
  if (office.people.some((one) => one.name === ctx.body.name)) throw new Refused(409, 'conflict', `there is a "${ctx.body.name}" already`);
  const of = { name: ctx.body.name, grants: ctx.body.grants, password: false, second_factor: false, locked_until: null, seen_at: null, invited: false };
  office.people.push(of);
  return of;
}

function addToken(ctx) {
  const of = { id: randomUUID(), person: ctx.who.name, scope: {}, created_at: new Date().toISOString(), used_at: null, ...ctx.body };
  office.tokens.push(of);
  return { ...of, token: `wgt_${randomUUID().replaceAll('-', '')}` };
}

function decided(ctx, [component, version], yes) {
  const of = office.releases.find((row) => row.component === component && row.version === version);
  const by = ctx.who.name, at = new Date().toISOString();
  if (of.added_by === by && yes) throw new Refused(403, 'not-allowed', `${by} has published it`);
  if (yes) of.approvals.push({ by, at });
  else of.refused = { by, at, reason: ctx.body.reason };
  of.state = !yes ? 'refused' : of.approvals.length < of.approvals_wanted ? 'proposed' : 'published';
  ctx.server.emit({ kind: 'release', subject: `${component}/${version}` });
  return office.wholeRelease(of);
}

const hookOf = (id) => office.webhooks.find((one) => String(one.id) === id) || (() => { throw missing(`webhook ${id}`); })();

function addWebhook(ctx) {
  const of = { ...office.webhooks[0], id: office.webhooks.length + 1, enabled: true, ...ctx.body };
  office.webhooks.push(of);
  return { ...of, secret: 'whsec_c2VjcmV0' };
}

function patchWebhook(ctx, [id]) {
  const { new_secret: fresh, ...changes } = ctx.body;
  return { ...Object.assign(hookOf(id), changes), ...(fresh ? { secret: 'whsec_bmV3' } : {}) };
}

const drop = (list, id) => void list.splice(list.findIndex(id), 1);

const ROUTES = [
  ['GET', '/me', null, (ctx) => entry.meOf(ctx)],
  ['POST', '/me/password', null, () => null],
  ['POST', '/me/second-factor', null, () => ({ secret: 'JBSWY3DPEHPK3PXP', uri: entry.URI })],
  ['PUT', '/me/second-factor', null, (ctx) => { if (ctx.body.code !== office.CODE) throw new Refused(422, 'bad-input', 'the code is wrong'); ctx.who.second_factor = true; return null; }],
  ['DELETE', '/me/second-factor', null, (ctx) => { ctx.who.second_factor = false; return null; }],
  ['DELETE', '/session', null, (ctx) => { ctx.server.sessions.delete(ctx.session); return null; }],
  ['GET', '/fleet', 'device.read', () => fleet.counts().fleet],
  ['GET', '/fleet/map', 'device.read', (ctx) => fleet.cellsOf(ctx.query.box, Number(ctx.query.cells))],
  ['GET', '/fleet/versions', 'device.read', (ctx) => fleet.versionsOver(ctx.query.component, Number(ctx.query.days))],
  ['GET', '/fleet/health', 'device.read', (ctx) => fleet.health(ctx.query.kind, Number(ctx.query.limit) || 5)],
  ['GET', '/devices', 'device.read', (ctx) => page(fleet.devicesFrom(cursorIn(ctx.query) ? fleet.numberOf(cursorIn(ctx.query)) : -1, ctx.query), ctx.query, (row) => row.id)],
  ['GET', '/devices/*', 'device.read', (_, [id]) => fleet.wholeDevice(numberOf(id))],
  ['GET', '/devices/*/timeline', 'device.read', (_, [id]) => fleet.timeline(numberOf(id))],
  ['GET', '/devices/*/logs', 'device.read', (_, [id]) => fleet.logs(numberOf(id))],
  ['GET', '/devices/*/explain', 'device.read', (_, [id]) => fleet.explain(numberOf(id))],
  ['POST', '/devices/*/*', 'device.read', actOnDevice],
  ['GET', '/campaigns', 'campaign.read', (ctx) => numbered(rollout.campaigns.map(rollout.listRow), ctx.query, (row) => (!ctx.query.state || row.state === ctx.query.state) && contains(row.campaign, ctx.query.q))],
  ['POST', '/campaigns', 'campaign.apply', apply],
  ['POST', '/campaigns/validate', 'campaign.plan', (ctx) => rollout.validate(ctx.body.file || '')],
  ['POST', '/campaigns/plan', 'campaign.plan', planned],
  ['GET', '/campaigns/*', 'campaign.read', (_, [name]) => campaignOf(name)],
  ['GET', '/campaigns/*/devices', 'campaign.read', (ctx, [name]) => numbered(rollout.places(campaignOf(name), ctx.query), ctx.query)],
  ['GET', '/campaigns/*/failures', 'campaign.read', (_, [name]) => rollout.failures(campaignOf(name))],
  ['GET', '/campaigns/*/file', 'campaign.read', (_, [name]) => ({ file: rollout.YAML(campaignOf(name).campaign), files: { 'lab.txt': '# The bench\ndev-000001\ndev-000002\n' }, revision: 1, digest: campaignOf(name).digest })],
  ['GET', '/campaigns/*/history', 'campaign.read', (ctx, [name]) => numbered(rollout.historyOf(campaignOf(name)), ctx.query)],
  ['POST', '/campaigns/*/statement', 'campaign.read', statementFor],
  ['POST', '/campaigns/*/*', 'campaign.read', steer],
  ['GET', '/releases', 'release.read', (ctx) => numbered(office.releases, ctx.query, (row) => contains(row.component, ctx.query.component) && contains(`${row.component} ${row.version}`, ctx.query.q))],
  ['GET', '/releases/*/*', 'release.read', (_, [component, version]) => office.wholeRelease(office.releases.find((row) => row.component === component && row.version === version) || (() => { throw missing(`release ${component}/${version}`); })())],
  ['POST', '/releases/*/*/approve', 'release.approve', (ctx, names) => decided(ctx, names, true)],
  ['POST', '/releases/*/*/refuse', 'release.approve', (ctx, names) => decided(ctx, names, false)],
  ['GET', '/audit', 'audit.read', (ctx) => page(office.audit(Number(cursorIn(ctx.query) ?? 1e9)), ctx.query, (row) => row.number, (row) => ['actor', 'kind', 'subject'].every((key) => contains(row[key], ctx.query[key])) && contains(JSON.stringify(row), ctx.query.q))],
  ['GET', '/audit/head', 'audit.read', () => office.head()],
  ['GET', '/people', 'people.read', (ctx) => numbered(office.people, ctx.query)],
  ['POST', '/people', 'people.manage', addPerson],
  ['POST', '/people/*/invitation', 'people.manage', entry.invite],
  ['DELETE', '/people/*/invitation', 'people.manage', (_, [name]) => { office.people.find((one) => one.name === name).invited = false; return null; }],
  ['PATCH', '/people/*', 'people.manage', patchPerson],
  ['DELETE', '/people/*', 'people.manage', (_, [name]) => { drop(office.people, (one) => one.name === name); return null; }],
  ['GET', '/tokens', null, (ctx) => numbered(office.tokens.filter((one) => one.person === ctx.who.name || ctx.may.includes('people.manage')), ctx.query)],
  ['POST', '/tokens', null, addToken],
  ['GET', '/webhooks', 'webhook.manage', (ctx) => numbered(office.webhooks, ctx.query)],
  ['POST', '/webhooks', 'webhook.manage', addWebhook],
  ['GET', '/webhooks/*', 'webhook.manage', (_, [id]) => hookOf(id)],
  ['PATCH', '/webhooks/*', 'webhook.manage', patchWebhook],
  ['DELETE', '/webhooks/*', 'webhook.manage', (_, [id]) => { drop(office.webhooks, (one) => String(one.id) === id); return null; }],
  ['POST', '/webhooks/*/test', 'webhook.manage', () => ({ event: '92-1' })],
  ['GET', '/webhooks/*/dead', 'webhook.manage', (ctx, [id]) => numbered(office.deadOf(id), ctx.query)],
  ['POST', '/webhooks/*/dead/*/retry', 'webhook.manage', (_, [, event]) => ({ event })],
  ['DELETE', '/tokens/*', null, (_, [id]) => { drop(office.tokens, (one) => one.id === id); return null; }],
].map(([method, path, permission, run]) => ({ method, names: path.split('/').slice(1), permission, run }));

function routeOf(method, path) {
  const names = path.split('/').slice(1).map(decodeURIComponent);
  const fit = ROUTES.filter((route) => route.method === method && route.names.length === names.length && route.names.every((name, i) => name === '*' || name === names[i]));
  const exact = fit.sort((a, b) => b.names.filter((name) => name !== '*').length - a.names.filter((name) => name !== '*').length)[0];
  return exact && { ...exact, args: names.filter((_, i) => exact.names[i] === '*') };
}

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > BODY_MAX) throw new Refused(413, 'too-large', 'the body is too large');
  }
  return text ? JSON.parse(text) : {};
}

function caller(server, request, csrf) {
  const session = /(?:^|; )mock=([^;]+)/.exec(request.headers.cookie || '')?.[1];
  const known = server.sessions.get(session);
  const who = known && office.people.find((one) => one.name === known.name);
  if (!who) throw new Refused(401, 'not-signed-in', 'Sign in first.');
  if (csrf && request.headers['x-csrf-token'] !== known.csrf) throw new Refused(403, 'csrf', 'X-CSRF-Token is not that of the session');
  return { session, who, csrf: known.csrf, may: office.permissionsOf(who) };
}

async function answer(server, request, response, url) {
  const path = url.pathname.slice('/api/v1'.length);
  const query = Object.fromEntries(url.searchParams);
  const write = request.method !== 'GET';
  if (write && request.headers['content-type'] && !request.headers['idempotency-key']) throw new Refused(400, 'bad-input', 'Idempotency-Key is missing');
  if (path === '/sign-in-ways') return { password: true, certificate: true, openid: [{ name: 'Example', url: '/api/v1/openid/start' }], setup: false };
  if (request.method === 'POST' && Object.hasOwn(entry.open, path)) return entry.open[path](server, response, await bodyOf(request));
  const ctx = { ...caller(server, request, write), query, server, origin: url.origin };
  const route = routeOf(request.method, path);
  if (!route) throw missing(`route ${request.method} ${path}`);
  if (route.permission && !ctx.may.includes(route.permission)) throw new Refused(403, 'not-allowed', `this needs ${route.permission}`);
  ctx.body = write ? await bodyOf(request) : {};
  return route.run(ctx, route.args);
}

function stream(server, request, response) {
  if (server.streamsRefused) throw new Refused(503, 'busy', 'no stream now');
  caller(server, request, false);
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write('retry: 1000\n\n');
  response.write(`data: {"kind": "alive", "at": "${new Date().toISOString()}"}\n\n`);
  server.streams.add(response);
  response.on('close', () => server.streams.delete(response));
}

async function file(dist, url, response) {
  const name = normalize(decodeURIComponent(url.pathname)).replace(/^(\.\.[/\\])+/, '');
  const path = join(dist, name === '/' ? 'index.html' : name);
  const bytes = await readFile(path).catch(() => { throw missing(`file ${name}`); });
  response.writeHead(200, { 'Content-Type': TYPES[extname(path)] || 'application/octet-stream', 'Cache-Control': 'no-cache' });
  response.end(bytes);
}

async function serve(server, request, response) {
  response.setHeader('Content-Security-Policy', CSP);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  const url = new URL(request.url, `http://${request.headers.host}`);
  try {
    if (!url.pathname.startsWith('/api/v1/')) return await file(server.dist, url, response);
    if (url.pathname === '/api/v1/events') return stream(server, request, response);
    const body = await answer(server, request, response, url);
    response.writeHead(body === null ? 204 : 200, body === null ? {} : { 'Content-Type': 'application/json' });
    response.end(body === null ? undefined : JSON.stringify(body));
  } catch (found) {
    if (!(found instanceof Refused)) console.error(found);
    const status = found.status || 500;
    response.writeHead(status, { 'Content-Type': 'application/problem+json' });
    response.end(JSON.stringify({ type: `urn:wavegate:problem:${found.code || 'internal'}`, title: status === 403 ? 'Not allowed.' : status === 404 ? 'Not found.' : 'That did not work.', status, detail: found.message, code: found.code || 'internal', ...found.more }));
  }
  return null;
}

// {url, emit(event), breakStreams(), refuseStreams(bool), close()}
export async function startMock({ port = 0, dist = process.env.WEB_DIST || join(here, '../../orchestrator/web/dist') } = {}) {
  const server = { dist, sessions: new Map(), streams: new Set(), streamsRefused: false, number: 0 };
  const send = (event, id) => { for (const response of server.streams) response.write(`${id ? `id: ${id}\n` : ''}data: ${JSON.stringify(event)}\n\n`); };
  server.emit = (event) => {
    const id = String(++server.number);
    send({ id, at: new Date().toISOString(), ...event }, id);
  };
  const beat = setInterval(() => send({ kind: 'alive', at: new Date().toISOString() }), 10000);
  const listener = createServer((request, response) => serve(server, request, response));
  await new Promise((resolve) => listener.listen(port, '127.0.0.1', resolve));
  server.url = `http://127.0.0.1:${listener.address().port}/`;
  server.breakStreams = () => { for (const response of server.streams) response.destroy(); };
  server.refuseStreams = (refused) => { server.streamsRefused = refused; };
  server.close = () => {
    clearInterval(beat);
    server.breakStreams();
    listener.closeAllConnections();
    return new Promise((resolve) => listener.close(resolve));
  };
  return server;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await startMock({ port: Number(process.argv[2]) || 0 });
  console.log(`${server.url}  as rita, bob, olga (code ${office.CODE}), ada, sam: "${office.PASSWORD}"; set-up link ${server.url}#/setup/${entry.FIRST}`);
}
