// words.js: numbers and states as words; each state has a sign of its own, so that colour is never alone.
const numbers = new Intl.NumberFormat('en-GB');

export const number = (value) => (value === null || value === undefined ? '–' : numbers.format(value));

export function share(part, all) {
  if (!all) return '–';
  const percent = (100 * part) / all;
  if (percent >= 99.95 && part < all) return '99.9 %';
  const fine = percent > 0 && percent < 100 && (percent < 10 || percent > 90);
  return `${percent.toFixed(fine ? 1 : 0)} %`;
}

export const plural = (count, one, many) => `${number(count)} ${count === 1 ? one : many || `${one}s`}`;

export const bytes = (value) => {
  if (value < 1000) return `${value} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let at = -1;
  do {
    value /= 1000;
    at++;
  } while (value >= 1000 && at < units.length - 1);
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[at]}`;
};

// What a state means to the eye: [tone, sign]
const STATES = {
  draft: ['dim', '✎'],
  'awaiting-approval': ['warn', '?'],
  scheduled: ['dim', '◷'],
  running: ['busy', '▶'],
  paused: ['warn', '‖'],
  stopping: ['bad', '■'],
  finished: ['good', '✓'],
  aborted: ['bad', '✕'],
  'rolled-back': ['bad', '↩'],
  pending: ['dim', '○'],
  open: ['busy', '▶'],
  soaking: ['busy', '◔'],
  'at-gate': ['warn', '?'],
  passed: ['good', '✓'],
  failed: ['bad', '✕'],
  waiting: ['dim', '○'],
  offered: ['busy', '→'],
  accepted: ['busy', '→'],
  deferred: ['dim', '◷'],
  downloading: ['busy', '↓'],
  installing: ['busy', '▶'],
  rebooting: ['busy', '↻'],
  probation: ['busy', '◔'],
  succeeded: ['good', '✓'],
  satisfied: ['good', '✓'],
  silent: ['bad', '?'],
  withdrawn: ['dim', '–'],
  superseded: ['dim', '–'],
  'left-out': ['dim', '–'],
  online: ['good', '●'],
  offline: ['dim', '○'],
  quarantined: ['bad', '!'],
  revoked: ['bad', '✕'],
  refused: ['bad', '✕'],
  proposed: ['warn', '?'],
  published: ['good', '✓'],
  on: ['good', '●'],
  off: ['dim', '○'],
  done: ['good', '✓'],
};

export const toneOf = (state) => (STATES[state] || ['dim', '·'])[0];
export const signOf = (state) => (STATES[state] || ['dim', '·'])[1];

export const IN_FLIGHT = ['offered', 'accepted', 'downloading', 'installing', 'rebooting', 'probation'];
export const FAILED = ['failed', 'rolled-back', 'silent'];
export const GOOD = ['succeeded', 'satisfied'];
export const WAITING = ['waiting', 'deferred'];

export const sum = (counts, states) => states.reduce((total, state) => total + (counts?.[state] || 0), 0);
