// show.js: small things that pages are made of: states, gauges, notices, facts.
import { html } from '../html.js';
import { number, share, signOf, toneOf } from '../words.js';

export const State = ({ is, children }) =>
  html`<span class="state ${toneOf(is)}"><span aria-hidden="true">${signOf(is)}</span> ${children || is}</span>`;

// tone: good, bad, warn, info
export const Notice = ({ tone = 'info', title, children }) => html`
  <div class="notice ${tone}" role=${tone === 'bad' ? 'alert' : 'note'}>
    ${title && html`<strong>${title}</strong>`} ${children}
  </div>`;

export function Trouble({ problem, retry }) {
  if (!problem) return null;
  return html`<${Notice} tone="bad" title=${problem.title || 'That did not work.'}>
    <span>${problem.message}</span>
    ${problem.code && html` <span class="dim">(${problem.code})</span>`}
    ${retry && html` <button type="button" class="small" onClick=${retry}>Try again</button>`}
  <//>`;
}

// What a thing shows before it is there, and when it could not be asked for.
export function Waiting({ of }) {
  if (of.problem && of.data === undefined) return html`<${Trouble} problem=${of.problem} retry=${of.reload} />`;
  if (of.data === undefined) return html`<p class="dim" aria-busy="true">Asking the server …</p>`;
  return null;
}

// A stale thing says that it is.
export const Stale = ({ of }) =>
  of.problem && of.data !== undefined
    ? html`<${Notice} tone="warn" title="Not renewed:"> ${of.problem.message} <button type="button" class="small" onClick=${of.reload}>Try again</button><//>`
    : null;

// A bar with its words; never colour alone.
export function Gauge({ label, value, max, none, tone, note }) {
  const known = max !== null && max !== undefined;
  const part = known && max > 0 ? Math.min(1, value / max) : value > 0 ? 1 : 0;
  const is = tone || (part >= 1 ? 'bad' : part >= 0.7 ? 'warn' : 'busy');
  return html`<div class="gauge">
    <div class="gauge-head"><span>${label}</span><span class="num">${known ? `${number(value)} of ${number(max)}` : none || number(value)}</span></div>
    <div class="bar" role="meter" aria-label=${label} aria-valuenow=${value} aria-valuemin="0" aria-valuemax=${known ? Math.max(max, value) : value || 1}
      aria-valuetext=${known ? `${number(value)} of ${number(max)}` : number(value)}>
      ${part > 0 && html`<span class="fill ${is}" style=${{ width: `${part * 100}%` }}></span>`}
    </div>
    ${note && html`<div class="dim small">${note}</div>`}
  </div>`;
}

// parts: [{count, tone, label}]; the rest of all is empty.
export function Parts({ parts, all, label }) {
  const seen = parts.filter((part) => part.count > 0);
  const words = seen.map((part) => `${number(part.count)} ${part.label}`).join(', ') || 'nothing yet';
  return html`<div class="bar parts" role="img" aria-label="${label}: ${words} of ${number(all)}">
    ${seen.map((part) => html`<span class="fill ${part.tone}" title="${number(part.count)} ${part.label}" style=${{ width: `${all ? (100 * part.count) / all : 0}%` }}></span>`)}
  </div>`;
}

export const Figure = ({ label, value, note, href, tone }) => html`
  <div class="figure">
    <dt>${label}</dt>
    <dd class=${tone || ''}>${href ? html`<a href=${href}>${number(value)}</a>` : number(value)}${note && html` <span class="dim small">${note}</span>`}</dd>
  </div>`;

export const Facts = ({ of }) => html`
  <dl class="facts">
    ${of.filter(Boolean).map(([label, value]) => html`<div><dt>${label}</dt><dd>${value === '' || value === null || value === undefined ? html`<span class="dim">–</span>` : value}</dd></div>`)}
  </dl>`;

// Counts by name, the largest first, each with its share.
export function Shares({ caption, of, all, head, hrefOf }) {
  const rows = of || [];
  const total = all || rows.reduce((sum, [, count]) => sum + count, 0);
  return html`<table class="shares">
    <caption>${caption}</caption>
    <thead><tr><th scope="col">${head}</th><th scope="col" class="num">devices</th><th scope="col" class="num">share</th></tr></thead>
    <tbody>
      ${rows.map(([name, count]) => html`<tr key=${name}>
        <th scope="row">${hrefOf ? html`<a href=${hrefOf(name)}>${name || '(none)'}</a>` : name || '(none)'}</th>
        <td class="num">${number(count)}</td><td class="num">${share(count, total)}</td></tr>`)}
      ${rows.length === 0 && html`<tr><td colspan="3" class="dim">none</td></tr>`}
    </tbody>
  </table>`;
}
