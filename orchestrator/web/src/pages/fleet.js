// fleet.js: the whole fleet: how many, where, with what, and who needs a look.
import { useMemo, useState } from 'preact/hooks';
import { html } from '../html.js';
import { command } from '../command.js';
import { to } from '../router.js';
import { useThing } from '../thing.js';
import { dayOf } from '../time.js';
import { number, share } from '../words.js';
import { changeOf, countOf } from './health.js';
import { Chart } from '../parts/chart.js';
import { FleetMap } from '../parts/map.js';
import { Page } from '../parts/page.js';
import { Figure, Shares, Stale, Waiting } from '../parts/show.js';
import { Time } from '../parts/time.js';

const LINES = 6; // that can be told apart

const onDevice = (event) => event.kind === 'device' || event.kind === 'alarm';

function Versions({ components }) {
  const [component, set] = useState('');
  const [days, setDays] = useState(30);
  const name = component || components[0];
  const history = useThing(name ? `/fleet/versions?component=${encodeURIComponent(name)}&days=${days}` : null);
  if (!name) return html`<p class="dim">No device has said yet what it runs.</p>`;
  const data = history.data;
  return html`<section aria-labelledby="versions">
    <div class="head"><h2 id="versions">Versions over time</h2>
      <div class="side">
        <label class="inline">of <select value=${name} onChange=${(event) => set(event.target.value)}>${components.map((one) => html`<option key=${one} value=${one}>${one}</option>`)}</select></label>
        <label class="inline">days <select value=${days} onChange=${(event) => setDays(Number(event.target.value))}>${[7, 30, 90, 365].map((one) => html`<option key=${one} value=${one}>${one}</option>`)}</select></label>
      </div>
    </div>
    <${Waiting} of=${history} />
    ${data && html`<${Plot} name=${name} data=${data} />`}
  </section>`;
}

// A line for each version, the ones of the last day first; a day without it has none.
function linesOf(days) {
  const newest = days.at(-1)?.versions || {};
  const labels = [...new Set(days.flatMap((day) => Object.keys(day.versions)))].sort((a, b) => (newest[b] || 0) - (newest[a] || 0));
  return [days.map((day) => day.day), labels.slice(0, LINES).map((label) => ({ label, values: days.map((day) => day.versions[label] || 0) }))];
}

// The lines stay the same array for the same data: the chart is drawn anew for other data alone.
function Plot({ name, data }) {
  const [times, lines] = useMemo(() => linesOf(data.days), [data]);
  if (times.length === 0) return html`<p class="dim">Nothing was recorded in these days.</p>`;
  if (times.length === 1) return html`<p class="dim">Recorded since ${dayOf(times[0])}: lines begin with the second day.</p>`;
  const last = lines.map((line) => `${line.label}: ${number(line.values.at(-1))}`).join(', ');
  return html`<${Chart} label=${`Devices by version of ${name}; last: ${last}`} times=${times} lines=${lines} />`;
}

const Findings = ({ of }) => html`<section aria-labelledby="findings">
  <h2 id="findings">Who needs a look</h2>
  <${Waiting} of=${of} /><${Stale} of=${of} />
  ${of.data && html`<table><thead><tr><th scope="col">devices that</th><th scope="col" class="num">how many</th><th scope="col">in a week</th></tr></thead>
    <tbody>${of.data.findings.map((one) => html`<tr key=${one.kind}>
      <th scope="row"><a href=${to(['health'], { kind: one.kind })}>${one.title}</a></th>
      <td class="num ${one.devices ? 'warn' : 'dim'}">${countOf(one)}</td><td class="dim">${changeOf(one)}</td></tr>`)}
    </tbody></table>`}
</section>`;

export function Fleet() {
  const fleet = useThing('/fleet', onDevice);
  const health = useThing('/fleet/health?limit=1', onDevice);
  const data = fleet.data;
  return html`<${Page} title="Fleet" command=${command('device', 'list')}
    side=${data && html`<span class="dim small">counted <${Time} at=${data.as_of} zone /></span>`}>
    <${Waiting} of=${fleet} /><${Stale} of=${fleet} />
    ${data && html`<${Counts} of=${data} />`}
    <${FleetMap} />
    <div class="columns">
      ${data && html`<${Versions} components=${[...new Set((data.versions || []).map((row) => row.component))]} />`}
      <${Findings} of=${health} />
    </div>
    ${data && html`<${Breakdown} of=${data} />`}
  <//>`;
}

const Counts = ({ of }) => html`<dl class="figures">
  <${Figure} label="devices" value=${of.devices} href=${to(['devices'])} />
  <${Figure} label="online" value=${of.online} note=${share(of.online, of.devices)} href=${to(['devices'], { online: 'true' })} />
  <${Figure} label="offline" value=${of.devices - of.online} href=${to(['devices'], { online: 'false' })} />
  <${Figure} label="stale" value=${of.stale} tone=${of.stale ? 'warn' : ''} href=${to(['health'], { kind: 'silent' })} />
  <${Figure} label="in quarantine" value=${of.quarantined} tone=${of.quarantined ? 'bad' : ''} href=${to(['health'], { kind: 'quarantine' })} />
  <${Figure} label="with alarms" value=${of.alarms} tone=${of.alarms ? 'bad' : ''} href=${to(['devices'], { alarm: 'any' })} />
</dl>`;

const Breakdown = ({ of }) => html`<div class="columns three">
  <${Shares} caption="Versions" head="component and version" all=${of.devices} of=${(of.versions || []).map((row) => [`${row.component} ${row.version}`, row.devices])}
    hrefOf=${(name) => to(['devices'], { component: name.split(' ')[0], version: name.split(' ')[1] })} />
  <${Shares} caption="Regions" head="region" all=${of.devices} of=${(of.regions || []).map((row) => [row.region, row.devices])} hrefOf=${(name) => to(['devices'], { region: name })} />
  <${Shares} caption="Hardware" head="model" all=${of.devices} of=${(of.hardware || []).map((row) => [row.model, row.devices])} hrefOf=${(name) => to(['devices'], { model: name })} />
</div>`;
