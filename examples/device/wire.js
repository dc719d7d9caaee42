// What a device needs of the wire: messages held against the published schemas, and the signatures of orders.
'use strict';
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { Ajv } = require('ajv');

// fit(kind, message): the message; throws when schemas/ does not have it so.
function fitter(folder, kinds) {
  const ajv = new Ajv({ strict: false, formats: { 'date-time': (text) => !Number.isNaN(Date.parse(text)) } });
  const checks = Object.fromEntries(kinds.map((kind) =>
    [kind, ajv.compile(JSON.parse(fs.readFileSync(path.join(folder, `message-${kind}.schema.json`), 'utf8')))]));
  return (kind, message) => {
    if (checks[kind](message)) return message;
    throw new Error(`no message of kind ${kind}: ${ajv.errorsText(checks[kind].errors)}`);
  };
}

// As it is signed: keys sorted by bytes, no white space, in strings only the quote and the backslash escaped.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`;
  if (value === null || typeof value !== 'object') return String(value);
  const keys = Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${keys.map((key) => `${canonical(key)}:${canonical(value[key])}`).join(',')}}`;
}

// open(envelope): what the director has signed; throws when it has not. pem: its public key, Ed25519 or P-256.
function opener(pem) {
  const key = crypto.createPublicKey(pem);
  const isP256 = key.asymmetricKeyType === 'ec';
  const raw = key.export({ type: 'spki', format: 'der' }).subarray(isP256 ? -65 : -32);
  const id = crypto.createHash('sha256').update(raw).digest('hex');
  return ({ signed, signatures }) => {
    const body = Buffer.from(canonical(signed));
    const holds = ({ sig }) => crypto.verify(isP256 ? 'sha256' : null, body, key, Buffer.from(sig, 'hex'));
    const ours = signatures.filter((one) => one.keyid === id);
    if (ours.length > 0 && ours.every(holds)) return signed;
    throw new Error('an order that the director has not signed');
  };
}

module.exports = { fitter, opener };
