// dialog.js: asks before something is done: what it does, the command that does the same, a reason, a typed word.
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { Command } from './command.js';
import { Trouble } from './show.js';

export function Dialog({ title, onClose, children }) {
  const ref = useRef(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    const dialog = ref.current;
    dialog.showModal();
    return () => {
      dialog.close();
      if (before?.isConnected) before.focus();
    };
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${ref} aria-labelledby=${id} onCancel=${cancel}>
    <h2 id=${id}>${title}</h2>
    ${children}
  </dialog>`;
}

// reason: 'needed' | 'asked' | ''; typed: the word that has to be typed; commandOf(reason); run(reason) does it.
export function Ask({ title, consequence, reason, typed, commandOf, run, verb, danger, blocked, onClose, children }) {
  const [why, setWhy] = useState('');
  const [word, setWord] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const [done, setDone] = useState(null);
  const ready = !blocked && !busy && (reason !== 'needed' || why.trim()) && (!typed || word === typed);
  const submit = async (event) => {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    setProblem(null);
    try {
      const answer = await run(why.trim());
      if (answer?.words) setDone(answer.words);
      else onClose();
    } catch (found) {
      setProblem(found);
    }
    setBusy(false);
  };
  if (done)
    return html`<${Dialog} title=${title} onClose=${onClose}>
      <p role="status">${done}</p>
      <div class="buttons"><button type="button" onClick=${onClose} autofocus>Close</button></div>
    <//>`;
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <form onSubmit=${submit}>
      ${consequence && html`<div class="consequence ${danger ? 'bad' : ''}">${consequence}</div>`}
      ${children}
      ${reason && html`<label>Reason${reason === 'needed' ? '' : ' (kept for others; may be left out)'}
        <input value=${why} onInput=${(event) => setWhy(event.target.value)} maxlength="160" required=${reason === 'needed'} autocomplete="off" /></label>`}
      ${typed && html`<label>To do it, type <code>${typed}</code>
        <input value=${word} onInput=${(event) => setWord(event.target.value)} autocomplete="off" spellcheck=${false} autocapitalize="off" /></label>`}
      <p class="small dim">The same by command:</p>
      <${Command} text=${commandOf(why.trim())} />
      ${blocked && html`<p class="notice warn" role="note">${blocked}</p>`}
      <${Trouble} problem=${problem} />
      <div class="buttons">
        <button type="button" onClick=${onClose}>Not now</button>
        <button type="submit" class=${danger ? 'danger' : 'primary'} disabled=${!ready}>${busy ? 'Working …' : verb}</button>
      </div>
    </form>
  <//>`;
}
