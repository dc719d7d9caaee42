// command.js: the commands that do the same as the buttons, ready for a shell.
import { me } from './session.js';

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

export function quote(text) {
  const value = String(text);
  return PLAIN.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

// command('device', 'list', {region: 'AT'}); a value of true is a flag alone, one that is empty is left out
export function command(...words) {
  const out = ['wavegate'];
  for (const word of words) {
    if (word && typeof word === 'object') out.push(...flags(word));
    else if (word !== undefined && word !== null && word !== '') out.push(quote(word));
  }
  return out.join(' ');
}

function flags(values) {
  const out = [];
  for (const [name, value] of Object.entries(values)) {
    if (value === true) out.push(`--${name}`);
    else if (value || value === 0) out.push(`--${name}`, quote(value));
  }
  return out;
}

// The same, by the person who is signed in.
export function act(...words) {
  return command(...words, { operator: me.value ? `${me.value.name}.crt` : undefined });
}
