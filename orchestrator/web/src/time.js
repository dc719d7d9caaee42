// time.js: moments and spans in the words of this place: local time, with its zone.
// Lists show thousands of moments: the zone's name, which alone is slow to ask for, is asked once for each offset.
const zoned = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' });
const names = new Map();
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function dateOf(at) {
  const date = at === null || at === undefined || at === '' ? null : new Date(at);
  return date && !Number.isNaN(date.getTime()) ? date : null;
}

export function zoneOf(date = new Date()) {
  const offset = date.getTimezoneOffset();
  if (!names.has(offset)) names.set(offset, zoned.formatToParts(date).find((part) => part.type === 'timeZoneName').value);
  return names.get(offset);
}

const two = (value) => String(value).padStart(2, '0');
const timeOf = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;

// 2026-11-22 14:03:20 CET
export function exact(at) {
  const date = dateOf(at);
  if (!date) return 'never';
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(date)} ${zoneOf(date)}`;
}

// 14:03:20
export function clock(at) {
  const date = dateOf(at);
  return `${timeOf(date)}:${two(date.getSeconds())}`;
}

// 21 Nov
export function dayOf(at) {
  const date = dateOf(at);
  return `${date.getDate()} ${MONTHS[date.getMonth()]}`;
}

// Today 14:03:20, this year 21 Nov 14:03, else 21 Nov 2025
export function brief(at, now = new Date()) {
  const date = dateOf(at);
  if (!date) return 'never';
  if (date.toDateString() === now.toDateString()) return clock(date);
  return date.getFullYear() === now.getFullYear() ? `${dayOf(date)} ${timeOf(date)}` : `${dayOf(date)} ${date.getFullYear()}`;
}

// 45 s, 12 min, 3 h, 9 d
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

// in 12 min, 3 h ago
export function relative(at, now = Date.now()) {
  const date = dateOf(at);
  if (!date) return 'never';
  const ms = date.getTime() - now;
  return ms >= 0 ? `in ${span(ms)}` : `${span(-ms)} ago`;
}
