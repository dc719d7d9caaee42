// mock_sign.mjs: checks what a browser signed; written apart from the dashboard's, so that both must be right.
import { createHash, verify, X509Certificate } from 'node:crypto';

export class Refused extends Error {
  constructor(status, code, detail, more = {}) {
    super(detail);
    Object.assign(this, { status, code, more });
  }
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value && typeof value === 'object') return `{${Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map((key) => `${canonical(key)}:${canonical(value[key])}`).join(',')}}`;
  if (typeof value === 'string') return `"${value.replace(/[\\"]/g, '\\$&')}"`;
  return JSON.stringify(value);
}

export function checkSigned({ statement, chain }, expected) {
  if (!statement || !chain) throw new Refused(422, 'bad-input', 'statement and chain are missing');
  const key = new X509Certificate(chain).publicKey;
  const raw = Buffer.from(key.export({ format: 'jwk' }).x, 'base64url');
  const point = Buffer.concat([Buffer.from([4]), raw, Buffer.from(key.export({ format: 'jwk' }).y, 'base64url')]);
  const [one] = statement.signatures;
  if (one.keyid !== createHash('sha256').update(point).digest('hex')) throw new Refused(422, 'verify', 'the key id is of another key');
  if (!verify('sha256', Buffer.from(canonical(statement.signed)), key, Buffer.from(one.sig, 'hex'))) throw new Refused(422, 'verify', 'the signature does not hold');
  for (const [field, wanted] of Object.entries(expected)) if (statement.signed[field] !== wanted) throw new Refused(422, 'verify', `${field}: expected "${wanted}"`);
}
