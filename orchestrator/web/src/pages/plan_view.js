// plan_view.js: what a plan says.
import { html } from '../html.js';
import { to } from '../router.js';
import { diffLines, nearChanges } from '../diff.js';
import { span } from '../time.js';
import { number, plural } from '../words.js';
import { Facts, Figure, Notice, State } from '../parts/show.js';

const top = (shares) => Object.entries(shares || {}).sort((a, b) => b[1] - a[1]).slice(0, 4).map(([name, count]) => `${name || '(none)'} ${number(count)}`).join(', ');

function gateWords(gate) {
  if (!gate) return '';
  const out = [`success ${gate.success}`, `sample ${gate.sample}`, `soak ${gate.soak}`];
  if (gate.approvals) out.push(`${plural(gate.approvals.count, 'approval')} by ${gate.approvals.role}`);
  if (gate.hook) out.push(`hook ${gate.hook.run || gate.hook.url}`);
  if (gate.health) out.push(`health of ${gate.health.metric}`);
  return out.join(', ');
}

const WavesTable = ({ of }) => html`<div class="scroll" tabindex="0" role="region" aria-label="waves of the plan"><table>
  <caption>Waves</caption>
  <thead><tr><th scope="col">wave</th><th scope="col" class="num">devices</th><th scope="col">gate</th><th scope="col">regions</th><th scope="col">hardware</th><th scope="col">runs now</th></tr></thead>
  <tbody>${of.map((wave) => html`<tr key=${wave.name}><th scope="row">${wave.name}${wave.opened ? ' (opened)' : ''}${wave.overlap ? ' (opens with the one before)' : ''}</th>
    <td class="num">${number(wave.devices)}</td><td class="words">${gateWords(wave.gate)}</td><td class="words">${top(wave.region)}</td><td class="words">${top(wave.hardware)}</td><td class="words">${top(wave.version)}</td></tr>`)}</tbody>
</table></div>`;

const LeftOut = ({ of }) => html`<table>
  <caption>Left out, and why</caption>
  <thead><tr><th scope="col">why</th><th scope="col" class="num">devices</th></tr></thead>
  <tbody>${of.map((row) => html`<tr key=${row.reason}><th scope="row">${row.reason}</th><td class="num">${number(row.devices)}</td></tr>`)}
    ${of.length === 0 && html`<tr><td colspan="2" class="dim">nobody</td></tr>`}</tbody>
</table>`;

const Overlaps = ({ of }) => of?.length > 0 && html`<table>
  <caption>The same devices in other campaigns</caption>
  <thead><tr><th scope="col">campaign</th><th scope="col">state</th><th scope="col" class="num">priority</th><th scope="col" class="num">devices</th></tr></thead>
  <tbody>${of.map((row) => html`<tr key=${row.campaign}><th scope="row"><a href=${to(['campaigns', row.campaign])}>${row.campaign}</a></th><td><${State} is=${row.state} /></td><td class="num">${row.priority}</td><td class="num">${number(row.devices)}</td></tr>`)}</tbody>
</table>`;

function Outlook({ of }) {
  if (!of) return null;
  return html`<${Facts} of=${[
    ['online now', number(of.online)],
    ['not seen for 7 days', number(of.unseen_7_days)],
    ['past updates', number(of.past_updates)],
    ['takes at least', of.shortest_ms === null || of.shortest_ms === undefined ? 'not known yet' : span(of.shortest_ms)],
    ['and with check-ins', of.with_check_ins ? html`<span title=${of.with_check_ins.assumes}>${span(of.with_check_ins.shortest_ms)}</span>` : '–'],
  ]} />`;
}

const ROLLBACK = {
  none: ['warn', 'The file names no rollback_to: what goes wrong cannot be sent back by a campaign.'],
  missing: ['bad', 'is not published.'],
  unfit: ['bad', 'does not fit the devices.'],
  'no path': ['bad', 'cannot be installed over the new version.'],
};

function Rollback({ of }) {
  if (!of) return null;
  const found = ROLLBACK[of.state];
  if (!found) return html`<p>Way back: ${of.version}, signed by ${of.signed_by || 'nobody'}.</p>`;
  return html`<${Notice} tone=${found[0]}>${of.state === 'none' ? '' : `${of.version} `}${found[1]}<//>`;
}

const SIGNS = { '+': 'added', '-': 'taken out' };

export function Diff({ before, after }) {
  const lines = nearChanges(diffLines(before, after));
  if (lines.every((line) => line === null)) return html`<p>The file is the one that is applied.</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="difference to what is applied"><table class="diff"><caption>Difference to the file that is applied</caption><tbody>
    ${lines.map((line, i) => line === null ? html`<tr key=${i}><td colspan="2" class="dim">⋯</td></tr>` : html`<tr key=${i} class=${line[0] === '+' ? 'plus' : line[0] === '-' ? 'minus' : ''}>
      <td class="sign">${line[0]}<span class="hidden">${SIGNS[line[0]] || ''}</span></td><td><code>${line[1] || ' '}</code></td></tr>`)}
  </tbody></table></div>`;
}

export function PlanView({ plan, after }) {
  return html`<section aria-labelledby="plan"><h2 id="plan" tabindex="-1">The plan: ${plan.campaign}</h2>
    <dl class="figures">
      <${Figure} label="devices in it" value=${plan.members} /> <${Figure} label="that match" value=${plan.matched} />
      <${Figure} label="in no wave" value=${plan.in_no_wave} tone=${plan.in_no_wave ? 'warn' : ''} /> <${Figure} label="of the fleet" value=${plan.fleet} />
      <${Figure} label="harmed at worst" value=${plan.worst_harm} tone="warn" /> <${Figure} label="in hand at once" value=${plan.policy?.pace?.in_flight} />
    </dl>
    ${plan.unready && html`<${Notice} tone="bad" title="It cannot be applied yet:"> ${plan.unready}<//>`}
    ${plan.changes && html`<h3>What it changes</h3><pre tabindex="0" aria-label="changes">${plan.changes}</pre>`}
    ${plan.before && html`<${Diff} before=${plan.before} after=${after} />`}
    <${WavesTable} of=${plan.waves} />
    <div class="columns"><div><${LeftOut} of=${plan.left_out} /><${Overlaps} of=${plan.overlaps} /></div><div><${Rollback} of=${plan.rollback} /><${Outlook} of=${plan.outlook} /></div></div>
    ${plan.repository_policy?.problem && html`<${Notice} tone="warn">${plan.repository_policy.problem}<//>`}
  </section>`;
}
