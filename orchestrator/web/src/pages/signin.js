// signin.js: by password and code, by certificate, or by somebody else's word (OpenID Connect).
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { ended, refresh, setUp, signIn } from '../session.js';
import { go, route, to } from '../router.js';
import { useThing } from '../thing.js';
import { Page } from '../parts/page.js';
import { Notice, Trouble } from '../parts/show.js';
import { NewPassword } from './invitation.js';
import { OpenidCode, OpenidTrouble } from './openid.js';

function Other({ ways }) {
  if (!ways) return null;
  const certificate = async () => {
    await refresh();
    location.reload();
  };
  return html`${(ways.openid || []).map((one) => html`<p key=${one.name}><a class="button" href=${one.url}>Sign in by ${one.name}</a></p>`)}
    ${ways.certificate && html`<p class="dim">With a client certificate in this browser nothing has to be typed: <button type="button" class="link" onClick=${certificate}>load the page again</button> and pick it.</p>`}`;
}

export function SignIn() {
  const ways = useThing('/sign-in-ways');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [second, askSecond] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const codeField = useRef(null);
  useEffect(() => {
    if (second) codeField.current?.focus();
  }, [second]);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await signIn(name.trim(), password, code.trim());
    } catch (found) {
      if (found.code === 'second-factor' && !code) askSecond(true);
      else setProblem(found);
    }
    setBusy(false);
  };
  const [noun, word] = route.value.names;
  if (noun === 'sign-in' && word === 'code') return html`<${Page} title="Sign in"><div class="narrow"><${OpenidCode} /><p><a href=${to(['fleet'])}>Begin again</a></p></div><//>`;
  return html`<${Page} title="Sign in">
    <div class="narrow">
      ${noun === 'sign-in' && html`<${OpenidTrouble} word=${word} />`}
      ${ended.value && html`<${Notice} tone="warn">Your session has ended. Sign in again: you come back to the same page.<//>`}
      ${ways.data?.setup && html`<${Notice} tone="warn" title="There is no owner yet."> The server’s first start has printed a one-time link: open it here.<//>`}
      ${ways.data?.password !== false && html`<form onSubmit=${submit}>
        <label>Name <input name="username" value=${name} onInput=${(event) => setName(event.target.value)} autocomplete="username" required autocapitalize="off" spellcheck=${false} /></label>
        <label>Password <input type="password" name="password" value=${password} onInput=${(event) => setPassword(event.target.value)} autocomplete="current-password" required /></label>
        ${second && html`<label>Code of your second factor <input ref=${codeField} name="code" value=${code} onInput=${(event) => setCode(event.target.value)} autocomplete="one-time-code" inputmode="numeric" pattern="[0-9]{6}" required /></label>`}
        <${Trouble} problem=${problem} />
        <div class="buttons"><button class="primary" disabled=${busy}>${busy ? 'Signing in …' : 'Sign in'}</button></div>
      </form>`}
      <${Other} ways=${ways.data} />
    </div>
  <//>`;
}

export function SetUp({ token }) {
  const [name, setName] = useState('');
  const run = async (password) => {
    await setUp(token, name.trim(), password);
    go(['me']);
  };
  return html`<${Page} title="Set up">
    <div class="narrow"><p>This link works once. Who uses it is the first owner, with the password given here.</p>
    <${NewPassword} run=${run} verb="Set it">
      <label>Name <input value=${name} onInput=${(event) => setName(event.target.value)} autocomplete="username" required autocapitalize="off" spellcheck=${false} /></label>
    <//><p><a href=${to(['fleet'])}>To the sign-in</a></p></div>
  <//>`;
}
