// key.js: this browser's key: P-256, made here, never leaves; its certificate chain beside it, in IndexedDB.
import { signal } from '@preact/signals';
import { canonical, certificatesOf, contains, derOf, hex, pem } from './canonical.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };

// {pair, publicPem, keyid, chain, madeAt} or null; undefined: not looked yet
export const key = signal(undefined);

function database() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('wavegate', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

async function stored(mode, run) {
  const db = await database();
  try {
    return await new Promise((resolve, reject) => {
      const change = db.transaction('keys', mode);
      const asked = run(change.objectStore('keys'));
      change.oncomplete = () => resolve(asked.result);
      change.onerror = change.onabort = () => reject(change.error);
    });
  } finally {
    db.close();
  }
}

const save = (value) => stored('readwrite', (keys) => keys.put(value, 'operator'));

export async function loadKey() {
  try {
    key.value = (await stored('readonly', (keys) => keys.get('operator'))) || null;
  } catch {
    key.value = null;
  }
}

export async function makeKey() {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const raw = await crypto.subtle.exportKey('raw', pair.publicKey);
  const value = {
    pair,
    publicPem: pem('PUBLIC KEY', await crypto.subtle.exportKey('spki', pair.publicKey)),
    keyid: hex(await crypto.subtle.digest('SHA-256', raw)),
    chain: '',
    madeAt: new Date().toISOString(),
  };
  await save(value);
  key.value = value;
}

// The chain must be of this key: its point stands in the first certificate.
export async function keepChain(text) {
  const found = certificatesOf(text);
  if (found.length === 0) throw new Error('Expected certificates in PEM: -----BEGIN CERTIFICATE----- ...');
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', key.value.pair.publicKey));
  if (!contains(found[0], raw)) throw new Error('The first certificate is not of this browser’s key.');
  const value = { ...key.value, chain: `${text.trim()}\n` };
  await save(value);
  key.value = value;
}

export async function dropKey() {
  await stored('readwrite', (keys) => keys.delete('operator'));
  key.value = null;
}

export const canSign = () => Boolean(key.value?.chain);

// The envelope of common/signed.h around a statement.
export async function envelope(statement) {
  const bytes = new TextEncoder().encode(canonical(statement));
  const raw = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.value.pair.privateKey, bytes);
  return { signed: statement, signatures: [{ keyid: key.value.keyid, sig: hex(derOf(raw)) }] };
}
