/* edge.mjs: artifacts at the edge of a CDN. Checks the signed URL (docs/artifacts.md), and asks the origin, which the CDN's cache stands
 * before, by the path alone: all devices share what is cached. A module worker; needs Request, Response, fetch and crypto.subtle.
 *
 * env.URL_KEYS: the text of the file of keys, a secret. env.PATH: what stands before the hash in URLs, "/artifacts" if left out.
 * env.ORIGIN: what stands before it at the origin, https://... */

const DOMAIN = 'wavegate artifact url v1';
const SKEW = 60; // seconds that clocks may differ
const LONGEST = 31 * 86400; // no URL lasts longer: a clock that once ran ahead leaves none for years
const EXPIRES_MAX = 2 ** 40;
const BYTES_MAX = 2 ** 50;
const HEX_KEY = /^[0-9a-f]{64}$/;
const TARGET = new RegExp('^(?<path>[A-Za-z0-9._~/-]*/(?<sha256>[0-9a-f]{64}))' +
  '\\?d=(?<device>[A-Za-z0-9][A-Za-z0-9._-]{0,63})&e=(?<expires>[1-9][0-9]{0,12})&b=(?<bytes>[1-9][0-9]{0,15})' +
  '&k=(?<key>[A-Za-z0-9._-]{1,16})&m=(?<mac>[0-9a-f]{64})$');
const ONE_RANGE = /^bytes=(?:[0-9]+-[0-9]*|-[0-9]+)$/;
const ASKED = ['Range', 'If-Range', 'If-Match', 'If-None-Match'];
const ANSWERED = ['Content-Type', 'Content-Length', 'Content-Range', 'Accept-Ranges', 'ETag', 'Last-Modified'];
const PASSED_ON = [200, 206, 304, 404, 412, 416];

function unhex(text) {
  return Uint8Array.from(text.match(/../g), (byte) => parseInt(byte, 16));
}

/* A line: a name, and 32 bytes as hex; '#' begins a comment. */
export function secretOf(keys, name) {
  for (const line of keys.split('\n')) {
    const [id, secret, ...more] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (id === name && HEX_KEY.test(secret) && more.length === 0) return unhex(secret);
  }
  return null;
}

/* There is one way to write each URL; null: it is none of ours. target: path and query. */
export function parse(target) {
  const found = TARGET.exec(target)?.groups;
  if (!found) return null;
  return Number(found.expires) <= EXPIRES_MAX && Number(found.bytes) <= BYTES_MAX ? { ...found } : null;
}

/* Why it is refused, or null. env: as above; now: seconds since 1970. */
export async function refusal(token, env, now) {
  const secret = token && secretOf(env.URL_KEYS, token.key);
  if (!secret || token.path !== `${env.PATH ?? '/artifacts'}/${token.sha256}`) return 'the URL is not signed';
  const signed = [DOMAIN, token.path, token.device, token.expires, token.bytes, token.key, ''].join('\n');
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  if (!await crypto.subtle.verify('HMAC', key, unhex(token.mac), new TextEncoder().encode(signed))) return 'the URL is not signed';
  const expires = Number(token.expires);
  if (now > expires + SKEW) return 'the URL has expired';
  return expires > now + LONGEST + SKEW ? 'the URL lasts longer than any may' : null;
}

function say(status, text, headers = {}) {
  return new Response(`${text}\n`, { status, headers: { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store', ...headers } });
}

function only(names, headers) {
  return Object.fromEntries(names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name)]] : [])));
}

/* What devices take for a URL that has ended is said by us alone: whatever else is wrong with the origin is 502, and waited for. */
async function fromOrigin(request, token, origin) {
  const asked = new Request(`${origin}/${token.sha256}`, {
    method: request.method,
    headers: { ...only(ASKED, request.headers), 'Accept-Encoding': 'identity' },
    redirect: 'manual',
  });
  const found = await fetch(asked, { cf: { cacheEverything: true, cacheTtlByStatus: { '200-299': 31536000, '300-599': 0 } } });
  if (!PASSED_ON.includes(found.status)) return say(502, `the origin answers ${found.status}`);
  const headers = { ...only(ANSWERED, found.headers), 'Cache-Control': 'private, no-transform' };
  return new Response(found.body, { status: found.status, headers });
}

export default {
  async fetch(request, env) {
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'GET or HEAD', { Allow: 'GET, HEAD' });
    const url = new URL(request.url);
    const token = parse(url.pathname + url.search);
    const why = await refusal(token, env, Math.floor(Date.now() / 1000));
    if (why) return say(403, why);
    const range = request.headers.get('Range');
    if (range !== null && !ONE_RANGE.test(range)) return say(416, 'not one range of bytes');
    return fromOrigin(request, token, env.ORIGIN).catch(() => say(502, 'the origin does not answer'));
  },
};
