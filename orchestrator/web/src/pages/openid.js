// openid.js: what is left to do, or was wrong, when the provider of OpenID Connect has sent the browser back: #/sign-in/WORD.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { go } from '../router.js';
import { finishOpenid } from '../session.js';
import { Notice, Trouble } from '../parts/show.js';

const WORDS = {
  away: 'The provider does not answer as it should. Try again in a minute, or sign in another way.',
  busy: 'Too many sign-ins from your address are under way. Try again in ten minutes.',
  over: 'This sign-in took too long, or its page was opened twice. Begin again.',
  browser: 'This sign-in was begun in another browser, or this one keeps no cookies. Begin again, here.',
  refused: 'The provider did not let you in, or you have turned back there.',
  answer: 'What the provider said does not hold, so nobody was let in. The server’s log says why.',
  'not-allowed': 'The provider knows you, but you are not among those who may come in here. Ask an owner.',
  nobody: 'The provider knows you, but nobody of your name was added here. Ask an owner to add you.',
  another: 'Another account of the provider is the one that belongs to your name here. Ask an owner to let go of it.',
  disabled: 'You may not come in: an owner said so.',
  failed: 'The server could not do it. Its log says why; try again.',
};

export const OpenidTrouble = ({ word }) => (Object.hasOwn(WORDS, word) ? html`<${Notice} tone="warn" title="You are not signed in."> ${WORDS[word]}<//>` : null);

export function OpenidCode() {
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const field = useRef(null);
  useEffect(() => field.current?.focus(), []);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await finishOpenid(code.trim());
      go(['fleet']);
    } catch (found) {
      if (found.code === 'over') go(['sign-in', 'over']);
      else setProblem(found);
    }
    setBusy(false);
  };
  return html`<form onSubmit=${submit}><p>The provider has said who you are. Now the second factor that you have set here.</p>
    <label>Code of your second factor <input ref=${field} name="code" value=${code} onInput=${(event) => setCode(event.target.value)} autocomplete="one-time-code" inputmode="numeric" pattern="[0-9]{6}" required /></label>
    <${Trouble} problem=${problem} />
    <div class="buttons"><button class="primary" disabled=${busy}>${busy ? 'Signing in …' : 'Sign in'}</button></div></form>`;
}
