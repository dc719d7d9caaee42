// router.js: the address behind '#' as a path and a query; where the focus goes when it changes.
import { signal } from '@preact/signals';

function parse() {
  const [path, text] = location.hash.replace(/^#\/?/, '').split('?');
  const names = path.split('/').filter(Boolean).map(decoded);
  return { names, path: `/${names.join('/')}`, query: new URLSearchParams(text || '') };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const route = signal(parse());
// What a screen reader is told after a change of page.
export const said = signal('');

let shown = route.value.path;

export function listen() {
  addEventListener('hashchange', () => {
    route.value = parse();
  });
}

// #/campaigns/NAME?tab=x
export function to(names, query) {
  const path = names.map(encodeURIComponent).join('/');
  const text = query ? new URLSearchParams(Object.entries(query).filter(([, value]) => value)).toString() : '';
  return `#/${path}${text ? `?${text}` : ''}`;
}

export function go(names, query) {
  location.hash = to(names, query);
}

// Filters are part of the address, without a step of the history for each letter typed.
export function setQuery(changes) {
  const { names, query } = route.value;
  const next = { ...Object.fromEntries(query), ...changes };
  history.replaceState(null, '', to(names, next));
  route.value = parse();
}

// A page calls it once its heading is there.
export function arrived(title) {
  document.title = `${title} · Wavegate`;
  document.body.dataset.page = location.hash;
  if (route.value.path === shown) return;
  shown = route.value.path;
  said.value = title;
  scrollTo(0, 0);
  document.querySelector('h1')?.focus({ preventScroll: true });
}
