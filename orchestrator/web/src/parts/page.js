// page.js: a page's head: where it is, its name, the command that shows the same.
import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { arrived, route } from '../router.js';
import { Command } from './command.js';

// trail: [[text, href], ...] above the heading; side: what stands to the right of it
export function Page({ title, trail, side, command, children }) {
  const at = route.value;
  useEffect(() => arrived(title), [title, at]);
  return html`
    ${trail && html`<nav class="trail" aria-label="where this is"><ol>${trail.map(([text, href]) => html`<li><a href=${href}>${text}</a></li>`)}</ol></nav>`}
    <div class="head">
      <h1 tabindex="-1">${title}</h1>
      ${side && html`<div class="side">${side}</div>`}
    </div>
    ${command && html`<${Command} text=${command} />`}
    ${children}`;
}

// tabs: [[id, text, href]]; plain links, since each is an address of its own.
export const Tabs = ({ tabs, at, label }) => html`
  <nav class="tabs" aria-label=${label}>
    ${tabs.map(([id, text, href]) => html`<a key=${id} href=${href} aria-current=${id === at ? 'page' : undefined}>${text}</a>`)}
  </nav>`;
