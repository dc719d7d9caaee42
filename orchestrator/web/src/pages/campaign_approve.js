// campaign_approve.js: one click approves: what it does stands beside the button, and so does the command.
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { at, post } from '../api.js';
import { act } from '../command.js';
import { consequence } from '../consequence.js';
import { canSign } from '../key.js';
import { can, me } from '../session.js';
import { signedAction } from '../sign.js';
import { Command } from '../parts/command.js';
import { Trouble } from '../parts/show.js';
import { needsKey } from './campaign_actions.js';

// Why this person cannot, or ''.
function blockedBy(campaign, given) {
  if (campaign.author === me.value.name) return 'You applied this campaign: somebody else approves it.';
  if (given?.includes(me.value.name)) return 'You have approved it; it waits for others.';
  if (!can('campaign.approve')) return `Your roles (${me.value.roles.join(', ') || 'none'}) do not approve campaigns.`;
  return '';
}

async function approve(campaign, wave) {
  const expected = { kind: 'approve', campaign: campaign.campaign, digest: campaign.digest, wave };
  const sealed = await signedAction(campaign.campaign, 'approve', wave, expected);
  return post(at`/campaigns/${campaign.campaign}/approve`, { ...sealed, ...(wave ? { wave } : {}) });
}

export function Approve({ campaign, wave, done }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const given = wave ? campaign.waves.find((one) => one.name === wave)?.approved_by : campaign.approved_by;
  const blocked = blockedBy(campaign, given);
  const what = wave ? `wave ${wave}` : 'the start';
  const click = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await approve(campaign, wave);
      done(`You approved ${what}.`);
    } catch (found) {
      setProblem(found);
    }
    setBusy(false);
  };
  return html`<div class="approve" role="group" aria-label="approval of ${what}">
    <p>${consequence('approve', campaign, wave).join(' ')}</p>
    ${blocked ? html`<p class="dim">${blocked}</p>` : html`
      ${canSign() ? html`<button type="button" class="primary" disabled=${busy} onClick=${click}>${busy ? 'Signing …' : `Approve ${what}`}</button>` : html`<p>${needsKey}</p>`}
      <${Command} text=${act('campaign', 'approve', campaign.campaign, wave ? { wave } : { start: true })} />`}
    <${Trouble} problem=${problem} />
  </div>`;
}
