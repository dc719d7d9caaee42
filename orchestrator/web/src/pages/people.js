// people.js: who may what; for owners, and to be read by auditors.
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { ask, at, post } from '../api.js';
import { act, command } from '../command.js';
import { to } from '../router.js';
import { can, me } from '../session.js';
import { useList } from '../thing.js';
import { zoneOf } from '../time.js';
import { Ask } from '../parts/dialog.js';
import { Command } from '../parts/command.js';
import { Page, Tabs } from '../parts/page.js';
import { Notice, Trouble } from '../parts/show.js';
import { Time } from '../parts/time.js';
import { ListFoot } from '../parts/virtual.js';
import { grantFlags, Grants, grantWords } from './people_grants.js';

export const peopleTabs = () => [can('people.read') && ['people', 'People', to(['people'])], ['tokens', 'Tokens', to(['tokens'])], can('webhook.manage') && ['webhooks', 'Webhooks', to(['webhooks'])]].filter(Boolean);

const commandOf = {
  add: (name, grants, span) => act('people', 'add', name || 'NAME', { ...grantFlags(grants), invite: span }),
  grants: (name, grants) => act('people', 'change', name, grantFlags(grants)),
};

const SPANS = [['24h', 'a day'], ['72h', 'three days'], ['7d', 'a week']];
const invite = (name, span) => post(at`/people/${name}/invitation`, { for: span });
const For = ({ value, onChange }) => html`<label>The link holds for <select value=${value} onChange=${(event) => onChange(event.target.value)}>${SPANS.map(([span, words]) => html`<option key=${span} value=${span} selected=${span === value}>${words}</option>`)}</select></label>`;

function Add({ onClose, done }) {
  const [name, setName] = useState('');
  const [grants, setGrants] = useState([{ role: 'support', scope: {} }]);
  const [wants, setWants] = useState(true);
  const [span, setSpan] = useState('24h');
  const run = async () => {
    const added = await post('/people', { name, grants });
    done(wants ? await invite(name, span) : added);
  };
  return html`<${Ask} title="A new person" verb="Add" blocked=${name ? '' : 'A person needs a name.'} commandOf=${() => commandOf.add(name, grants, wants && span)}
    consequence=${wants ? html`<p>You get a one-time link for ${name || 'the person'}, shown once: with it they choose a password. Whoever has it first comes in, so give it to nobody else.</p>` : html`<p>${name || 'The person'} comes in by an operator's certificate of that name, or by a provider that calls them so.</p>`}
    run=${run} onClose=${onClose}>
    <label>Name <input value=${name} onInput=${(event) => setName(event.target.value.trim())} required autocomplete="off" spellcheck=${false} /></label>
    <label class="check"><input type="checkbox" checked=${wants} onChange=${() => setWants(!wants)} /> invite by a link</label>
    ${wants && html`<${For} value=${span} onChange=${setSpan} />`}
    <${Grants} value=${grants} onChange=${setGrants} />
  <//>`;
}

function Invite({ person, onClose, done }) {
  const [span, setSpan] = useState('24h');
  return html`<${Ask} title="Invite ${person.name}" verb="Invite" commandOf=${() => act('people', 'invite', person.name, { for: span })}
    consequence=${html`<p>You get a one-time link, shown once, with which ${person.name} chooses a password. Whoever has it first comes in.${person.invited ? ' The link of before holds no more.' : ''}</p>`}
    run=${async () => { done(await invite(person.name, span)); }} onClose=${onClose}><${For} value=${span} onChange=${setSpan} /><//>`;
}

function Change({ person, onClose, done }) {
  const [grants, setGrants] = useState(person.grants);
  return html`<${Ask} title="Roles of ${person.name}" verb="Change" commandOf=${() => commandOf.grants(person.name, grants)}
    consequence=${html`<p>${person.name} may do from now on what these roles may, within their scopes. Sessions and tokens keep no more than that.</p>`}
    run=${async () => { done(await ask('PATCH', at`/people/${person.name}`, { grants })); }} onClose=${onClose}><${Grants} value=${grants} onChange=${setGrants} /><//>`;
}

const SIMPLE = {
  unlock: { verb: 'Unlock', words: (name) => `${name} may try to sign in again at once.`, run: (name) => ask('PATCH', at`/people/${name}`, { unlock: true }), command: (name) => act('people', 'change', name, { unlock: true }) },
  factor: { verb: 'Take second factor away', words: (name) => `${name} signs in by password alone, until a new second factor is set.`, run: (name) => ask('PATCH', at`/people/${name}`, { second_factor: false }), command: (name) => act('people', 'change', name, { 'no-second-factor': true }) },
  openid: { verb: 'Let go of the account', words: (name) => `The account at the provider is ${name}’s no more, and ${name} is signed out. The next account that comes with that name is ${name}’s.`, run: (name) => ask('PATCH', at`/people/${name}`, { openid: false }), command: (name) => act('people', 'change', name, { 'no-openid': true }) },
  withdraw: { verb: 'Withdraw the invitation', words: (name) => `The link that ${name} was given holds no more.`, run: (name) => ask('DELETE', at`/people/${name}/invitation`), command: (name) => act('people', 'change', name, { 'no-invitation': true }) },
  remove: { verb: 'Remove', danger: true, words: (name) => `${name} is signed out, and their tokens end. What the audit log says of them stays.`, run: (name) => ask('DELETE', at`/people/${name}`), command: (name) => act('people', 'remove', name) },
};

const Simple = ({ action, person, onClose, done }) => html`<${Ask} title="${SIMPLE[action].verb}: ${person.name}" verb=${SIMPLE[action].verb} danger=${SIMPLE[action].danger} typed=${SIMPLE[action].danger ? person.name : ''}
  consequence=${html`<p>${SIMPLE[action].words(person.name)}</p>`} commandOf=${() => SIMPLE[action].command(person.name)}
  run=${async () => { done(await SIMPLE[action].run(person.name)); }} onClose=${onClose} />`;

function actionsFor(person) {
  const out = ['roles'];
  if (!person.password && !person.second_factor && !person.disabled) out.push('invite');
  if (person.invited) out.push('withdraw');
  if (person.locked_until && Date.parse(person.locked_until) > Date.now()) out.push('unlock');
  if (person.second_factor) out.push('factor');
  if (person.openid) out.push('openid');
  if (person.name !== me.value.name) out.push('remove');
  return out;
}

const verbOf = (action) => SIMPLE[action]?.verb || (action === 'invite' ? 'Invite' : 'Roles');

const Row = ({ person, open }) => html`<tr>
  <th scope="row">${person.name}${person.name === me.value.name ? ' (you)' : ''}</th>
  <td class="words">${person.grants.map(grantWords).join('; ') || html`<span class="dim">none</span>`}</td>
  <td>${[person.password && 'password', person.openid && 'OpenID Connect', person.second_factor && 'second factor'].filter(Boolean).join(', ') || (person.invited ? 'nothing yet: invited' : 'certificate')}</td>
  <td>${person.locked_until && Date.parse(person.locked_until) > Date.now() ? html`<span class="bad">until <${Time} at=${person.locked_until} /></span>` : '–'}</td>
  <td><${Time} at=${person.seen_at} /></td>
  ${can('people.manage') && html`<td>${actionsFor(person).map((action) => html`<button key=${action} type="button" class="small ${SIMPLE[action]?.danger ? 'danger' : ''}" aria-haspopup="dialog" aria-label="${verbOf(action)}: ${person.name}" onClick=${() => open({ action, person })}>${verbOf(action)} …</button> `)}</td>`}
</tr>`;

export function People() {
  const list = useList('/people', {}, 200, (event) => event.kind === 'people');
  const [open, set] = useState(null);
  const [made, setMade] = useState(null);
  const close = () => set(null);
  const done = (answer) => {
    setMade(answer?.link ? answer : null);
    list.reload();
  };
  return html`<${Page} title="People" command=${command('people', 'list')} side=${can('people.manage') && html`<button type="button" class="primary" aria-haspopup="dialog" onClick=${() => set({ action: 'add' })}>Add a person …</button>`}>
    <${Tabs} label="people, tokens, webhooks" tabs=${peopleTabs()} at="people" />
    <div role="status">${made && html`<${Notice} tone="good" title="The link for ${made.name}, shown once:"><${Command} text=${made.link} label="invitation" /> It holds until <${Time} at=${made.ends_at} how="exact" />.<//>`}</div>
    <${Trouble} problem=${list.problem} retry=${list.reload} />
    <div class="scroll" tabindex="0" role="region" aria-label="table of people"><table>
      <thead><tr><th scope="col">name</th><th scope="col">roles and scopes</th><th scope="col">signs in by</th><th scope="col">locked</th><th scope="col">last seen (${zoneOf()})</th>${can('people.manage') && html`<th scope="col">change</th>`}</tr></thead>
      <tbody>${list.items.map((person) => html`<${Row} key=${person.name} person=${person} open=${set} />`)}</tbody></table></div>
    <${ListFoot} list=${list} what="people" />
    ${open?.action === 'add' ? html`<${Add} onClose=${close} done=${done} />` : open?.action === 'roles' ? html`<${Change} person=${open.person} onClose=${close} done=${done} />` : open?.action === 'invite' ? html`<${Invite} person=${open.person} onClose=${close} done=${done} />` : open && html`<${Simple} action=${open.action} person=${open.person} onClose=${close} done=${done} />`}
  <//>`;
}
