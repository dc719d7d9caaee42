// live.js: the stream of events. It says when it is broken, and of when what is shown is.
import { signal } from '@preact/signals';
import { me, refresh } from './session.js';

const URL_OF = '/api/v1/events'; // all topics that this person may see
const QUIET_MS = 25000; // the server says it is alive every ten seconds
const GRACE_MS = 1500; // a stream that the server ends, every half hour, is back before anybody need be told
const AGAIN_MS = [1000, 2000, 4000, 8000, 15000];

// {state: 'connecting' | 'live' | 'broken', since, of}: of when what is shown is at the latest
export const stream = signal({ state: 'connecting', since: Date.now(), of: Date.now() });

const listeners = new Set();
let source = null;
let heard = 0;
let tries = 0;
let opens = 0; // since somebody came in
let again = 0;
let grace = 0;

// fn(event); event.kind is 'reset' when everything has to be asked again.
export function subscribe(fn) {
  listeners.add(fn);
  return () => listeners.delete(fn);
}

function tell(event) {
  for (const fn of [...listeners]) fn(event);
}

function alive() {
  clearTimeout(grace);
  grace = 0;
  heard = Date.now();
  stream.value = { state: 'live', since: stream.value.state === 'live' ? stream.value.since : heard, of: heard };
}

function broken() {
  const before = stream.value;
  if (before.state !== 'broken') stream.value = { state: 'broken', since: Date.now(), of: before.of };
}

function opened() {
  const was = stream.value.state;
  tries = 0;
  alive();
  if (opens++ > 0) refresh().catch(() => {}); // the server ends it when somebody's rights change
  if (was === 'broken') tell({ kind: 'reset' });
}

function message(event) {
  alive();
  let body;
  try {
    body = JSON.parse(event.data);
  } catch {
    return;
  }
  if (body.kind !== 'alive') tell(body);
}

function close() {
  clearTimeout(grace);
  grace = 0;
  clearTimeout(again);
  source?.close();
  source = null;
}

// The browser opens it anew by itself, with the last id; but not after an answer that is an error.
function failed() {
  if (source && source.readyState !== EventSource.CLOSED) {
    grace ||= setTimeout(broken, GRACE_MS);
    return;
  }
  broken();
  reopen();
}

function reopen() {
  close();
  const wait = AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)];
  tries++;
  again = setTimeout(async () => {
    await refresh().catch(() => {});
    if (me.value) open();
  }, wait);
}

export function open() {
  close();
  source = new EventSource(URL_OF);
  heard = Date.now();
  source.onopen = opened;
  source.onmessage = message;
  source.onerror = failed;
}

export function stop() {
  close();
  opens = 0;
  stream.value = { state: 'connecting', since: Date.now(), of: Date.now() };
}

setInterval(() => {
  if (!source || Date.now() - heard < QUIET_MS) return;
  broken();
  reopen();
}, 1000);
addEventListener('offline', broken);
addEventListener('online', () => source && reopen());
