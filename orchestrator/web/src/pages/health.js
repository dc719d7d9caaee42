// health.js: devices that need a look before their users notice.
import { html } from '../html.js';
import { query } from '../api.js';
import { command } from '../command.js';
import { route, to } from '../router.js';
import { useThing } from '../thing.js';
import { zoneOf } from '../time.js';
import { number } from '../words.js';
import { Page, Tabs } from '../parts/page.js';
import { Stale, Waiting } from '../parts/show.js';
import { Time } from '../parts/time.js';

const WORST = 100; // devices of one kind, the worst first

export const countOf = (finding) => `${number(finding.devices)}${finding.more ? ' or more' : ''}`;

export function changeOf(finding) {
  if (finding.change === null || finding.change === undefined) return '–';
  if (finding.change === 0) return '→ as a week ago';
  return `${finding.change > 0 ? '↑' : '↓'} ${number(Math.abs(finding.change))} ${finding.change > 0 ? 'more' : 'fewer'}`;
}

const changeWords = (finding) => (finding.change ? `${changeOf(finding)} than a week ago` : finding.change === 0 ? 'As many as a week ago' : '');

const Worst = ({ of, kind }) => html`<div class="scroll" tabindex="0" role="region" aria-label="devices: ${kind}"><table>
  <thead><tr><th scope="col">device</th><th scope="col">what</th><th scope="col">since (${zoneOf()})</th><th scope="col">hardware</th><th scope="col">region</th></tr></thead>
  <tbody>${of.map((row) => html`<tr key=${row.device}><th scope="row"><a href=${to(['devices', row.device])}>${row.device}</a></th><td class="words">${row.words}</td><td><${Time} at=${row.since} none="–" /></td><td>${row.hardware}</td><td>${row.region || '–'}</td></tr>`)}</tbody>
</table></div>`;

const Finding = ({ of, worst }) => html`<section aria-labelledby="kind-${of.kind}">
  <h2 id="kind-${of.kind}">${countOf(of)} ${of.title}</h2>
  <p class="dim">${[changeWords(of), of.devices > 0 && of.next && `Next: ${of.next}`].filter(Boolean).join('. ')}</p>
  ${worst.length > 0 && html`<${Worst} of=${worst} kind=${of.title} />`}
  ${of.devices > worst.length && html`<p class="dim small">The worst ${number(worst.length)} of ${countOf(of)}.</p>`}
</section>`;

const Nobody = ({ of }) => of.length > 0 && html`<section aria-labelledby="nobody"><h2 id="nobody">No device</h2>
  <ul>${of.map((one) => html`<li key=${one.kind}>${one.title}${one.change ? html` <span class="dim">(${changeOf(one)} than a week ago)</span>` : ''}</li>`)}</ul></section>`;

export function Health() {
  const kind = route.value.query.get('kind') || '';
  const all = useThing('/fleet/health?limit=1');
  const thing = useThing(`/fleet/health${query({ kind, limit: kind ? WORST : 5 })}`, (event) => event.kind === 'device' || event.kind === 'alarm');
  const tabs = [['', 'all', to(['health'])], ...(all.data?.findings || []).map((one) => [one.kind, `${one.kind} (${countOf(one)})`, to(['health'], { kind: one.kind })])];
  return html`<${Page} title="Who needs a look" trail=${[['Fleet', to(['fleet'])]]} command=${command('fleet', 'health', { kind })}>
    <${Tabs} label="kinds of findings" tabs=${tabs} at=${kind} />
    <${Waiting} of=${thing} /><${Stale} of=${thing} />
    ${thing.data?.findings?.filter((one) => kind || one.devices > 0).map((one) => html`<${Finding} key=${one.kind} of=${one} worst=${thing.data.items.filter((row) => row.finding === one.kind)} />`)}
    ${!kind && thing.data && html`<${Nobody} of=${thing.data.findings.filter((one) => !one.devices)} />`}
  <//>`;
}
