// api.js: asks the server: JSON, problems (RFC 9457), the CSRF value, idempotency keys, entity tags.
import { signal } from '@preact/signals';

const BASE = '/api/v1';

// Who is signed in, as GET /me says; null: nobody; undefined: not known yet.
export const me = signal(undefined);
// What the sign-in page says first, when a session ended under somebody's hands.
export const ended = signal(false);

const tags = new Map();

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `the server answered ${status}`);
    this.status = status;
    this.code = body.code || '';
    this.title = body.title || '';
    this.problems = body.problems || [];
  }
}

// A path of names: each is escaped, so that a name can be whatever it is.
export function at(strings, ...names) {
  return strings.reduce((path, text, i) => path + encodeURIComponent(names[i - 1]) + text);
}

export function query(values) {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value || value === 0) out.set(key, value);
  const text = out.toString();
  return text ? `?${text}` : '';
}

function headers(method, path, body) {
  const out = { Accept: 'application/json' };
  if (body !== undefined) out['Content-Type'] = 'application/json';
  if (method === 'GET') return out;
  out['Idempotency-Key'] = crypto.randomUUID();
  if (me.value?.csrf) out['X-CSRF-Token'] = me.value.csrf;
  if (tags.has(path)) out['If-Match'] = tags.get(path);
  return out;
}

async function fetched(path, options) {
  try {
    return await fetch(BASE + path, options);
  } catch (cause) {
    if (cause.name === 'AbortError') throw cause;
    throw new Problem(0, { detail: 'The server cannot be reached.', code: 'unreachable' });
  }
}

async function problemOf(answer) {
  const body = await answer.json().catch(() => ({}));
  const wait = answer.headers.get('Retry-After');
  if (answer.status === 429 && wait && !body.detail) body.detail = `Too many tries: again in ${wait} s.`;
  return new Problem(answer.status, body);
}

function left(status, path) {
  if (status !== 401 || path.startsWith('/invitation') || path === '/session' || path === '/setup' || path === '/openid/code' || path === '/me') return;
  if (me.value) ended.value = true;
  me.value = null;
}

// Somebody may less than this page thought: what it offers follows.
function lookAgain(path) {
  if (path === '/me' || !me.value) return;
  ask('GET', '/me').then((found) => (me.value = found), () => {});
}

export async function ask(method, path, body, signal) {
  const answer = await fetched(path, {
    method,
    headers: headers(method, path, body),
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: 'same-origin',
    signal,
  });
  if (!answer.ok) {
    left(answer.status, path);
    if (answer.status === 403) lookAgain(path);
    throw await problemOf(answer);
  }
  const tag = answer.headers.get('ETag');
  if (tag && (method === 'GET' || tags.has(path))) tags.set(path, tag); // what a POST to a list made is another thing
  else if (method !== 'GET') tags.delete(path);
  if (answer.status === 204) return null;
  return answer.json();
}

export const get = (path, signal) => ask('GET', path, undefined, signal);
export const post = (path, body) => ask('POST', path, body || {});

// The same list as a file; the browser asks for it with its cookie.
export const exportLink = (path, format) => `${BASE}${path}${path.includes('?') ? '&' : '?'}format=${format}`;
