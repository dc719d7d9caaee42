// campaign_waves.js: the waves of a campaign as a tree: each with its devices, its gate, and what it waits for.
import { html } from '../html.js';
import { approvable } from '../consequence.js';
import { to } from '../router.js';
import { FAILED, GOOD, IN_FLIGHT, number, share, signOf, sum, toneOf } from '../words.js';
import { Parts, State } from '../parts/show.js';
import { Time } from '../parts/time.js';
import { GateButtons } from './campaign_actions.js';
import { Approve } from './campaign_approve.js';

const ORDER = ['waiting', 'deferred', 'offered', 'accepted', 'downloading', 'installing', 'rebooting', 'probation', 'succeeded', 'satisfied', 'failed', 'rolled-back', 'silent', 'withdrawn', 'superseded'];

export const partsOf = (devices) => [
  { count: sum(devices, GOOD), tone: 'good', label: 'succeeded' },
  { count: sum(devices, FAILED), tone: 'bad', label: 'failed' },
  { count: sum(devices, IN_FLIGHT), tone: 'busy', label: 'in hand' },
];

const Counts = ({ campaign, wave }) => html`<ul class="counts">
  ${ORDER.filter((state) => wave.devices?.[state]).map((state) => html`<li key=${state} class=${toneOf(state)}>
    <a href=${to(['campaigns', campaign, 'devices'], { wave: wave.name, state })}><span aria-hidden="true">${signOf(state)}</span> <span class="num">${number(wave.devices[state])}</span> ${state}</a></li>`)}
</ul>`;

// One condition of a gate: holds: true, false, or null when that is not known
const Condition = ({ holds, name, children }) => html`<li>
  <span class=${holds === null ? 'dim' : holds ? 'good' : 'warn'}><span aria-hidden="true">${holds === null ? '·' : holds ? '✓' : '○'}</span> ${name}</span>
  <span>${children}</span><span class="hidden">${holds === null ? '' : holds ? ' (holds)' : ' (does not hold yet)'}</span></li>`;

function success(gate, figures) {
  if (!figures) return null;
  const enough = figures.succeeded_needed !== undefined && figures.succeeded_needed !== null;
  return html`<${Condition} name="success" holds=${enough ? figures.finished > 0 && figures.succeeded >= figures.succeeded_needed : null}>
    ${number(figures.succeeded)} of ${number(figures.finished)} finished (${share(figures.succeeded, figures.finished)}), asked ${gate.success}<//>`;
}

const sample = (gate, figures) => figures && html`<${Condition} name="sample" holds=${figures.finished >= figures.finished_needed}>
  ${number(figures.finished)} of ${number(figures.finished_needed)} finished, asked ${gate.sample} of ${number(figures.members)}<//>`;

function soak(gate, wave) {
  const over = wave.soak_ends_at && Date.parse(wave.soak_ends_at) <= Date.now();
  return html`<${Condition} name="soak" holds=${wave.state === 'passed' || Boolean(over)}>${gate.soak}${wave.soak_ends_at && html`, until <${Time} at=${wave.soak_ends_at} zone />`}<//>`;
}

const approvals = (wave) => wave.approvals_needed > 0 && html`<${Condition} name="approvals" holds=${wave.approvals >= wave.approvals_needed}>
  ${number(wave.approvals)} of ${number(wave.approvals_needed)}${wave.gate?.approvals?.role ? ` by ${wave.gate.approvals.role}` : ''}${wave.approved_by?.length ? `: ${wave.approved_by.join(', ')}` : ''}<//>`;

const HOOKS = { pass: true, hold: false, fail: false };
const hook = (wave) => wave.hook && html`<${Condition} name="hook" holds=${HOOKS[wave.hook.answer] ?? null}>${wave.hook.answer || 'not asked yet'}${wave.hook.words ? `: ${wave.hook.words}` : ''} ${wave.hook.at && html`<${Time} at=${wave.hook.at} />`}<//>`;

const health = (wave) => wave.health && html`<${Condition} name="health" holds=${null}>
  ${wave.health.metric}: ${number(wave.health.worse)} worse, ${number(wave.health.better)} better, ${number(wave.health.tie)} as before${wave.health.words ? `; ${wave.health.words}` : ''}<//>`;

function Gate({ wave }) {
  const gate = wave.gate || {};
  return html`<div class="gate"><h4>Gate${wave.manual && html` <span class="warn">${wave.manual === 'hold' ? 'held' : 'advanced'} ${wave.manual_words}</span>`}</h4>
    <ul class="conditions">${gate.success && success(gate, wave.figures)}${gate.sample && sample(gate, wave.figures)}${gate.soak && gate.soak !== '0s' && soak(gate, wave)}
      ${approvals(wave)}${hook(wave)}${health(wave)}</ul></div>`;
}

// Before it stands at its gate there is little to judge by: the button is there, but not in the way.
function Asked({ campaign, wave, done }) {
  const box = html`<${Approve} campaign=${campaign} wave=${wave.name} done=${done} />`;
  return wave.state === 'at-gate' ? box : html`<details><summary>Approve it already</summary>${box}</details>`;
}

function Wave({ campaign, wave, asked, done }) {
  const active = !['pending', 'passed'].includes(wave.state);
  return html`<li class="wave ${wave.state}">
    <details open=${active}>
      <summary><h3>${wave.name}</h3> <${State} is=${wave.state} />
        <${Parts} parts=${partsOf(wave.devices)} all=${wave.members} label="wave ${wave.name}" />
        <span class="num">${number(sum(wave.devices, GOOD))} of ${number(wave.members)}</span></summary>
      <div class="wave-body">
        ${wave.waits_for && html`<p><strong>${wave.waits_for}</strong></p>`}
        ${wave.cause && wave.cause !== wave.waits_for && html`<p class="dim">${wave.cause}</p>`}
        <${Counts} campaign=${campaign.campaign} wave=${wave} />
        <${Gate} wave=${wave} />
        ${asked && html`<${Asked} campaign=${campaign} wave=${wave} done=${done} />`}
        <${GateButtons} campaign=${campaign} wave=${wave} done=${done} />
        ${wave.since && html`<p class="dim small">${wave.state} since <${Time} at=${wave.since} zone /></p>`}
      </div>
    </details>
  </li>`;
}

export function Waves({ campaign, done }) {
  const asked = approvable(campaign);
  return html`<section aria-labelledby="waves"><h2 id="waves">Waves</h2>
    ${asked.includes('') && html`<${Approve} campaign=${campaign} wave="" done=${done} />`}
    <ol class="waves">${campaign.waves.map((wave) => html`<${Wave} key=${wave.name} campaign=${campaign} wave=${wave} asked=${asked.includes(wave.name)} done=${done} />`)}</ol>
  </section>`;
}
