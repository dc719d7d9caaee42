// device.js: one device: who it is, what it runs, its certificate, its story, its logs, and why it is updated or not.
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { at } from '../api.js';
import { command } from '../command.js';
import { route, to } from '../router.js';
import { useList, useThing } from '../thing.js';
import { span, zoneOf } from '../time.js';
import { number } from '../words.js';
import { Page, Tabs } from '../parts/page.js';
import { Facts, Notice, Stale, State, Trouble, Waiting } from '../parts/show.js';
import { Time } from '../parts/time.js';
import { ListFoot } from '../parts/virtual.js';
import { DeviceButtons, Tags } from './device_actions.js';
import { Explain } from './device_explain.js';

const tabsOf = (id) => [
  ['', 'Device', to(['devices', id])],
  ['timeline', 'Timeline', to(['devices', id], { tab: 'timeline' })],
  ['logs', 'Logs', to(['devices', id], { tab: 'logs' })],
  ['explain', 'Why', to(['devices', id], { tab: 'explain' })],
];

const concerns = (id) => (event) => ['device', 'alarm', 'wave', 'campaign'].includes(event.kind) && (!event.subject || event.subject === id || event.kind === 'wave');

function position(of) {
  return of.position ? `${of.position.lat.toFixed(5)}, ${of.position.lon.toFixed(5)}` : null;
}

function Certificate({ of }) {
  if (!of) return html`<p class="dim">None is known.</p>`;
  const left = Date.parse(of.not_after) - Date.now();
  return html`<${Facts} of=${[
    ['subject', of.subject],
    of.serial && ['serial', html`<code class="hash">${of.serial}</code>`],
    of.key && ['key', of.key],
    of.not_before && ['from', html`<${Time} at=${of.not_before} how="exact" />`],
    ['until', html`<${Time} at=${of.not_after} how="exact" /> ${left < 0 ? html`<span class="bad">ended</span>` : left < 14 * 86400000 ? html`<span class="warn">ends <${Time} at=${of.not_after} how="relative" /></span>` : ''}`],
  ]} />`;
}

const Slots = ({ of }) => html`<table>
  <caption>Slots</caption>
  <thead><tr><th scope="col">slot</th><th scope="col">what</th><th scope="col">state</th></tr></thead>
  <tbody>${(of || []).map((slot) => html`<tr key=${slot.name + slot.component}><th scope="row">${slot.name}${slot.active ? ' (runs)' : ''}</th><td>${slot.component} ${slot.version}</td><td>${slot.state}</td></tr>`)}
    ${!of?.length && html`<tr><td colspan="3" class="dim">it has not said</td></tr>`}</tbody></table>`;

const Alarms = ({ of }) => of?.length > 0 && html`<table>
  <caption>Alarms</caption>
  <thead><tr><th scope="col">kind</th><th scope="col" class="num">count</th><th scope="col">last (${zoneOf()})</th><th scope="col">why</th><th scope="col">cleared</th></tr></thead>
  <tbody>${of.map((alarm) => html`<tr key=${alarm.kind + alarm.first_at}><th scope="row" class=${alarm.cleared_at ? 'dim' : 'bad'}>${alarm.kind}</th><td class="num">${number(alarm.count)}</td><td><${Time} at=${alarm.last_at} /></td><td class="words">${alarm.why}</td>
    <td>${alarm.cleared_at ? html`<${Time} at=${alarm.cleared_at} /> by ${alarm.cleared_by}: ${alarm.cleared_why}` : 'no'}</td></tr>`)}</tbody></table>`;

// Its habit, and what is unusual about it.
function Presence({ of }) {
  const presence = of.presence || {};
  const off = presence.clock_off_minutes || 0;
  return html`<${Facts} of=${[
    ['last word', html`<${Time} at=${of.seen_at} how="exact" />`],
    presence.due_at && ['expected until', html`<${Time} at=${presence.due_at} how="exact" />`],
    presence.absences > 0 && ['usually away for', `${span(1000 * presence.usually_away_seconds)} (${number(presence.absences)} absences)`],
    presence.boot_at && ['last boot', html`<${Time} at=${presence.boot_at} how="exact" />`],
    presence.boots_in_a_row > 1 && ['boots in a row', html`<span class="warn">${number(presence.boots_in_a_row)}</span>`],
    presence.clock_off_minutes !== undefined && ['its clock', off ? html`<span class="warn">${number(Math.abs(off))} min ${off < 0 ? 'behind' : 'ahead'}</span>` : 'right'],
    of.updated_at && ['last updated', html`<${Time} at=${of.updated_at} how="exact" />`],
    of.erasure?.state && ['erasure of its keys', of.erasure.state],
  ]} />`;
}

const Places = ({ of }) => of?.length > 0 && html`<section><h2>Campaigns</h2><div class="scroll" tabindex="0" role="region" aria-label="its campaigns"><table>
  <thead><tr><th scope="col">campaign</th><th scope="col">wave</th><th scope="col">state</th><th scope="col">cause</th><th scope="col">version</th><th scope="col" class="num">attempt</th><th scope="col">since (${zoneOf()})</th></tr></thead>
  <tbody>${of.map((place) => html`<tr key=${place.campaign}><th scope="row"><a href=${to(['campaigns', place.campaign])}>${place.campaign}</a></th><td>${place.wave || '–'}</td><td><${State} is=${place.state} /></td>
    <td>${place.cause || '–'}</td><td>${place.version || '–'}</td><td class="num">${number(place.attempt)}</td><td><${Time} at=${place.since} none="–" /></td></tr>`)}</tbody></table></div></section>`;

const Inventory = ({ of }) => html`<table><caption>Software</caption>
  <thead><tr><th scope="col">component</th><th scope="col">version</th></tr></thead>
  <tbody>${Object.entries(of.software || {}).map(([name, version]) => html`<tr key=${name}><th scope="row">${name}</th><td><a href=${to(['releases', name, version])}>${version}</a></td></tr>`)}</tbody></table>
  ${Object.keys(of.attributes || {}).length > 0 && html`<table><caption>Attributes</caption><thead><tr><th scope="col">name</th><th scope="col">value</th></tr></thead>
    <tbody>${Object.entries(of.attributes).map(([name, value]) => html`<tr key=${name}><th scope="row">${name}</th><td>${typeof value === 'string' ? value : JSON.stringify(value)}</td></tr>`)}</tbody></table>`}`;

const About = ({ of, done }) => html`<div class="columns">
  <section><h2>Identity</h2><${Facts} of=${[
    ['hardware', `${of.hardware.model} ${of.hardware.revision}`],
    ['region', of.region],
    ['time zone', of.zone],
    ['position', position(of)],
    ['groups', (of.groups || []).join(', ')],
    ['tags', html`<${Tags} device=${of} done=${done} />`],
    ['agent', of.agent],
    ['broker', of.broker],
    ['slot', of.slot],
    ['registered', html`<${Time} at=${of.registered_at} how="exact" />`],
    ['artifacts sealed for', of.identity?.age_recipient && html`<code class="hash">${of.identity.age_recipient}</code>`],
  ]} /></section>
  <section><h2>Inventory</h2><${Inventory} of=${of} /><${Slots} of=${of.slots} /></section>
  <section><h2>Presence</h2><${Presence} of=${of} /></section>
  <section><h2>Certificate</h2><${Certificate} of=${of.certificate} /><${Alarms} of=${of.alarm_list} /></section>
</div>
<${Places} of=${of.campaigns} />`;

function Timeline({ id }) {
  const list = useList(at`/devices/${id}/timeline`, {}, 100, concerns(id));
  return html`<${Trouble} problem=${list.problem} retry=${list.reload} />
    <div class="scroll" tabindex="0" role="region" aria-label="timeline"><table>
      <thead><tr><th scope="col">received (${zoneOf()})</th><th scope="col">campaign</th><th scope="col" class="num">attempt</th><th scope="col">state</th><th scope="col">cause</th><th scope="col">what it said</th></tr></thead>
      <tbody>${list.items.map((row, i) => html`<tr key=${i}><td><${Time} at=${row.at} /></td>
        <th scope="row"><a href=${to(['campaigns', row.campaign])}>${row.campaign}</a></th><td class="num">${number(row.attempt)}</td><td><${State} is=${row.state} /></td><td>${row.cause || '–'}</td>
        <td class="words">${row.detail}${row.remark && html` <span class="dim">(kept as a remark: ${row.remark})</span>`}</td></tr>`)}
        ${list.done && list.items.length === 0 && html`<tr><td colspan="6" class="dim">no reports yet</td></tr>`}</tbody></table></div>
    ${!list.done && !list.loading && html`<button type="button" onClick=${list.more}>More</button>`}
    <${ListFoot} list=${list} what="reports, newest first" />`;
}

function Logs({ id }) {
  const list = useList(at`/devices/${id}/logs`, {}, 20);
  return html`<${Trouble} problem=${list.problem} retry=${list.reload} />
    ${list.items.map((log, i) => html`<section key=${i}><h2>${log.campaign}, attempt ${log.attempt}${log.source && `: ${log.source}`}</h2>
      <p class="dim small">received <${Time} at=${log.at} zone />${log.device_at && html`, written <${Time} at=${log.device_at} zone /> by its clock`}${log.cut ? '; the beginning is cut off' : ''}</p>
      <pre tabindex="0" aria-label="log ${i + 1}">${log.text}</pre></section>`)}
    ${list.done && list.items.length === 0 && html`<p class="dim">It has uploaded none: devices do after a failure.</p>`}
    ${!list.done && !list.loading && html`<button type="button" onClick=${list.more}>More</button>`}`;
}

const COMMANDS = { '': ['show'], timeline: ['show'], logs: ['logs'], explain: ['explain'] };

export function Device({ id }) {
  const tab = route.value.query.get('tab') || '';
  const thing = useThing(at`/devices/${id}`, concerns(id));
  const [words, say] = useState('');
  const of = thing.data;
  const done = (text) => {
    if (text) say(text);
    thing.reload();
  };
  return html`<${Page} title=${id} trail=${[['Devices', to(['devices'])]]} command=${command('device', ...(COMMANDS[tab] || ['show']), id)}>
    <${Waiting} of=${thing} /><${Stale} of=${thing} />
    ${of && html`
      <p class="lead"><${State} is=${of.online ? 'online' : 'offline'} /> since <${Time} at=${of.presence_at} zone />, last word <${Time} at=${of.seen_at} how="relative" /></p>
      ${of.quarantined_at && html`<${Notice} tone="bad" title="In quarantine"> since <${Time} at=${of.quarantined_at} zone />: nothing is offered to it.${of.held_why && ` ${of.held_why}`}<//>`}
      ${of.revoked_at && html`<${Notice} tone="bad" title="Revoked"> <${Time} at=${of.revoked_at} zone />${of.revoked_why && `: ${of.revoked_why}`}<//>`}
      <div role="status">${words && html`<${Notice} tone="good">${words}<//>`}</div>
      <${DeviceButtons} device=${of} done=${done} />`}
    <${Tabs} label="of this device" tabs=${tabsOf(id)} at=${tab} />
    ${tab === 'timeline' ? html`<${Timeline} id=${id} />` : tab === 'logs' ? html`<${Logs} id=${id} />` : tab === 'explain' ? html`<${Explain} id=${id} wants=${concerns(id)} />` : of && html`<${About} of=${of} done=${done} />`}
  <//>`;
}
