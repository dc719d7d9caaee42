// campaign_more.js: a campaign's devices, its history, and the file it was applied from.
import { html } from '../html.js';
import { at, exportLink, query } from '../api.js';
import { command } from '../command.js';
import { route, to } from '../router.js';
import { can } from '../session.js';
import { useList, useThing } from '../thing.js';
import { zoneOf } from '../time.js';
import { number } from '../words.js';
import { Choice, Filter } from '../parts/fields.js';
import { Page, Tabs } from '../parts/page.js';
import { State, Trouble, Waiting } from '../parts/show.js';
import { Time } from '../parts/time.js';
import { ListFoot, VirtualTable } from '../parts/virtual.js';
import { campaignTabs, concerns } from './campaign.js';

const STATES = ['waiting', 'deferred', 'offered', 'accepted', 'downloading', 'installing', 'rebooting', 'probation', 'succeeded', 'satisfied', 'failed', 'rolled-back', 'silent', 'withdrawn', 'superseded'];
const CAUSES = ['verify', 'download', 'install', 'boot', 'health', 'silent', 'timeout', 'deferred', 'offline', 'refused', 'shed', 'incompatible', 'withdrawn'];

const trailOf = (name) => [['Campaigns', to(['campaigns'])], [name, to(['campaigns', name])]];

export function CampaignDevices({ name }) {
  const wanted = Object.fromEntries(['state', 'wave', 'cause'].map((key) => [key, route.value.query.get(key) || '']));
  const path = at`/campaigns/${name}/devices`;
  const list = useList(path, wanted, 500, concerns(name));
  return html`<${Page} title="Devices of ${name}" trail=${trailOf(name)} command=${command('campaign', 'plan', `${name}.yaml`, { devices: wanted.wave || 'all' })}
    side=${html`<a href=${exportLink(path + query(wanted), 'csv')} download="${name}-devices.csv">CSV</a>`}>
    <${Tabs} label="of this campaign" tabs=${campaignTabs(name)} at="devices" />
    <form class="filters" role="search" aria-label="filters" onSubmit=${(event) => event.preventDefault()}>
      <${Choice} name="state" label="state" options=${STATES} /> <${Choice} name="cause" label="cause" options=${CAUSES} /> <${Filter} name="wave" label="wave" />
    </form>
    <${Trouble} problem=${list.problem} retry=${list.reload} />
    <${VirtualTable} label="devices of ${name}" rows=${list.items} list=${list} empty="No device fits these filters."
      columns=${[
        { head: 'device', width: 'minmax(8rem, 1fr)', cell: (row) => html`<a href=${to(['devices', row.device])}>${row.device}</a>` },
        { head: 'wave', width: '7rem', cell: (row) => row.wave },
        { head: 'state', width: '8rem', cell: (row) => html`<${State} is=${row.state} />` },
        { head: 'cause', width: '6rem', cell: (row) => row.cause || '–' },
        { head: 'what it said', width: 'minmax(8rem, 2fr)', cell: (row) => html`<span title=${row.detail}>${row.detail || '–'}</span>` },
        { head: 'attempt', width: '4.5rem', num: true, cell: (row) => number(row.attempt) },
        { head: `since (${zoneOf()})`, width: '8rem', cell: (row) => html`<${Time} at=${row.since} none="–" />` },
      ]} />
    <${ListFoot} list=${list} what="devices" />
  <//>`;
}

const Move = ({ row }) => html`${row.wave && html`<span>wave ${row.wave}: </span>`}${row.from && html`<${State} is=${row.from} /> → `}${row.to && html`<${State} is=${row.to} />`}${!row.to && (row.kind || '')}`;

export function CampaignHistory({ name }) {
  const list = useList(at`/campaigns/${name}/history`, {}, 200, concerns(name));
  const revised = list.items.some((row) => row.revision);
  return html`<${Page} title="History of ${name}" trail=${trailOf(name)} command=${command('audit', 'list', { campaign: name })}>
    <${Tabs} label="of this campaign" tabs=${campaignTabs(name)} at="history" />
    <${Trouble} problem=${list.problem} retry=${list.reload} />
    <div class="scroll" tabindex="0" role="region" aria-label="history"><table>
      <thead><tr><th scope="col">at (${zoneOf()})</th>${revised && html`<th scope="col" class="num">revision</th>`}<th scope="col">by</th><th scope="col">what</th><th scope="col">words</th></tr></thead>
      <tbody>${list.items.map((row, i) => html`<tr key=${i}><td><${Time} at=${row.at} /></td>${revised && html`<td class="num">${number(row.revision)}</td>`}<td>${row.actor}</td><td><${Move} row=${row} /></td><td class="words">${row.words}</td></tr>`)}</tbody>
    </table></div>
    ${!list.done && !list.loading && html`<button type="button" onClick=${list.more}>More</button>`}
    <${ListFoot} list=${list} what="entries" />
  <//>`;
}

export function CampaignFile({ name }) {
  const thing = useThing(at`/campaigns/${name}/file`, concerns(name));
  const data = thing.data;
  return html`<${Page} title="File of ${name}" trail=${trailOf(name)} command=${command('campaign', 'plan', `${name}.yaml`)}
    side=${can('campaign.plan') && html`<a class="button" href=${to(['plan'], { campaign: name })}>Change it …</a>`}>
    <${Tabs} label="of this campaign" tabs=${campaignTabs(name)} at="file" />
    <${Waiting} of=${thing} />
    ${data && html`<p class="dim small">Revision ${number(data.revision)}, digest <code class="hash">${data.digest}</code></p>
      <pre tabindex="0" aria-label="the campaign file">${data.file}</pre>
      ${Object.entries(data.files || {}).map(([file, text]) => html`<h2>${file}</h2><pre tabindex="0" aria-label=${file}>${text}</pre>`)}`}
  <//>`;
}
