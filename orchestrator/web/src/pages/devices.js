// devices.js: the list of devices, with filters; as many as there are.
import { html } from '../html.js';
import { exportLink, query } from '../api.js';
import { command } from '../command.js';
import { route, to } from '../router.js';
import { useList, useThing } from '../thing.js';
import { zoneOf } from '../time.js';
import { Choice, Filter } from '../parts/fields.js';
import { Page } from '../parts/page.js';
import { State, Trouble } from '../parts/show.js';
import { Time } from '../parts/time.js';
import { ListFoot, VirtualTable } from '../parts/virtual.js';

const FILTERS = ['q', 'online', 'region', 'model', 'component', 'version', 'tag', 'group', 'alarm'];

const software = (row) => Object.entries(row.software || {}).map(([name, version]) => `${name} ${version}`).join(', ');

const Remarks = ({ row }) => html`${row.quarantined_at && html`<${State} is="quarantined" /> `}${row.alarms && html`<span class="bad">${row.alarms}</span>`}${!row.quarantined_at && !row.alarms && (row.tags || []).join(', ')}`;

function columns() {
  return [
    { head: 'device', width: 'minmax(8rem, 1.2fr)', cell: (row) => html`<a href=${to(['devices', row.id])}>${row.id}</a>` },
    { head: 'presence', width: '6rem', cell: (row) => html`<${State} is=${row.online ? 'online' : 'offline'} />` },
    { head: `last word (${zoneOf()})`, width: '8.5rem', cell: (row) => html`<${Time} at=${row.seen_at} />` },
    { head: 'region', width: '5.5rem', cell: (row) => row.region || '–' },
    { head: 'hardware', width: 'minmax(7rem, 1fr)', cell: (row) => `${row.hardware?.model || '–'} ${row.hardware?.revision || ''}` },
    { head: 'software', width: 'minmax(10rem, 2fr)', cell: (row) => html`<span title=${software(row)}>${software(row) || '–'}</span>` },
    { head: 'alarms, tags', width: 'minmax(6rem, 1fr)', cell: (row) => html`<${Remarks} row=${row} />` },
  ];
}

function Filters({ fleet }) {
  const of = fleet.data || {};
  const component = route.value.query.get('component');
  const versions = (of.versions || []).filter((row) => row.component === component);
  return html`<form class="filters" role="search" aria-label="filters" onSubmit=${(event) => event.preventDefault()}>
    <${Filter} name="q" label="name begins with" placeholder="dev-0001" />
    <${Choice} name="online" label="presence" options=${[['true', 'online'], ['false', 'offline']]} />
    <${Choice} name="region" label="region" options=${(of.regions || []).map((row) => row.region)} />
    <${Choice} name="model" label="hardware" options=${(of.hardware || []).map((row) => row.model)} />
    <${Choice} name="component" label="component" options=${[...new Set((of.versions || []).map((row) => row.component))]} />
    ${component && html`<${Choice} name="version" label="version" options=${versions.map((row) => row.version)} />`}
    <${Filter} name="tag" label="tag" /> <${Filter} name="group" label="group" />
    <${Choice} name="alarm" label="alarm" options=${['any', 'cloned', 'connect-storm', 'flood', 'revoked', 'escape', 'tampered', 'quarantine']} />
  </form>`;
}

// The command has fewer filters.
const flagsOf = (of) => ({ online: of.online === 'true', offline: of.online === 'false', tag: of.tag, alarm: Boolean(of.alarm) });

export function Devices() {
  const wanted = Object.fromEntries(FILTERS.map((name) => [name, route.value.query.get(name) || '']));
  if (!wanted.component) wanted.version = '';
  const fleet = useThing('/fleet');
  const list = useList('/devices', wanted, 500, (event) => event.kind === 'device');
  const here = `/devices${query(wanted)}`;
  return html`<${Page} title="Devices" command=${command('device', 'list', flagsOf(wanted))}
    side=${html`<a href=${exportLink(here, 'csv')} download="devices.csv">CSV</a> <a href=${exportLink(here, 'ndjson')} download="devices.ndjson">NDJSON</a>`}>
    <${Filters} fleet=${fleet} />
    <${Trouble} problem=${list.problem} retry=${list.reload} />
    <${VirtualTable} label="devices" columns=${columns()} rows=${list.items} list=${list} empty="No device fits these filters." />
    <${ListFoot} list=${list} what="devices" />
  <//>`;
}
