// me.js: who is signed in, what they may, their password and second factor.
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { ask, post } from '../api.js';
import { me, refresh } from '../session.js';
import { to } from '../router.js';
import { canSign } from '../key.js';
import { Command } from '../parts/command.js';
import { Dialog } from '../parts/dialog.js';
import { Page } from '../parts/page.js';
import { Qr } from '../parts/qr.js';
import { Facts, Notice, Trouble } from '../parts/show.js';
import { Time } from '../parts/time.js';
import { grantWords } from './people_grants.js';

function useTry() {
  const [problem, setProblem] = useState(null);
  const attempt = (run) => async (event) => {
    event?.preventDefault();
    setProblem(null);
    try {
      await run();
    } catch (found) {
      setProblem(found);
    }
  };
  return [problem, attempt];
}

function Password() {
  const [old, setOld] = useState('');
  const [next, setNext] = useState('');
  const [done, setDone] = useState(false);
  const [problem, attempt] = useTry();
  const has = me.value.password;
  const change = attempt(async () => {
    await post('/me/password', has ? { old, new: next } : { new: next });
    await refresh();
    setOld('');
    setNext('');
    setDone(true);
  });
  return html`<section><h2>Password</h2><form onSubmit=${change} class="narrow">
    <input class="hidden" name="username" autocomplete="username" value=${me.value.name} readonly tabindex="-1" aria-label="name" />
    ${has ? html`<label>The one of now <input type="password" value=${old} onInput=${(event) => setOld(event.target.value)} autocomplete="current-password" required /></label>` : html`<p>None is set: with one you can sign in where your certificate is not.</p>`}
    <label>The new one (at least 12 letters) <input type="password" value=${next} minlength="12" onInput=${(event) => setNext(event.target.value)} autocomplete="new-password" required /></label>
    <${Trouble} problem=${problem} /><div role="status">${done && html`<${Notice} tone="good">It is set.<//>`}</div>
    <div class="buttons"><button>${has ? 'Change it' : 'Set it'}</button></div></form></section>`;
}

function Confirm({ secret, onClose }) {
  const [code, set] = useState('');
  const [problem, attempt] = useTry();
  const confirm = attempt(async () => {
    await ask('PUT', '/me/second-factor', { code: code.trim() });
    await refresh();
    onClose();
  });
  return html`<${Dialog} title="A second factor" onClose=${onClose}><form onSubmit=${confirm}>
    <p>Show this to your authenticator, or give it the secret below (or open <a href=${secret.uri}>this link</a> on the device that has it). Then type the code it shows.</p>
    <${Qr} text=${secret.uri} label="the secret as a QR code; the text of it is below" />
    <${Command} text=${secret.secret} label="secret of the second factor" />
    <label>Code <input value=${code} onInput=${(event) => set(event.target.value)} inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" required /></label>
    <${Trouble} problem=${problem} />
    <div class="buttons"><button type="button" onClick=${onClose}>Not now</button><button class="primary">Set it</button></div></form><//>`;
}

function Drop() {
  const [password, set] = useState('');
  const [problem, attempt] = useTry();
  const drop = attempt(async () => {
    await ask('DELETE', '/me/second-factor', { password });
    await refresh();
  });
  if (!me.value.password) return html`<p>It is set: signing in asks for a code. Who has no password here asks an owner to take it away.</p>`;
  return html`<form onSubmit=${drop} class="narrow"><p>It is set: signing in asks for a code.</p>
    <label>Your password, to take it away <input type="password" value=${password} onInput=${(event) => set(event.target.value)} autocomplete="current-password" required /></label>
    <${Trouble} problem=${problem} /><div class="buttons"><button class="danger">Take it away</button></div></form>`;
}

function Factor() {
  const [secret, setSecret] = useState(null);
  const [problem, attempt] = useTry();
  const begin = attempt(async () => setSecret(await post('/me/second-factor', {})));
  return html`<section><h2>Second factor</h2>
    ${me.value.second_factor ? html`<${Drop} />` : html`<p>None is set: a password, or the provider’s word, alone signs you in.</p><div class="buttons"><button type="button" onClick=${begin}>Set one …</button></div>`}
    <${Trouble} problem=${problem} />${secret && html`<${Confirm} secret=${secret} onClose=${() => setSecret(null)} />`}</section>`;
}

export function Me() {
  const of = me.value;
  return html`<${Page} title="You: ${of.name}">
    <${Facts} of=${[
      ['roles and scopes', of.grants ? of.grants.map(grantWords).join('; ') : of.roles.join(', ')],
      ['signed in by', of.signed_in_by === 'openid' ? 'OpenID Connect' : of.signed_in_by],
      ['session ends', of.session_ends_at ? html`<${Time} at=${of.session_ends_at} how="exact" />` : null],
      ['signs with', html`<a href=${to(['key'])}>${canSign() ? 'this browser’s key' : 'commands; this browser has no key with a certificate'}</a>`],
      ['tokens', html`<a href=${to(['tokens'])}>yours</a>`],
      ['server', of.version],
    ]} />
    <details><summary>What you may</summary><p>${of.permissions.join(', ') || 'nothing'}</p></details>
    <div class="columns">${(of.password || of.signed_in_by === 'certificate') && html`<${Password} />`}${(of.password || of.signed_in_by === 'openid') && html`<${Factor} />`}</div>
  <//>`;
}
