// releases.js: releases, and one of them: who signed it, its forms, where it is used.
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { at, exportLink, post } from '../api.js';
import { act, command } from '../command.js';
import { route, to } from '../router.js';
import { can, me } from '../session.js';
import { useList, useThing } from '../thing.js';
import { zoneOf } from '../time.js';
import { bytes, number, plural } from '../words.js';
import { Ask } from '../parts/dialog.js';
import { Choice, Filter } from '../parts/fields.js';
import { Page } from '../parts/page.js';
import { Facts, Notice, State, Stale, Trouble, Waiting } from '../parts/show.js';
import { Time } from '../parts/time.js';
import { ListFoot } from '../parts/virtual.js';

const withWords = (row) => Object.entries(row.with || {}).map(([name, version]) => `${name} ${version}`).join(', ');

const lacksOf = (of) => Math.max(0, (of.approvals_wanted || 0) - (of.approvals || []).length);

const Standing = ({ of }) => html`<${State} is=${of.state || 'published'} />${of.state === 'proposed' && html` <span class="dim">lacks ${plural(lacksOf(of), 'approval')}</span>`}`;

export function Releases() {
  const filters = { state: route.value.query.get('state') || '', q: route.value.query.get('q') || '', component: route.value.query.get('component') || '' };
  const list = useList('/releases', filters, 100, (event) => event.kind === 'release');
  return html`<${Page} title="Releases" command=${command('release', 'list')} side=${html`<a href=${exportLink('/releases', 'csv')} download="releases.csv">CSV</a>`}>
    <form class="filters" role="search" aria-label="filters" onSubmit=${(event) => event.preventDefault()}><${Filter} name="component" label="component" /> <${Filter} name="q" label="contains" /> <${Choice} name="state" label="state" options=${['proposed', 'published', 'refused']} /></form>
    <${Trouble} problem=${list.problem} retry=${list.reload} />
    <div class="scroll" tabindex="0" role="region" aria-label="table of releases"><table>
      <thead><tr><th scope="col">release</th><th scope="col">state</th><th scope="col">hardware</th><th scope="col">over</th><th scope="col" class="num">size</th><th scope="col">sha256</th><th scope="col">by</th><th scope="col">added (${zoneOf()})</th><th scope="col">with</th></tr></thead>
      <tbody>${list.items.map((row) => html`<tr key=${`${row.component}/${row.version}`}>
        <th scope="row"><a href=${to(['releases', row.component, row.version])}>${row.component} ${row.version}</a></th>
        <td><${Standing} of=${row} /></td><td>${row.hardware_model || 'any'}</td><td>${row.from || 'any'}</td><td class="num" title="${number(row.length)} bytes">${bytes(row.length)}</td>
        <td><code class="hash" title=${row.sha256}>${row.sha256.slice(0, 16)}</code></td><td>${row.added_by}</td><td><${Time} at=${row.added_at} /></td><td>${withWords(row) || '–'}</td></tr>`)}</tbody>
    </table></div>
    ${!list.done && !list.loading && html`<button type="button" onClick=${list.more}>More</button>`}
    <${ListFoot} list=${list} what="releases" />
  <//>`;
}

// approve, refuse; who published it takes it back instead
const DECISIONS = {
  approve: { verb: 'Approve', words: (of) => (lacksOf(of) > 1 ? `It has your approval then, and still lacks ${plural(lacksOf(of) - 1, 'other', 'others')}.` : 'It is published then: campaigns may install it.') },
  refuse: { verb: 'Refuse', danger: true, words: () => 'No campaign may install it, for good: a better one is another version.' },
  withdraw: { verb: 'Withdraw', danger: true, path: 'refuse', words: () => 'You take it back, for good: a better one is another version.' },
};

function decisionsOn(of) {
  if (of.state !== 'proposed') return [];
  if (of.added_by === me.value.name) return can('release.publish') ? ['withdraw'] : [];
  if (!can('release.approve')) return [];
  return of.approvals.some((one) => one.by === me.value.name) ? ['refuse'] : ['approve', 'refuse'];
}

function Decide({ of, decision, onClose, done }) {
  const rule = DECISIONS[decision], name = `${of.component}/${of.version}`, path = rule.path || decision;
  const run = async (reason) => {
    await post(at`/releases/${of.component}/${of.version}/` + path, path === 'refuse' ? { reason } : {});
    done();
  };
  return html`<${Ask} title="${rule.verb} ${name}" verb=${rule.verb} danger=${rule.danger} reason=${path === 'refuse' ? 'needed' : ''} consequence=${html`<p>${rule.words(of)}</p>`}
    commandOf=${(reason) => act('release', path, name, path === 'refuse' ? { reason: reason || 'REASON' } : {})} run=${run} onClose=${onClose} />`;
}

// Who has published it, who has said yes, and what is lacking.
function Approval({ of, done }) {
  const [open, set] = useState('');
  const decisions = decisionsOn(of);
  const mine = of.state === 'proposed' && (of.added_by === me.value.name ? 'You have published it: others approve it.' : of.approvals.some((one) => one.by === me.value.name) ? 'You have approved it; it waits for others.' : '');
  return html`<p class="lead"><${Standing} of=${of} /></p>
    ${of.refused && html`<${Notice} tone="bad" title=${of.refused.by === of.added_by ? 'Withdrawn' : 'Refused'}> by ${of.refused.by} <${Time} at=${of.refused.at} zone />: ${of.refused.reason}<//>`}
    ${of.state === 'proposed' && html`<p>No campaign may install it before ${plural(of.approvals_wanted, 'person', 'people')} other than ${of.added_by} approved it. ${mine && html`<span class="dim">${mine}</span>`}</p>`}
    ${decisions.length > 0 && html`<div class="buttons" role="group" aria-label="what can be done">${decisions.map((one) => html`<button key=${one} type="button" aria-haspopup="dialog" class=${DECISIONS[one].danger ? 'danger' : 'primary'} onClick=${() => set(one)}>${DECISIONS[one].verb} …</button>`)}</div>`}
    ${open && html`<${Decide} of=${of} decision=${open} done=${done} onClose=${() => set('')} />`}`;
}

const approvedWords = (of) => (of.approvals?.length ? of.approvals.map((one) => html`<span key=${one.by}>${one.by} <${Time} at=${one.at} zone /> </span>`) : of.approvals_wanted ? 'nobody yet' : null);

const Signatures = ({ of, signed }) => !of?.length ? html`<p class=${signed ? '' : 'warn'}>${signed ? 'Published with a signed statement.' : 'No signature: devices believe nothing of it.'}</p>` : html`<table><caption>Signatures</caption>
  <thead><tr><th scope="col">by</th><th scope="col">role</th><th scope="col">key</th><th scope="col">at (${zoneOf()})</th><th scope="col">holds</th></tr></thead>
  <tbody>${of.map((one) => html`<tr key=${one.keyid}><th scope="row">${one.name}</th><td>${one.role}</td><td><code class="hash" title=${one.keyid}>${one.keyid?.slice(0, 16)}</code></td><td><${Time} at=${one.at} /></td>
    <td>${one.holds === false ? html`<span class="bad">✕ does not hold</span>` : one.holds ? html`<span class="good">✓ holds</span>` : '–'}</td></tr>`)}</tbody></table>`;

const Forms = ({ of }) => of?.length > 0 && html`<table><caption>Forms</caption>
  <thead><tr><th scope="col">form</th><th scope="col">over</th><th scope="col" class="num">size</th><th scope="col">sha256</th></tr></thead>
  <tbody>${of.map((form) => html`<tr key=${form.sha256}><th scope="row">${form.kind || 'packed'}${form.sealed ? ', sealed' : ''}</th><td>${form.base || 'any'}</td><td class="num" title="${number(form.length)} bytes">${bytes(form.length)}</td><td><code class="hash" title=${form.sha256}>${form.sha256?.slice(0, 16)}</code></td></tr>`)}</tbody></table>`;

const Uses = ({ of }) => html`<table><caption>Campaigns of it</caption>
  <thead><tr><th scope="col">campaign</th><th scope="col">state</th></tr></thead>
  <tbody>${(of || []).map((one) => html`<tr key=${one.campaign}><th scope="row"><a href=${to(['campaigns', one.campaign])}>${one.campaign}</a></th><td><${State} is=${one.state} /></td></tr>`)}
    ${!of?.length && html`<tr><td colspan="2" class="dim">none</td></tr>`}</tbody></table>`;

export function Release({ component, version }) {
  const thing = useThing(at`/releases/${component}/${version}`, (event) => event.kind === 'release');
  const of = thing.data;
  return html`<${Page} title="${component} ${version}" trail=${[['Releases', to(['releases'])]]} command=${command('release', 'show', `${component}/${version}`)}>
    <${Waiting} of=${thing} /><${Stale} of=${thing} />
    ${of && html`
      ${of.revoked_at && html`<${Notice} tone="bad" title="Revoked"> <${Time} at=${of.revoked_at} zone />${of.revoked_why && `: ${of.revoked_why}`}<//>`}
      ${of.state && html`<${Approval} of=${of} done=${thing.reload} />`}
      <div class="columns"><${Facts} of=${[
        ['hardware', of.hardware_model || 'any'],
        ['installs over', of.from || 'any version'],
        ['size', html`<span title="${number(of.length)} bytes">${bytes(of.length)}</span>`],
        ['sha256', html`<code class="hash">${of.sha256}</code>`],
        ['notes', of.notes],
        ['added', html`<${Time} at=${of.added_at} how="exact" /> by ${of.added_by}`],
        of.approvals_wanted > 0 && ['approved by', html`${approvedWords(of)}${of.state === 'proposed' ? ` (${number(of.approvals.length)} of ${number(of.approvals_wanted)})` : ''}`],
        ['with', withWords(of)],
        ['runs on', of.devices === undefined ? null : html`<a href=${to(['devices'], { component, version })}>${number(of.devices)} devices</a>`],
      ]} /><div><${Signatures} of=${of.signatures} signed=${of.signed} /><${Forms} of=${of.forms} /><${Uses} of=${of.campaigns} /></div></div>`}
  <//>`;
}
