// invitation.js: who was invited chooses a password, by the link that an owner gave them: #/invitation/TOKEN.
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { post } from '../api.js';
import { accept } from '../session.js';
import { go, to } from '../router.js';
import { Page } from '../parts/page.js';
import { Trouble } from '../parts/show.js';

const LEAST = 12; // letters of a password

// Twice, so that a slip is seen; run(password) sets it.
export function NewPassword({ name, run, verb, children }) {
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const differ = again && again !== password;
  const submit = async (event) => {
    event.preventDefault();
    if (password !== again) return;
    setBusy(true);
    setProblem(null);
    try {
      await run(password);
    } catch (found) {
      setProblem(found);
    }
    setBusy(false);
  };
  return html`<form onSubmit=${submit}>
    ${children || html`<input class="hidden" name="username" autocomplete="username" value=${name} readonly tabindex="-1" aria-label="name" />`}
    <label>Password (at least ${LEAST} letters) <input type="password" value=${password} onInput=${(event) => setPassword(event.target.value)} minlength=${LEAST} autocomplete="new-password" required /></label>
    <label>The same again <input type="password" value=${again} onInput=${(event) => setAgain(event.target.value)} autocomplete="new-password" required aria-invalid=${differ ? 'true' : undefined} /></label>
    ${differ && html`<p class="bad" role="status">The two are not the same.</p>`}
    <${Trouble} problem=${problem} />
    <div class="buttons"><button class="primary" disabled=${busy || differ}>${busy ? 'Working …' : verb}</button></div>
  </form>`;
}

export function Invitation({ token }) {
  const [name, setName] = useState('');
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    post('/invitation/look', { token }).then((found) => setName(found.name), setProblem);
  }, [token]);
  const run = async (password) => {
    await accept(token, password);
    go(['me']);
  };
  return html`<${Page} title=${name ? `Welcome, ${name}` : 'An invitation'}>
    <div class="narrow">
      <${Trouble} problem=${problem} />
      ${name && html`<p>This link works once. Choose the password with which you sign in as <b>${name}</b>; then you may set a second factor, on the page behind.</p>
        <${NewPassword} name=${name} run=${run} verb="Come in" />`}
      <p><a href=${to(['fleet'])}>To the sign-in</a></p></div>
  <//>`;
}
