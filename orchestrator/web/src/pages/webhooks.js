// webhooks.js: who is told of what happens, for owners: added, changed, tried; what could not be delivered, and sent once more.
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { ask, at, post } from '../api.js';
import { act, command } from '../command.js';
import { go, to } from '../router.js';
import { can } from '../session.js';
import { useList, useThing } from '../thing.js';
import { zoneOf } from '../time.js';
import { number } from '../words.js';
import { Ask } from '../parts/dialog.js';
import { Command } from '../parts/command.js';
import { Page, Tabs } from '../parts/page.js';
import { Facts, Notice, Stale, State, Trouble, Waiting } from '../parts/show.js';
import { Time } from '../parts/time.js';
import { ListFoot } from '../parts/virtual.js';
import { peopleTabs } from './people.js';

const KINDS = ['campaign', 'wave', 'device', 'alarm', 'release', 'people'];
const SETTLES_MS = 1500; // until a test has come back, most times

const Secret = ({ of }) => html`<div role="status">${of && html`<${Notice} tone="good" title="The secret that signs its events, shown once:"><${Command} text=${of} label="secret" /><//>`}</div>`;
const Standing = ({ of }) => html`<${State} is=${of.enabled ? 'on' : 'off'} />`;

function Fields({ value, onChange }) {
  const set = (changes) => onChange({ ...value, ...changes });
  const toggle = (kind) => set({ kinds: value.kinds.includes(kind) ? value.kinds.filter((one) => one !== kind) : [...value.kinds, kind] });
  return html`<label>Name <input value=${value.name} onInput=${(event) => set({ name: event.target.value.trim() })} required autocomplete="off" spellcheck=${false} placeholder="chat" /></label>
    <label>Address <input type="url" value=${value.url} onInput=${(event) => set({ url: event.target.value.trim() })} required autocomplete="off" spellcheck=${false} placeholder="https://…" /></label>
    <fieldset><legend>It is told of</legend><div class="checks">${KINDS.map((kind) => html`<label class="check" key=${kind}><input type="checkbox" checked=${value.kinds.includes(kind)} onChange=${() => toggle(kind)} /> ${kind}</label>`)}</div></fieldset>`;
}

const lacking = (of) => (!of.name ? 'It needs a name.' : !of.url ? 'It needs an address.' : of.kinds.length ? '' : 'Pick what it is told of.');
const flags = (of) => ({ url: of.url || 'URL', kinds: of.kinds.join(',') || 'KINDS' });

function Add({ onClose, done }) {
  const [wish, set] = useState({ name: '', url: '', kinds: [] });
  return html`<${Ask} title="A new webhook" verb="Add" blocked=${lacking(wish)} commandOf=${() => act('webhook', 'add', wish.name || 'NAME', flags(wish))}
    consequence=${html`<p>That address is sent a signed event (CloudEvents 1.0) whenever something of these kinds happens.</p>`}
    run=${async () => { done(await post('/webhooks', wish)); }} onClose=${onClose}><${Fields} value=${wish} onChange=${set} /><//>`;
}

function Change({ of, onClose, run }) {
  const [wish, set] = useState({ name: of.name, url: of.url, kinds: of.kinds });
  return html`<${Ask} title="Change ${of.name}" verb="Change" blocked=${lacking(wish)} run=${() => run('PATCH', '', wish)} onClose=${onClose}
    commandOf=${() => act('webhook', 'change', of.name, { name: wish.name === of.name ? '' : wish.name, ...flags(wish) })}><${Fields} value=${wish} onChange=${set} /><//>`;
}

// What needs no more than a yes.
const SIMPLE = {
  test: { verb: 'Test', words: () => 'It is sent an event of kind test, now.', run: (run) => run('POST', '/test', {}), command: (name) => act('webhook', 'test', name) },
  on: { verb: 'Switch on', words: () => 'It is told of what happens from now on.', run: (run) => run('PATCH', '', { enabled: true }), command: (name) => act('webhook', 'change', name, { enable: true }) },
  off: { verb: 'Switch off', words: () => 'It is told nothing more; what waits for it stays.', run: (run) => run('PATCH', '', { enabled: false }), command: (name) => act('webhook', 'change', name, { disable: true }) },
  secret: { verb: 'New secret', words: () => 'Its events are signed with a new secret from now on, which is shown once; the old one holds no more.', run: (run) => run('PATCH', '', { new_secret: true }), command: (name) => act('webhook', 'change', name, { 'new-secret': true }) },
  remove: { verb: 'Remove', danger: true, words: (name) => `${name} is told nothing more, and what waits for it is dropped.`, run: (run) => run('DELETE', ''), command: (name) => act('webhook', 'remove', name) },
};

const Simple = ({ action, of, run, onClose }) => html`<${Ask} title="${SIMPLE[action].verb}: ${of.name}" verb=${SIMPLE[action].verb} danger=${SIMPLE[action].danger} typed=${SIMPLE[action].danger ? of.name : ''}
  consequence=${html`<p>${SIMPLE[action].words(of.name)}</p>`} commandOf=${() => SIMPLE[action].command(of.name)} run=${() => SIMPLE[action].run(run)} onClose=${onClose} />`;

const Again = ({ of, event, onClose, done }) => html`<${Ask} title="Send ${event} again" verb="Send it again" consequence=${html`<p>${of.name} is sent it once more, and tried for a day as if it were new.</p>`}
  commandOf=${() => act('webhook', 'retry', of.name, event)} run=${async () => { await post(at`/webhooks/${of.id}/dead/${event}/retry`); done(); }} onClose=${onClose} />`;

function Dead({ of, list, open }) {
  return html`<section aria-labelledby="dead"><h2 id="dead">Could not be delivered</h2>
    <${Command} text=${command('webhook', 'dead', of.name)} />
    <${Trouble} problem=${list.problem} retry=${list.reload} />
    ${list.items.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label="dead letters"><table>
      <thead><tr><th scope="col">event</th><th scope="col">made (${zoneOf()})</th><th scope="col">given up (${zoneOf()})</th><th scope="col" class="num">tries</th><th scope="col">what went wrong</th><th scope="col">change</th></tr></thead>
      <tbody>${list.items.map((row) => html`<tr key=${row.event}><th scope="row"><details><summary>${row.event}</summary><pre tabindex="0" aria-label="event ${row.event}">${typeof row.body === 'string' ? row.body : JSON.stringify(row.body, null, 1)}</pre></details></th>
        <td><${Time} at=${row.made_at} /></td><td><${Time} at=${row.dead_at} /></td><td class="num">${number(row.attempts)}</td><td class="words">${row.failure}</td>
        <td><button type="button" class="small" aria-haspopup="dialog" aria-label="Send again … ${row.event}" onClick=${() => open(row.event)}>Send again …</button></td></tr>`)}</tbody></table></div>`}
    ${list.done && list.items.length === 0 ? html`<p class="dim">Nothing: what is tried for a day in vain stands here for thirty days.</p>` : html`<${ListFoot} list=${list} what="events" />`}
    ${!list.done && !list.loading && html`<button type="button" onClick=${list.more}>More</button>`}</section>`;
}

const actionsFor = (of) => ['test', 'change', of.enabled ? 'off' : 'on', 'secret', 'remove'];

export function Webhook({ id }) {
  const thing = useThing(at`/webhooks/${id}`);
  const dead = useList(at`/webhooks/${id}/dead`, {}, 50);
  const [open, set] = useState('');
  const [again, sendAgain] = useState('');
  const [told, tell] = useState({});
  const of = thing.data;
  const renew = () => {
    thing.reload();
    dead.reload();
  };
  const run = async (method, part, body) => {
    const answer = await ask(method, at`/webhooks/${id}` + part, body);
    if (method === 'DELETE') return go(['webhooks']);
    tell({ secret: answer?.secret, words: part === '/test' ? 'The test is on its way; what came of it stands below.' : '' });
    renew();
    if (part === '/test') setTimeout(renew, SETTLES_MS);
    return null;
  };
  const close = () => set('');
  return html`<${Page} title=${of ? of.name : 'Webhook'} trail=${[['Webhooks', to(['webhooks'])]]} command=${of && command('webhook', 'show', of.name)}
    side=${html`<button type="button" onClick=${renew}>Look again</button>`}>
    <${Waiting} of=${thing} /><${Stale} of=${thing} />
    <${Secret} of=${told.secret} /><div role="status">${told.words && html`<${Notice} tone="good">${told.words}<//>`}</div>
    ${of && html`<div class="buttons" role="group" aria-label="what can be done">${actionsFor(of).map((action) => html`<button key=${action} type="button" aria-haspopup="dialog" class=${SIMPLE[action]?.danger ? 'danger' : ''} onClick=${() => set(action)}>${SIMPLE[action]?.verb || 'Change'} …</button>`)}</div>
      <${Facts} of=${[
        ['state', html`<${Standing} of=${of} />`],
        ['address', html`<span class="words">${of.url}</span>`],
        ['told of', of.kinds.join(', ')],
        ['waiting to be delivered', number(of.pending)],
        ['given up', number(of.dead)],
        of.failure && ['last went wrong', html`<span class="warn">${of.failure}</span>`],
        ['made', html`<${Time} at=${of.made_at} how="exact" /> by ${of.made_by}`],
        ['changed', html`<${Time} at=${of.changed_at} how="exact" />`],
      ]} /><${Dead} of=${of} list=${dead} open=${sendAgain} />`}
    ${open === 'change' ? html`<${Change} of=${of} run=${run} onClose=${close} />` : open && html`<${Simple} action=${open} of=${of} run=${run} onClose=${close} />`}
    ${again && html`<${Again} of=${of} event=${again} done=${renew} onClose=${() => sendAgain('')} />`}
  <//>`;
}

export function Webhooks() {
  const list = useList('/webhooks', {}, 200);
  const [open, set] = useState(false);
  const [secret, show] = useState('');
  const done = (answer) => {
    show(answer.secret || '');
    list.reload();
  };
  return html`<${Page} title="Webhooks" command=${command('webhook', 'list')} side=${can('webhook.manage') && html`<button type="button" class="primary" aria-haspopup="dialog" onClick=${() => set(true)}>Add a webhook …</button>`}>
    <${Tabs} label="people, tokens, webhooks" tabs=${peopleTabs()} at="webhooks" />
    <${Secret} of=${secret} />
    <${Trouble} problem=${list.problem} retry=${list.reload} />
    ${list.items.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label="table of webhooks"><table>
      <thead><tr><th scope="col">name</th><th scope="col">state</th><th scope="col">address</th><th scope="col">told of</th><th scope="col" class="num">waiting</th><th scope="col" class="num">given up</th><th scope="col">last went wrong</th><th scope="col">made (${zoneOf()})</th></tr></thead>
      <tbody>${list.items.map((row) => html`<tr key=${row.id}><th scope="row"><a href=${to(['webhooks', String(row.id)])}>${row.name}</a></th><td><${Standing} of=${row} /></td><td class="words">${row.url}</td><td class="words">${row.kinds.join(', ')}</td>
        <td class="num">${number(row.pending)}</td><td class="num ${row.dead ? 'bad' : ''}">${number(row.dead)}</td><td class="words">${row.failure || '–'}</td><td><${Time} at=${row.made_at} /></td></tr>`)}</tbody></table></div>`}
    ${list.done && list.items.length === 0 && html`<p class="dim">None yet: a webhook tells another server, a chat for example, of what happens here.</p>`}
    ${open && html`<${Add} onClose=${() => set(false)} done=${done} />`}
  <//>`;
}
