// sign.js: a statement is read before it is signed: it must say what was clicked, and nothing else.
import { at, post } from './api.js';
import { canSign, envelope, key } from './key.js';
import { me } from './session.js';

function expect(statement, field, wanted) {
  if (statement[field] !== wanted)
    throw new Error(`Not signed: the server wants a signature over ${field} "${statement[field]}", expected "${wanted}".`);
}

// expected: {kind, campaign, wave?, digest?}
export function check(statement, expected) {
  if (!statement || typeof statement !== 'object') throw new Error('Not signed: the server gave no statement.');
  expect(statement, '_type', 'wavegate-statement');
  expect(statement, 'v', 1);
  expect(statement, 'operator', me.value.name);
  for (const [field, wanted] of Object.entries(expected)) expect(statement, field, wanted);
  const ago = Math.abs(Date.now() - Date.parse(statement.at));
  if (!(ago < 15 * 60000)) throw new Error(`Not signed: it is dated ${statement.at}; is this clock right?`);
}

export async function signed(statement, expected) {
  if (!canSign()) throw new Error('This browser has no key with a certificate: see “This browser’s key”.');
  check(statement, expected);
  return { statement: await envelope(statement), chain: key.value.chain };
}

// What is to be signed for an action, signed; {} when it needs none.
export async function signedAction(campaign, action, wave, expected, more) {
  const answer = await post(at`/campaigns/${campaign}/statement`, { action, wave: wave || null, ...more });
  if (!answer.statement) return {};
  return signed(answer.statement, expected);
}
