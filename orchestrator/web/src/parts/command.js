// command.js: a command to copy, as it would be typed.
import { useState } from 'preact/hooks';
import { html } from '../html.js';

export function Command({ text, label }) {
  const [done, set] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      set('copied');
    } catch {
      set('select it by hand');
    }
    setTimeout(() => set(''), 2000);
  };
  return html`<div class="command">
    <code tabindex="0" role="group" aria-label=${label || 'the command that does the same'}>${text}</code>
    <button type="button" class="small" onClick=${copy} aria-label="Copy the command">${done || 'Copy'}</button>
    <span class="hidden" role="status">${done}</span>
  </div>`;
}
