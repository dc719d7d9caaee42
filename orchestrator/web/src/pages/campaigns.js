// campaigns.js: all campaigns, newest first.
import { html } from '../html.js';
import { exportLink } from '../api.js';
import { command } from '../command.js';
import { route, to } from '../router.js';
import { can } from '../session.js';
import { useList } from '../thing.js';
import { zoneOf } from '../time.js';
import { number, share } from '../words.js';
import { Choice, Filter } from '../parts/fields.js';
import { Page } from '../parts/page.js';
import { Parts, State, Trouble } from '../parts/show.js';
import { Time } from '../parts/time.js';
import { ListFoot } from '../parts/virtual.js';

const STATES = ['draft', 'awaiting-approval', 'scheduled', 'running', 'paused', 'stopping', 'finished', 'aborted', 'rolled-back'];

export const stateWords = (row) => `${row.state}${row.held && ['paused', 'running'].includes(row.state) ? ', held' : ''}${row.emergency ? ', emergency' : ''}`;

const partsOf = (row) => [
  { count: row.succeeded || 0, tone: 'good', label: 'succeeded' },
  { count: row.faults || 0, tone: 'bad', label: 'failed' },
  { count: row.in_flight || 0, tone: 'busy', label: 'in hand' },
];

const Row = ({ row }) => html`<tr>
  <th scope="row"><a href=${to(['campaigns', row.campaign])}>${row.campaign}</a></th>
  <td><${State} is=${row.state}>${stateWords(row)}<//></td>
  <td>${row.component} ${row.version}</td>
  <td class="wide"><${Parts} parts=${partsOf(row)} all=${row.members} label="devices" /></td>
  <td class="num">${share(row.succeeded || 0, row.members)}</td>
  <td class="num">${number(row.members)}</td>
  <td class="num ${row.faults ? 'bad' : ''}">${number(row.faults || 0)}</td>
  <td>${row.author}</td>
  <td><${Time} at=${row.created_at} /></td>
  <td class="wide words">${row.waits_for || row.cause}</td>
</tr>`;

export function Campaigns() {
  const filters = { state: route.value.query.get('state') || '', q: route.value.query.get('q') || '' };
  const list = useList('/campaigns', filters, 100, (event) => ['campaign', 'wave'].includes(event.kind));
  return html`<${Page} title="Campaigns" command=${command('campaign', 'list')}
    side=${html`${can('campaign.plan') && html`<a class="button primary" href=${to(['plan'])}>Plan a campaign</a>`} <a href=${exportLink('/campaigns', 'csv')} download="campaigns.csv">CSV</a>`}>
    <form class="filters" role="search" aria-label="filters" onSubmit=${(event) => event.preventDefault()}>
      <${Filter} name="q" label="name contains" /> <${Choice} name="state" label="state" options=${STATES} />
    </form>
    <${Trouble} problem=${list.problem} retry=${list.reload} />
    <div class="scroll" tabindex="0" role="region" aria-label="table of campaigns"><table class="campaigns">
      <thead><tr>${['campaign', 'state', 'release', 'progress'].map((head) => html`<th scope="col">${head}</th>`)}
        <th scope="col" class="num">done</th><th scope="col" class="num">devices</th><th scope="col" class="num">failed</th>
        <th scope="col">by</th><th scope="col">created (${zoneOf()})</th><th scope="col">waits for, or why</th></tr></thead>
      <tbody>${list.items.map((row) => html`<${Row} key=${row.campaign} row=${row} />`)}</tbody>
    </table></div>
    ${list.done && list.items.length === 0 && html`<p class="dim">There is no such campaign. A campaign begins with a file: <a href=${to(['plan'])}>plan one</a>.</p>`}
    ${!list.done && !list.loading && html`<button type="button" onClick=${list.more}>More</button>`}
    <${ListFoot} list=${list} what="campaigns" />
  <//>`;
}
