// mock_entry.mjs: the ways in: password and code, the first owner's link, invitations, back from a provider.
import { randomUUID } from 'node:crypto';
import * as office from './mock_office.mjs';
import { Refused } from './mock_sign.mjs';

export const FIRST = 'first-owner';
export const URI = 'otpauth://totp/Wavegate:rita.of-the-night-shift?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Wavegate&algorithm=SHA1&digits=6&period=30';

export function meOf({ who, may, csrf }) {
  return { name: who.name, roles: who.grants.map((grant) => grant.role), permissions: may, grants: who.grants, signed_in_by: 'password', csrf, session_ends_at: new Date(Date.now() + 43200000).toISOString(), password: who.password !== false, second_factor: who.second_factor, version: 'mock' };
}

// ---- the server ----

function newSession(server, response, who) {
  const id = randomUUID(), csrf = randomUUID();
  server.sessions.set(id, { name: who.name, csrf });
  response.setHeader('Set-Cookie', `mock=${id}; HttpOnly; SameSite=Strict; Path=/`);
  return meOf({ who, may: office.permissionsOf(who), csrf });
}

function signIn(server, response, { name, password, code }) {
  const who = office.people.find((one) => one.name === name);
  if (!who || password !== office.PASSWORD) throw new Refused(401, 'wrong-password', 'The name or the password is wrong.');
  if (who.second_factor && !code) throw new Refused(401, 'second-factor', 'The code of the second factor is missing.');
  if (who.second_factor && code !== office.CODE) throw new Refused(401, 'wrong-code', 'The code is wrong.');
  return newSession(server, response, who);
}

function openidCode(server, response, { code }) {
  if (code !== office.CODE) throw new Refused(401, 'wrong', 'The code is wrong.');
  return newSession(server, response, office.people.find((one) => one.name === 'olga'));
}

function setUp(server, response, { token, name, password }) {
  if (token !== FIRST) throw new Refused(403, 'bad-link', 'This link has been used, or is too old.');
  if (!password || password.length < 12) throw new Refused(422, 'bad-input', 'password: expected at least 12 letters');
  const who = { name, grants: [{ role: 'owner', scope: {} }], password: true, second_factor: false, locked_until: null, seen_at: null, invited: false };
  office.people.push(who);
  return newSession(server, response, who);
}

export function invite(ctx, [name]) {
  const of = office.people.find((one) => one.name === name) || (() => { throw new Refused(404, 'not-found', `there is no person "${name}"`); })();
  if (of.password) throw new Refused(409, 'conflict', `${name} has a password`);
  of.invited = `wgi_${randomUUID()}`;
  return { name, link: `${ctx.origin}/#/invitation/${of.invited}`, ends_at: '2099-01-01T00:00:00Z' };
}

function invitation(server, response, { token, password }) {
  const of = token && office.people.find((one) => one.invited === token);
  if (!of) throw new Refused(403, 'denied', 'this invitation was used, or is over');
  if (password === undefined) return { name: of.name };
  Object.assign(of, { password: true, invited: false });
  return newSession(server, response, of);
}

// By path: what nobody has to be signed in for.
export const open = { '/session': signIn, '/openid/code': openidCode, '/setup': setUp, '/invitation': invitation, '/invitation/look': invitation };
