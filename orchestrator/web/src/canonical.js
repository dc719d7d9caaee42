// canonical.js: canonical JSON as it is signed (common/json.h), and ECDSA signatures in DER. Pure.

function byCodePoint(a, b) {
  const left = [...a], right = [...b];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const apart = left[i].codePointAt(0) - right[i].codePointAt(0);
    if (apart) return apart;
  }
  return left.length - right.length;
}

const text = (value) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

// Keys sorted by their bytes, no white space, whole numbers, in strings only '"' and '\' escaped.
export function canonical(value) {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new Error(`${value} cannot be signed: only whole numbers can`);
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const keys = Object.keys(value).sort(byCodePoint);
  return `{${keys.map((key) => `${text(key)}:${canonical(value[key])}`).join(',')}}`;
}

export const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

// The shortest spelling of a number that is not negative (X.690, 8.3).
function derInteger(bytes) {
  let at = 0;
  while (at < bytes.length - 1 && bytes[at] === 0) at++;
  const rest = bytes.slice(at);
  const body = rest[0] & 0x80 ? [0, ...rest] : [...rest];
  return [2, body.length, ...body];
}

// WebCrypto's r || s of P-256 as SEQUENCE { INTEGER r, INTEGER s }
export function derOf(raw) {
  const bytes = new Uint8Array(raw);
  if (bytes.length !== 64) throw new Error('not a signature of P-256');
  const body = [...derInteger(bytes.slice(0, 32)), ...derInteger(bytes.slice(32))];
  return new Uint8Array([0x30, body.length, ...body]);
}

export function pem(label, der) {
  const base64 = btoa(String.fromCharCode(...new Uint8Array(der)));
  return `-----BEGIN ${label}-----\n${base64.match(/.{1,64}/g).join('\n')}\n-----END ${label}-----\n`;
}

// The DER of each certificate of a chain.
export function certificatesOf(chain) {
  const blocks = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) || [];
  return blocks.map((block) => {
    const base64 = block.replace(/-----[^-]+-----/g, '').replace(/\s+/g, '');
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  });
}

export function contains(bytes, part) {
  outer: for (let i = 0; i + part.length <= bytes.length; i++) {
    for (let j = 0; j < part.length; j++) if (bytes[i + j] !== part[j]) continue outer;
    return true;
  }
  return false;
}
