// audit.js: who did what, from where, why; searched and taken away.
import { html } from '../html.js';
import { exportLink, query } from '../api.js';
import { command } from '../command.js';
import { route } from '../router.js';
import { useList, useThing } from '../thing.js';
import { zoneOf } from '../time.js';
import { number } from '../words.js';
import { Filter } from '../parts/fields.js';
import { Page } from '../parts/page.js';
import { State, Trouble } from '../parts/show.js';
import { Time } from '../parts/time.js';
import { ListFoot, VirtualTable } from '../parts/virtual.js';

const FILTERS = ['q', 'actor', 'kind', 'subject', 'since', 'until'];

// A local day of a filter as a moment.
function moment(text, days) {
  if (!text) return '';
  const date = new Date(`${text}T00:00:00`);
  date.setDate(date.getDate() + days);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}

const outcomeOf = (row) => row.outcome || (/refus/.test(row.kind) || row.detail?.refused ? 'refused' : 'done');
const addressOf = (row) => row.from || row.detail?.address || '';

function words(row) {
  const detail = row.detail || {};
  if (detail.to) return `${detail.wave ? `${detail.wave}: ` : ''}${detail.from ? `${detail.from} → ` : ''}${detail.to}${detail.cause ? `: ${detail.cause}` : ''}`;
  const parts = Object.entries(detail).filter(([key]) => key !== 'address').map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [row.why, ...parts].filter(Boolean).join(', ');
}

const columns = () => [
  { head: 'number', width: '5rem', num: true, cell: (row) => number(row.number) },
  { head: `at (${zoneOf()})`, width: '8rem', cell: (row) => html`<${Time} at=${row.at} />` },
  { head: 'who', width: 'minmax(5rem, 1fr)', cell: (row) => row.actor || '–' },
  { head: 'from', width: '7.5rem', cell: (row) => addressOf(row) || '–' },
  { head: 'kind', width: 'minmax(6rem, 1fr)', cell: (row) => row.kind },
  { head: 'subject', width: 'minmax(7rem, 1.5fr)', cell: (row) => html`<span title=${row.subject}>${row.subject || '–'}</span>` },
  { head: 'outcome', width: '6rem', cell: (row) => html`<${State} is=${outcomeOf(row)} />` },
  { head: 'what', width: 'minmax(10rem, 4fr)', cell: (row) => html`<span title=${words(row)}>${words(row)}</span>` },
];

export function Audit() {
  const typed = Object.fromEntries(FILTERS.map((name) => [name, route.value.query.get(name) || '']));
  const wanted = { ...typed, since: moment(typed.since, 0), until: moment(typed.until, 1) };
  const list = useList('/audit', wanted, 500);
  const head = useThing('/audit/head');
  const here = `/audit${query(wanted)}`;
  return html`<${Page} title="Audit" command=${command('audit', 'list', { actor: typed.actor, since: wanted.since })}
    side=${html`<a href=${exportLink(here, 'csv')} download="audit.csv">CSV</a> <a href=${exportLink(here, 'ndjson')} download="audit.ndjson">NDJSON</a>`}>
    <form class="filters" role="search" aria-label="filters" onSubmit=${(event) => event.preventDefault()}>
      <${Filter} name="q" label="contains" /> <${Filter} name="actor" label="who" /> <${Filter} name="kind" label="kind" /> <${Filter} name="subject" label="subject" />
      <${Filter} name="since" label="from day" type="date" /> <${Filter} name="until" label="to day" type="date" />
    </form>
    <${Trouble} problem=${list.problem} retry=${list.reload} />
    <${VirtualTable} label="audit log, newest first" columns=${columns()} rows=${list.items} list=${list} empty="Nothing fits these filters." />
    <${ListFoot} list=${list} what="rows" />
    ${head.data && html`<p class="dim small">Head of the chain: row ${number(head.data.number)}, <code class="hash">${head.data.hash}</code>. Keep it elsewhere; <code>wavegate audit verify FILE</code> holds an export against it.</p>`}
  <//>`;
}
