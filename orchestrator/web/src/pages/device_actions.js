// device_actions.js: what can be done to one device, with a reason.
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { ask, at, get, post } from '../api.js';
import { act } from '../command.js';
import { canSign } from '../key.js';
import { can } from '../session.js';
import { signedAction } from '../sign.js';
import { Ask } from '../parts/dialog.js';
import { doneWords } from './campaign_actions.js';

const ACTIONS = {
  retry: { verb: 'Retry', may: 'device.retry', campaign: true, words: (id) => `${id} is offered the update of that campaign once more, beyond the attempts it has spent. Where it has ended there, that is a campaign of this one device, signed by you.` },
  cancel: { verb: 'Cancel', may: 'device.cancel', campaign: true, words: (id) => `The update of ${id} in that campaign is withdrawn. What has switched over already finishes or falls back by itself.` },
  quarantine: { verb: 'Quarantine', may: 'device.quarantine', danger: true, words: (id) => `${id} is offered nothing more, by any campaign, until its alarms are cleared. What it runs stays.` },
  clear: { verb: 'Clear alarms', may: 'device.quarantine', words: (id) => `The alarms of ${id} are closed, a quarantine ends: it may be offered updates again.` },
  revoke: { verb: 'Revoke', may: 'device.revoke', danger: true, typed: true, words: (id) => `${id} is offered nothing, no artifact is opened to it, and its certificate is refused.` },
  reinstate: { verb: 'Reinstate', may: 'device.revoke', words: (id) => `The revocation of ${id} is taken back.` },
};

function actionsFor(device) {
  const out = ['retry', 'cancel'];
  if (!device.quarantined_at) out.push('quarantine');
  if (device.quarantined_at || device.alarms) out.push('clear');
  out.push(device.revoked_at ? 'reinstate' : 'revoke');
  return out.filter((action) => can(ACTIONS[action].may));
}

function Which({ id, value, onChange }) {
  const [names, set] = useState(null);
  const load = () => {
    if (!names) get(at`/devices/${id}/explain`).then((data) => set(data.campaigns.filter((one) => one.wave).map((one) => one.campaign)), () => set([]));
  };
  return html`<label>Campaign <input list="campaigns-of" value=${value} onFocus=${load} onInput=${(event) => onChange(event.target.value.trim())} required autocomplete="off" spellcheck=${false} /></label>
    <datalist id="campaigns-of">${(names || []).map((name) => html`<option key=${name} value=${name} />`)}</datalist>`;
}

// What has ended never changes: trying it again is a campaign of that one device, which is signed.
async function actOn(id, action, body) {
  try {
    return await post(at`/devices/${id}/${action}`, body);
  } catch (problem) {
    if (problem.code !== 'needs-campaign' || !canSign()) throw problem;
    const sealed = await signedAction(body.campaign, 'retry-failed', null, { kind: 'apply' }, { device: id });
    return post(at`/devices/${id}/${action}`, { ...body, ...sealed });
  }
}

function Confirm({ action, device, onClose, done }) {
  const rule = ACTIONS[action];
  const [campaign, setCampaign] = useState('');
  const run = async (reason) => {
    const answer = await actOn(device.id, action, rule.campaign ? { reason, campaign } : { reason });
    done(doneWords(answer));
    return null;
  };
  return html`<${Ask} title="${rule.verb} ${device.id}" verb=${rule.verb} danger=${rule.danger} reason="needed" typed=${rule.typed ? device.id : ''}
    blocked=${rule.campaign && !campaign ? 'Say which campaign.' : ''} consequence=${html`<p>${rule.words(device.id)}</p>`}
    commandOf=${(reason) => act('device', action, device.id, { campaign: rule.campaign ? campaign || 'CAMPAIGN' : undefined, reason: reason || 'REASON' })}
    run=${run} onClose=${onClose}>
    ${rule.campaign && html`<${Which} id=${device.id} value=${campaign} onChange=${setCampaign} />`}
  <//>`;
}

// A tag that is given, or one that is taken away.
export function TagAsk({ device, drop, onClose, done }) {
  const [tag, set] = useState(drop || '');
  const run = async () => {
    const answer = await ask(drop ? 'DELETE' : 'PUT', at`/devices/${device.id}/tags/${tag}`, drop ? undefined : {});
    done(answer?.words || '');
    return null;
  };
  return html`<${Ask} title="${drop ? `Take the tag ${drop} from` : 'Tag'} ${device.id}" verb=${drop ? 'Take it away' : 'Tag it'} blocked=${tag ? '' : 'Say which tag.'}
    consequence=${html`<p>Campaigns choose devices by tags when they are applied: one that has begun keeps the devices it has.</p>`}
    commandOf=${() => act('device', 'tag', device.id, `${drop ? '-' : '+'}${tag || 'TAG'}`)} run=${run} onClose=${onClose}>
    ${!drop && html`<label>Tag <input value=${tag} onInput=${(event) => set(event.target.value.trim())} required autocomplete="off" spellcheck=${false} autocapitalize="off" /></label>`}
  <//>`;
}

export function Tags({ device, done }) {
  const [open, set] = useState(null);
  const edits = can('device.edit');
  const tags = device.tags || [];
  return html`${tags.map((tag) => html`<span class="chip" key=${tag}>${tag}${edits && html` <button type="button" class="link" aria-haspopup="dialog" aria-label="take the tag ${tag} away" onClick=${() => set({ drop: tag })}>✕</button>`}</span> `)}
    ${!tags.length && html`<span class="dim">– </span>`}${edits && html`<button type="button" class="small" aria-haspopup="dialog" onClick=${() => set({})}>Tag …</button>`}
    ${open && html`<${TagAsk} device=${device} drop=${open.drop} done=${done} onClose=${() => set(null)} />`}`;
}

export function DeviceButtons({ device, done }) {
  const [open, set] = useState('');
  const actions = actionsFor(device);
  return html`${actions.length > 0 && html`<div class="buttons" role="group" aria-label="what can be done">
    ${actions.map((action) => html`<button key=${action} type="button" aria-haspopup="dialog" class=${ACTIONS[action].danger ? 'danger' : ''} onClick=${() => set(action)}>${ACTIONS[action].verb} …</button>`)}</div>`}
    ${open && html`<${Confirm} action=${open} device=${device} done=${done} onClose=${() => set('')} />`}`;
}
