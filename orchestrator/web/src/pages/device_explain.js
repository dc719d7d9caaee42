// device_explain.js: why a device is updated, waits, or is not meant at all.
import { html } from '../html.js';
import { at } from '../api.js';
import { to } from '../router.js';
import { useThing } from '../thing.js';
import { number } from '../words.js';
import { Facts, Stale, State, Waiting } from '../parts/show.js';
import { Time } from '../parts/time.js';

const HOLDS = { true: ['good', '✓ holds'], false: ['bad', '✕ does not hold'], null: ['dim', '· not known'] };

const Clauses = ({ of }) => of?.length > 0 && html`<details><summary>clause by clause</summary><ul class="clauses">
  ${of.map((clause, i) => {
    const [tone, words] = HOLDS[clause.holds] || HOLDS.null;
    return html`<li key=${i}><span class=${tone}>${words}</span> <code>${clause.clause}</code></li>`;
  })}</ul></details>`;

const One = ({ of }) => html`<section class="card">
  <h2><a href=${to(['campaigns', of.campaign])}>${of.campaign}</a> <${State} is=${of.state} /></h2>
  <p><strong>${of.reason}</strong>${of.until && html` until <${Time} at=${of.until} zone />`}</p>
  ${of.wave && html`<${Facts} of=${[
    ['wave', `${of.wave} (${of.wave_takes})`],
    ['state since', html`<${Time} at=${of.since} how="exact" />`],
    of.cause && ['cause', `${of.cause}${of.detail ? `: ${of.detail}` : ''}`],
    of.attempts && ['attempt', `${number(of.attempts.number)}, ${number(of.attempts.spent)} spent`],
    of.gate && ['gate before it', `wave ${of.gate.wave}: ${number(of.gate.finished)} of ${number(of.gate.finished_needed)} finished, ${number(of.gate.approvals)} of ${number(of.gate.approvals_needed)} approvals`],
    of.budget && ['failures', `${number(of.budget.failed)} of ${number(of.budget.tolerated)} tolerated`],
    of.in_flight && ['in hand', `${number(of.in_flight.now)} of ${number(of.in_flight.most)}`],
    of.window && ['window', html`${of.window.open ? 'open' : 'closed'}${of.window.zone ? ` in ${of.window.zone}` : ''}${of.window.next && html`, next <${Time} at=${of.window.next} zone />`}`],
  ]} />`}
  <${Clauses} of=${of.clauses} />
</section>`;

export function Explain({ id, wants }) {
  const thing = useThing(at`/devices/${id}/explain`, wants);
  return html`<${Waiting} of=${thing} /><${Stale} of=${thing} />
    ${thing.data?.campaigns?.map((one) => html`<${One} key=${one.campaign} of=${one} />`)}
    ${thing.data && !thing.data.campaigns?.length && html`<p class="dim">There is no campaign yet.</p>`}`;
}
