// plan.js: a campaign file, pasted or dropped: what is wrong with it, whom it would hit, what it changes; then apply.
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { at, get, post } from '../api.js';
import { act, command } from '../command.js';
import { canSign } from '../key.js';
import { go, route, to } from '../router.js';
import { can } from '../session.js';
import { signed } from '../sign.js';
import { plural } from '../words.js';
import { Ask } from '../parts/dialog.js';
import { Drop } from '../parts/fields.js';
import { Page } from '../parts/page.js';
import { Notice, Trouble } from '../parts/show.js';
import { needsKey } from './campaign_actions.js';
import { PlanView } from './plan_view.js';

const SETTLE_MS = 600;
const KEPT = 'wavegate-plan';
const isYaml = (name) => /\.ya?ml$/i.test(name);

// What is typed outlives a walk to another page, and a reload.
const draft = signal(kept());

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) || { file: '', files: {} };
  } catch {
    return { file: '', files: {} };
  }
}

function write(changes) {
  draft.value = { ...draft.value, ...changes };
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(draft.value));
  } catch {
    // too large to keep: then it is gone after a reload
  }
}

function take(files) {
  const beside = { ...draft.value.files };
  let file = draft.value.file;
  for (const { name, text } of files) {
    if (isYaml(name)) file = text;
    else beside[name] = text;
  }
  write({ file, files: beside });
}

// Asks while it is typed, once the typing rests.
function useValidation(text, files) {
  const [found, set] = useState(null);
  useEffect(() => {
    if (!text.trim()) return set(null);
    const timer = setTimeout(() => {
      post('/campaigns/validate', { file: text, files }).then(set, (problem) => set(problem.problems?.length ? { valid: false, problems: problem.problems } : { trouble: problem }));
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text, files]);
  return found;
}

function moveTo(area, line, column) {
  const before = area.value.split('\n').slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const place = before + Math.max(0, (column || 1) - 1);
  area.focus();
  area.setSelectionRange(place, place);
  const height = parseFloat(getComputedStyle(area).lineHeight) || 18;
  area.scrollTop = Math.max(0, (line - 4) * height);
}

const Problems = ({ of, area }) => html`<div class="notice bad" role="status">
  <strong>${plural(of.length, 'problem')}</strong>
  <ol class="problems">${of.map((problem, i) => html`<li key=${i}>
    ${problem.line ? html`<button type="button" class="link" onClick=${() => moveTo(area.current, problem.line, problem.column)}>${problem.file && !isYaml(problem.file) ? `${problem.file}, ` : ''}line ${problem.line}, column ${problem.column}</button>: ` : ''}${problem.error || problem.detail || `expected ${problem.expected}, found ${problem.found}`}
    ${problem.source && html`<pre>${problem.source}${problem.column ? `\n${' '.repeat(problem.column - 1)}^` : ''}</pre>`}
    ${problem.hint && html`<p class="dim">${problem.hint}</p>`}</li>`)}</ol></div>`;

function Beside({ files }) {
  const names = Object.keys(files);
  if (!names.length) return null;
  const drop = (name) => {
    const rest = { ...files };
    delete rest[name];
    write({ files: rest });
  };
  return html`<p>Beside it: ${names.map((name) => html`<span class="chip" key=${name}>${name} <button type="button" class="link" aria-label="take ${name} away" onClick=${() => drop(name)}>✕</button></span> `)}</p>`;
}

async function apply({ file, files }, plan) {
  const sealed = await signed(plan.statement, { kind: 'apply', campaign: plan.campaign, digest: plan.digest });
  const answer = await post('/campaigns', { file, files, ...sealed });
  sessionStorage.removeItem(KEPT);
  draft.value = { file: '', files: {} };
  go(['campaigns', plan.campaign]);
  return answer;
}

function Apply({ plan, text }) {
  const [open, set] = useState(false);
  if (!can('campaign.apply')) return html`<p class="dim">Your roles do not apply campaigns.</p>`;
  if (plan.unready) return null;
  if (plan.applied) return html`<p>It is applied already, just so.</p>`;
  const blocked = !canSign() ? needsKey : !plan.statement ? 'The server gave nothing to sign: it would not let you apply this.' : '';
  return html`<div class="buttons"><button type="button" class="primary" aria-haspopup="dialog" onClick=${() => set(true)}>Apply …</button></div>
    ${open && html`<${Ask} title="Apply ${plan.campaign}" verb="Sign and apply" blocked=${blocked}
      consequence=${html`<p>${plural(plan.members, 'device')} get ${plan.component} ${plan.version}, in ${plural(plan.waves.length, 'wave')}. At worst ${plural(plan.worst_harm, 'device is', 'devices are')} harmed before it stops.</p>`}
      commandOf=${() => act('campaign', 'apply', `${plan.campaign}.yaml`)} run=${() => apply(text, plan)} onClose=${() => set(false)} />`}`;
}

export function Plan() {
  const from = route.value.query.get('campaign');
  const area = useRef(null);
  const [plan, setPlan] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const { file, files } = draft.value;
  const found = useValidation(file, files);
  useEffect(() => {
    if (from) get(at`/campaigns/${from}/file`).then((got) => write({ file: got.file || '', files: got.files || {} }), setProblem);
  }, [from]);
  useEffect(() => setPlan(null), [file, files]);
  const ask = async () => {
    setBusy(true);
    setProblem(null);
    try {
      setPlan(await post('/campaigns/plan', { file, files }));
    } catch (caught) {
      setProblem(caught);
    }
    setBusy(false);
  };
  const problems = found?.problems?.length ? found.problems : problem?.problems?.length ? problem.problems : null;
  return html`<${Page} title=${from ? `Change ${from}` : 'Plan a campaign'} trail=${[['Campaigns', to(['campaigns'])]]} command=${command('campaign', 'plan', 'FILE.yaml')}>
    <${Drop} onFiles=${take} label="The file, and files beside it, from this machine">
      <label for="yaml">The campaign file (paste it, or drop it here with the files beside it)</label>
      <textarea id="yaml" ref=${area} rows="16" spellcheck=${false} autocapitalize="off" value=${file} onInput=${(event) => write({ file: event.target.value })}></textarea>
    <//>
    <${Beside} files=${files} />
    ${problems ? html`<${Problems} of=${problems} area=${area} />` : found?.valid && html`<p class="good" role="status">✓ valid</p>`}
    <${Trouble} problem=${found?.trouble} />
    ${!problems && html`<${Trouble} problem=${problem} />`}
    <div class="buttons"><button type="button" class="primary" disabled=${!file.trim() || busy} onClick=${ask}>${busy ? 'Planning …' : 'Plan it'}</button> <span class="dim">changes nothing</span></div>
    ${plan && html`<${PlanView} plan=${plan} after=${file} /><${Apply} plan=${plan} text=${draft.value} />`}
    ${!file && html`<${Notice}>A plan says whom a campaign would hit, wave by wave, who is left out and why, and how many devices can be harmed at worst.<//>`}
  <//>`;
}
