// time.js: a moment: short to read, exact on hover and to a screen reader.
import { html } from '../html.js';
import { brief, dateOf, exact, relative, zoneOf } from '../time.js';

// how: 'brief' (default), 'exact', 'relative'; zone: show it beside
export function Time({ at, how, zone, none }) {
  const date = dateOf(at);
  if (!date) return html`<span class="dim">${none || 'never'}</span>`;
  const text = how === 'exact' ? exact(date) : how === 'relative' ? relative(date) : brief(date);
  return html`<time datetime=${date.toISOString()} title=${exact(date)}>${text}${zone && how !== 'exact' ? ` ${zoneOf(date)}` : ''}</time>`;
}
