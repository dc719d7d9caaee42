// theme.js: dark, light, or as the system says.
import { signal } from '@preact/signals';

const KEY = 'wavegate-theme';
export const THEMES = ['system', 'light', 'dark'];

export const theme = signal(read());

function read() {
  const kept = localStorage.getItem(KEY);
  return THEMES.includes(kept) ? kept : 'system';
}

function show() {
  const root = document.documentElement;
  if (theme.value === 'system') delete root.dataset.theme;
  else root.dataset.theme = theme.value;
}

export function setTheme(value) {
  theme.value = value;
  localStorage.setItem(KEY, value);
  show();
}

// What a drawing on a canvas cannot take from the style sheet by itself.
export function colour(name) {
  const probe = document.createElement('i');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

export function onThemeChange(fn) {
  const media = matchMedia('(prefers-color-scheme: dark)');
  media.addEventListener('change', fn);
  const stop = theme.subscribe(() => fn());
  return () => {
    media.removeEventListener('change', fn);
    stop();
  };
}

show();
