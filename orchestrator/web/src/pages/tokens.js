// tokens.js: what scripts and pipelines sign in with: shown once, ending, with no more than its maker may.
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { ask, at, post } from '../api.js';
import { act, command } from '../command.js';
import { can, me } from '../session.js';
import { useList } from '../thing.js';
import { zoneOf } from '../time.js';
import { Ask } from '../parts/dialog.js';
import { Page, Tabs } from '../parts/page.js';
import { Notice, Trouble } from '../parts/show.js';
import { Time } from '../parts/time.js';
import { ListFoot } from '../parts/virtual.js';
import { Command } from '../parts/command.js';
import { peopleTabs } from './people.js';

const DAYS = [1, 7, 30, 90, 365];
const DAY_MS = 86400000;

function Make({ onClose, done }) {
  const [name, setName] = useState('');
  const [days, setDays] = useState(30);
  const [picked, pick] = useState([]);
  const toggle = (permission) => pick(picked.includes(permission) ? picked.filter((one) => one !== permission) : [...picked, permission]);
  const run = async () => {
    done(await post('/tokens', { name, permissions: picked, ends_at: new Date(Date.now() + days * DAY_MS).toISOString() }));
  };
  return html`<${Ask} title="A new token" verb="Make" blocked=${!name ? 'A token needs a name.' : picked.length ? '' : 'Pick what it may.'} run=${run} onClose=${onClose}
    commandOf=${() => act('token', 'make', name || 'NAME', { may: picked.join(','), for: `${days}d` })} consequence=${html`<p>Whoever has it may do in your name what is picked below, until it ends. It is shown once.</p>`}>
    <label>Name <input value=${name} onInput=${(event) => setName(event.target.value.trim())} required autocomplete="off" spellcheck=${false} placeholder="pipeline" /></label>
    <label>Ends in <select value=${days} onChange=${(event) => setDays(Number(event.target.value))}>${DAYS.map((count) => html`<option key=${count} value=${count} selected=${count === days}>${count} ${count === 1 ? 'day' : 'days'}</option>`)}</select></label>
    <fieldset><legend>It may</legend><div class="checks">${(me.value.permissions || []).map((permission) => html`<label class="check" key=${permission}><input type="checkbox" checked=${picked.includes(permission)} onChange=${() => toggle(permission)} /> ${permission}</label>`)}</div></fieldset>
  <//>`;
}

const End = ({ token, onClose, done }) => html`<${Ask} title="End ${token.name}" verb="End it" danger consequence=${html`<p>What signs in with it is refused from now on.</p>`}
  commandOf=${() => act('token', 'end', token.id)} run=${async () => { done(await ask('DELETE', at`/tokens/${token.id}`)); }} onClose=${onClose} />`;

const Row = ({ token, onEnd }) => html`<tr>
  <th scope="row">${token.name}</th><td>${token.person}</td><td class="words">${(token.permissions || []).join(', ')}</td>
  <td><${Time} at=${token.created_at} /></td><td><${Time} at=${token.ends_at} /></td><td><${Time} at=${token.used_at} /></td>
  <td><button type="button" class="small danger" aria-haspopup="dialog" aria-label="End ${token.name}" onClick=${onEnd}>End …</button></td></tr>`;

export function Tokens() {
  const list = useList('/tokens', {}, 200, (event) => event.kind === 'people');
  const [open, set] = useState(null);
  const [made, setMade] = useState('');
  const done = (answer) => {
    setMade(answer?.token || '');
    list.reload();
  };
  return html`<${Page} title="Tokens" command=${command('token', 'list')} side=${html`<button type="button" class="primary" aria-haspopup="dialog" onClick=${() => set('make')}>Make a token …</button>`}>
    ${can('people.read') && html`<${Tabs} label="people, tokens, webhooks" tabs=${peopleTabs()} at="tokens" />`}
    <div role="status">${made && html`<${Notice} tone="good" title="The token, shown once:"><${Command} text=${made} label="token" /><//>`}</div>
    <${Trouble} problem=${list.problem} retry=${list.reload} />
    <div class="scroll" tabindex="0" role="region" aria-label="table of tokens"><table>
      <thead><tr><th scope="col">name</th><th scope="col">of</th><th scope="col">may</th><th scope="col">made (${zoneOf()})</th><th scope="col">ends (${zoneOf()})</th><th scope="col">last used (${zoneOf()})</th><th scope="col">change</th></tr></thead>
      <tbody>${list.items.map((token) => html`<${Row} key=${token.id} token=${token} onEnd=${() => set(token)} />`)}</tbody></table></div>
    ${list.done && list.items.length === 0 ? html`<p class="dim">No token yet.</p>` : html`<${ListFoot} list=${list} what="tokens" />`}
    ${open === 'make' ? html`<${Make} onClose=${() => set(null)} done=${done} />` : open && html`<${End} token=${open} onClose=${() => set(null)} done=${done} />`}
  <//>`;
}
