// failures.js: what the failed devices of a campaign have in common, beside those that succeeded.
import { html } from '../html.js';
import { at } from '../api.js';
import { command } from '../command.js';
import { to } from '../router.js';
import { useThing } from '../thing.js';
import { zoneOf } from '../time.js';
import { number, plural, share } from '../words.js';
import { Command } from '../parts/command.js';
import { Page, Tabs } from '../parts/page.js';
import { Notice, Stale, State, Waiting } from '../parts/show.js';
import { Time } from '../parts/time.js';
import { campaignTabs, concerns } from './campaign.js';

const TRAITS = { model: 'model', hardware: 'hardware', from: 'from version', region: 'region' };

const wordOf = (field) => TRAITS[field] || field;
const largest = (counts) => Object.entries(counts).sort((a, b) => b[1] - a[1]).slice(0, 6).map(([value, count]) => `${value || '(none)'} ${number(count)}`).join(', ');
const chanceOf = (p) => (p < 0.0001 ? 'less than 1 in 10,000' : `1 in ${number(Math.round(1 / p))}`);

const Over = ({ of }) => html`<div class="scroll" tabindex="0" role="region" aria-label="what is over-represented"><table>
  <caption>Over-represented among those that failed</caption>
  <thead><tr><th scope="col">what</th><th scope="col" class="num">of the failed</th><th scope="col" class="num">of those that succeeded</th><th scope="col" class="num">times as often</th><th scope="col" class="num">by chance alone</th></tr></thead>
  <tbody>${of.map((row) => html`<tr key=${row.field + row.value}>
    <th scope="row">${wordOf(row.field)} ${row.value || '(none)'}</th>
    <td class="num">${number(row.failed)} of ${number(row.of_failed)} (${share(row.failed, row.of_failed)})</td>
    <td class="num">${number(row.succeeded)} of ${number(row.of_succeeded)} (${share(row.succeeded, row.of_succeeded)})</td>
    <td class="num warn">${row.times ? `${row.times.toFixed(1)} ×` : 'only here'}</td><td class="num" title="p = ${row.p}, corrected for all comparisons">${chanceOf(row.p)}</td></tr>`)}</tbody>
</table></div>`;

const Examples = ({ of }) => html`<details><summary>${plural(of.length, 'device')} of it, the newest first</summary>
  <div class="scroll" tabindex="0" role="region" aria-label="devices"><table>
    <thead><tr><th scope="col">device</th><th scope="col">at (${zoneOf()})</th><th scope="col">state</th><th scope="col">wave</th><th scope="col">hardware</th><th scope="col">region</th><th scope="col">from</th><th scope="col">what it said</th></tr></thead>
    <tbody>${of.map((row) => html`<tr key=${row.device}><th scope="row"><a href=${to(['devices', row.device], { tab: 'timeline' })}>${row.device}</a></th><td><${Time} at=${row.at} /></td><td><${State} is=${row.state} /></td>
      <td>${row.wave}</td><td>${row.hardware}</td><td>${row.region || '–'}</td><td>${row.from || '–'}</td><td class="words">${row.detail}</td></tr>`)}</tbody></table></div></details>`;

function Group({ campaign, of, failed }) {
  const cause = html`<a href=${to(['campaigns', campaign, 'devices'], { cause: of.cause })}>${of.cause}</a>`;
  return html`<section class="card">
    <h2>${of.signature || 'without words'}</h2>
    <p><strong>${plural(of.devices, 'device')}</strong> (${share(of.devices, failed)} of the failed), cause ${cause}${of.phase && `, during ${of.phase}`};
      first <${Time} at=${of.first_at} zone />, last <${Time} at=${of.last_at} zone /></p>
    ${of.over?.length > 0 ? html`<${Over} of=${of.over} />` : html`<p class="dim">Nothing about them stands out against the devices that succeeded.</p>`}
    <dl class="facts">${Object.entries(TRAITS).filter(([field]) => of[field]).map(([field, words]) => html`<div key=${field}><dt>${words}</dt><dd>${largest(of[field]) || '–'}</dd></div>`)}
      <div><dt>timelines</dt><dd>${(of.sample || []).map((id) => html`<a key=${id} href=${to(['devices', id], { tab: 'timeline' })}>${id}</a> `)}</dd></div></dl>
    ${of.examples?.length > 0 && html`<${Examples} of=${of.examples} />`}
    ${(of.next || []).map((text) => html`<${Command} key=${text} text=${text} label="what to look at next" />`)}
  </section>`;
}

export function Failures({ name }) {
  const thing = useThing(at`/campaigns/${name}/failures`, concerns(name));
  const data = thing.data;
  return html`<${Page} title="Failures of ${name}" trail=${[['Campaigns', to(['campaigns'])], [name, to(['campaigns', name])]]} command=${command('campaign', 'failures', name)}>
    <${Tabs} label="of this campaign" tabs=${campaignTabs(name)} at="failures" />
    <${Waiting} of=${thing} /><${Stale} of=${thing} />
    ${data && html`<p class="lead">${plural(data.failed, 'device')} failed, ${number(data.succeeded)} succeeded${data.groups.length ? `; ${plural(data.groups.length, 'cause')}:` : '.'}</p>
      ${data.complete === false && html`<${Notice} tone="warn">The newest ${number(data.read)} were read.<//>`}
      ${data.groups.map((group) => html`<${Group} key=${group.signature} campaign=${name} of=${group} failed=${data.failed} />`)}
      ${data.left_out > 0 && html`<p class="dim">${plural(data.left_out, 'smaller cause')} more.</p>`}`}
  <//>`;
}
