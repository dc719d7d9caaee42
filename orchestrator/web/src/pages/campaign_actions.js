// campaign_actions.js: the buttons that steer a campaign, and what each says before it does it.
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { at, post } from '../api.js';
import { act } from '../command.js';
import { consequence, offered, offeredGate } from '../consequence.js';
import { canSign } from '../key.js';
import { to } from '../router.js';
import { can } from '../session.js';
import { signedAction } from '../sign.js';
import { plural } from '../words.js';
import { Ask } from '../parts/dialog.js';

// verb: the button; path: the route; needs: a reason; typed: the campaign's name has to be typed
const ACTIONS = {
  start: { verb: 'Start', path: 'start', primary: true },
  resume: { verb: 'Resume', path: 'resume', primary: true },
  pause: { verb: 'Pause', path: 'pause' },
  freeze: { verb: 'Pause and hold', path: 'pause', body: { hold: true }, flags: { hold: true } },
  abort: { verb: 'Abort', path: 'abort', typed: true, danger: true },
  rollback: { verb: 'Roll back', path: 'rollback', typed: true, danger: true, needs: true, signs: true },
  'retry-failed': { verb: 'Retry failed', path: 'retry-failed', signs: true },
  hold: { verb: 'Hold gate', path: 'hold', wave: true, needs: true },
  unhold: { verb: 'Let the gate decide', path: 'unhold', wave: true },
  advance: { verb: 'Advance', path: 'advance', wave: true, needs: true },
};

const TITLES = {
  start: (name) => `Start ${name}`,
  resume: (name) => `Resume ${name}`,
  pause: (name) => `Pause ${name}`,
  freeze: (name) => `Pause ${name} and hold what is in hand`,
  abort: (name) => `Abort ${name}`,
  rollback: (name) => `Roll ${name} back`,
  'retry-failed': (name) => `Retry the devices that failed in ${name}`,
  hold: (name, wave) => `Hold the gate of wave ${wave} of ${name}`,
  unhold: (name, wave) => `Let the gate of wave ${wave} of ${name} decide`,
  advance: (name, wave) => `Advance wave ${wave} of ${name}`,
};

const commandOf = (action, name, wave, reason) => act('campaign', ACTIONS[action].path, name, { ...ACTIONS[action].flags, wave, reason });

async function run(action, name, wave, reason) {
  const rule = ACTIONS[action];
  const sealed = rule.signs ? await signedAction(name, action, wave, { kind: 'apply' }) : {};
  return post(at`/campaigns/${name}/${rule.path}`, { reason, ...rule.body, ...(wave ? { wave } : {}), ...sealed });
}

// What was done, as the server tells it; or which campaign was made.
export const doneWords = (answer) => answer?.words || (answer?.from && answer.campaign !== answer.from ? `${answer.campaign} was made, for ${plural(answer.devices, 'device')}: it is ${answer.state}.` : '');

export const needsKey = html`This needs your signature, and this browser has no key with a certificate. Use the command, or give this browser a key: <a href=${to(['key'])}>This browser’s key</a>.`;

function Confirm({ action, campaign, wave, onClose, done }) {
  const rule = ACTIONS[action];
  const name = campaign.campaign;
  const words = consequence(action, campaign, wave);
  return html`<${Ask} title=${TITLES[action](name, wave)} verb=${rule.verb} danger=${rule.danger} typed=${rule.typed ? name : ''}
    reason=${rule.needs ? 'needed' : 'asked'} blocked=${rule.signs && !canSign() ? needsKey : ''}
    consequence=${words.map((line) => html`<p>${line}</p>`)}
    commandOf=${(reason) => commandOf(action, name, wave, reason || (rule.needs ? 'REASON' : ''))}
    run=${async (reason) => {
      const answer = await run(action, name, wave, reason);
      done(doneWords(answer));
    }} onClose=${onClose} />`;
}

// What is asked stands until it is answered, also when the buttons go meanwhile: somebody else was faster, or rights have ended.
function Buttons({ actions, campaign, wave, label, done, small }) {
  const [open, set] = useState('');
  return html`${actions.length > 0 && html`<div class="buttons" role="group" aria-label=${label}>${actions.map((action) => {
      const rule = ACTIONS[action];
      return html`<button key=${action} type="button" aria-label=${wave ? `${rule.verb}: wave ${wave}` : undefined} aria-haspopup="dialog"
        class="${rule.danger ? 'danger' : rule.primary ? 'primary' : ''} ${small ? 'small' : ''}" onClick=${() => set(action)}>${rule.verb} …</button>`;
    })}</div>`}
    ${open && html`<${Confirm} action=${open} campaign=${campaign} wave=${wave} done=${done} onClose=${() => set('')} />`}`;
}

export function CampaignButtons({ campaign, done }) {
  const actions = can('campaign.steer') ? ['start', 'resume', 'pause', 'freeze', 'abort', 'rollback', 'retry-failed'].filter((action) => offered(action, campaign)) : [];
  return html`<${Buttons} actions=${actions} campaign=${campaign} label="steer the campaign" done=${done} />`;
}

export function GateButtons({ campaign, wave, done }) {
  const actions = can('campaign.steer') ? ['hold', 'unhold', 'advance'].filter((action) => offeredGate(action, campaign, wave)) : [];
  return html`<${Buttons} actions=${actions} campaign=${campaign} wave=${wave.name} label="the gate of wave ${wave.name}" done=${done} small />`;
}
