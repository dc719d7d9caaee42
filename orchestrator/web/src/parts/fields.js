// fields.js: filters and file drops.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { route, setQuery } from '../router.js';

const SETTLE_MS = 250; // after the last letter

// A field that is a part of the address.
export function Filter({ name, label, placeholder, type = 'search', width }) {
  const kept = route.value.query.get(name) || '';
  const [text, set] = useState(kept);
  const timer = useRef(0);
  useEffect(() => set(kept), [kept]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const input = (event) => {
    const value = event.target.value;
    set(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setQuery({ [name]: value.trim() }), SETTLE_MS);
  };
  return html`<label class="filter" style=${width ? { maxWidth: width } : undefined}>${label}
    <input type=${type} value=${text} onInput=${input} placeholder=${placeholder || ''} spellcheck=${false} autocomplete="off" /></label>`;
}

// options: ['AT'] or [['AT', 'AT (812)']]
export function Choice({ name, label, options, all = 'all' }) {
  const value = route.value.query.get(name) || '';
  const pairs = options.map((option) => (Array.isArray(option) ? option : [option, option]));
  if (value && !pairs.some(([id]) => id === value)) pairs.push([value, value]);
  return html`<label class="filter">${label}
    <select value=${value} onChange=${(event) => setQuery({ [name]: event.target.value })}>
      <option value="">${all}</option>
      ${pairs.map(([id, text]) => html`<option key=${id} value=${id} selected=${id === value}>${text}</option>`)}
    </select></label>`;
}

export async function readFiles(list) {
  const files = [];
  for (const file of list) files.push({ name: file.name, text: await file.text() });
  return files;
}

// Files by drop or by choice; children is where they may be dropped.
export function Drop({ onFiles, label, children }) {
  const [over, set] = useState(false);
  const drop = async (event) => {
    event.preventDefault();
    set(false);
    onFiles(await readFiles(event.dataTransfer.files));
  };
  return html`<div class="drop ${over ? 'over' : ''}" onDragOver=${(event) => { event.preventDefault(); set(true); }} onDragLeave=${() => set(false)} onDrop=${drop}>
    ${children}
    <label class="file">${label} <input type="file" multiple onChange=${async (event) => { onFiles(await readFiles(event.target.files)); event.target.value = ''; }} /></label>
  </div>`;
}
