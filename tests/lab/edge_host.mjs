/* edge_host.mjs SETTINGS: the edge of a CDN: HTTPS, a module worker, and a cache before the origin that holds whole files by their URL. A line
 * of JSON for each request of a device. */
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { Readable } from 'node:stream';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { default: worker } = await import(settings.worker);
const cached = new Map();
const outside = globalThis.fetch;
const note = (line) => appendFileSync(settings.log, `${JSON.stringify(line)}\n`);

function part(body, headers, range) {
  const [, first, last] = /^bytes=([0-9]*)-([0-9]*)$/.exec(range);
  const from = first ? Number(first) : Math.max(0, body.length - Number(last));
  const to = first && last ? Math.min(Number(last), body.length - 1) : body.length - 1;
  if (from > to) return new Response(null, { status: 416, headers: { 'Content-Range': `bytes */${body.length}` } });
  const more = { 'Content-Range': `bytes ${from}-${to}/${body.length}`, 'Content-Length': String(to - from + 1) };
  return new Response(body.subarray(from, to + 1), { status: 206, headers: { ...headers, ...more } });
}

async function take(url) {
  const answer = await outside(url, { redirect: 'manual', headers: { 'Accept-Encoding': 'identity' } });
  const body = Buffer.from(await answer.arrayBuffer());
  const headers = { 'Accept-Ranges': 'bytes', 'Content-Length': String(body.length) };
  for (const name of ['etag', 'content-type']) if (answer.headers.has(name)) headers[name] = answer.headers.get(name);
  return { status: answer.status, body, headers };
}

/* Who asks while it comes waits for it. Only what is there is kept. */
async function whole(url) {
  if (!cached.has(url)) cached.set(url, take(url));
  try {
    const found = await cached.get(url);
    if (found.status !== 200) cached.delete(url);
    return found;
  } catch (problem) {
    cached.delete(url);
    throw problem;
  }
}

globalThis.fetch = async (request) => {
  const { status, body, headers } = await whole(request.url);
  if (status !== 200) return new Response(body, { status });
  const asked = request.headers;
  if (asked.has('If-None-Match') && asked.get('If-None-Match') === headers.etag) return new Response(null, { status: 304, headers });
  const same = !asked.has('If-Range') || asked.get('If-Range') === headers.etag;
  const answer = asked.has('Range') && same ? part(body, headers, asked.get('Range')) : new Response(body, { status, headers });
  return request.method === 'HEAD' ? new Response(null, answer) : answer;
};

async function answer(request, response) {
  const url = `https://${request.headers.host}${request.url}`;
  const headers = Object.entries(request.headers).filter(([name]) => !name.startsWith(':'));
  const made = await worker.fetch(new Request(url, { method: request.method, headers }), settings.env);
  response.writeHead(made.status, Object.fromEntries(made.headers));
  let sent = 0;
  response.on('close', () => note({ path: request.url.split('?')[0], status: made.status, range: request.headers.range ?? '', sent }));
  if (!made.body) return response.end();
  const body = Readable.fromWeb(made.body);
  body.on('data', (bytes) => { sent += bytes.length; });
  return body.pipe(response);
}

createServer({ cert: readFileSync(settings.certificate), key: readFileSync(settings.key) }, (request, response) => {
  answer(request, response).catch(() => { response.writeHead(400); response.end('no request\n'); });
}).listen(settings.port, '127.0.0.1');
