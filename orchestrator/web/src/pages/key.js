// key.js: this browser's key: what signs approvals with one click.
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { quote } from '../command.js';
import { canSign, dropKey, keepChain, key, makeKey } from '../key.js';
import { to } from '../router.js';
import { me } from '../session.js';
import { Ask } from '../parts/dialog.js';
import { Command } from '../parts/command.js';
import { Page } from '../parts/page.js';
import { Facts, Notice } from '../parts/show.js';
import { Time } from '../parts/time.js';

function download() {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([key.value.publicPem], { type: 'application/x-pem-file' }));
  link.download = `${me.value.name}.pub`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function issueCommand() {
  const role = me.value.roles.find((one) => one.endsWith('-admin')) || me.value.roles[0] || 'ROLE';
  return `wavegate-pki issue operator ${quote(me.value.name)} --role ${role} --public-key ${quote(`${me.value.name}.pub`)} --out out`;
}

function Chain({ fail }) {
  const [text, set] = useState('');
  const keep = async (event) => {
    event.preventDefault();
    await keepChain(text).catch(fail);
  };
  return html`<form onSubmit=${keep}><label for="chain">3. Paste the certificate chain it made (PEM)</label>
    <textarea id="chain" rows="8" spellcheck=${false} value=${text} onInput=${(event) => set(event.target.value)} placeholder="-----BEGIN CERTIFICATE-----"></textarea>
    <div class="buttons"><button class="primary" disabled=${!text.trim()}>Keep it</button></div></form>`;
}

function Steps({ fail }) {
  return html`<h2>The way to a certificate</h2>
    <label for="public">1. Its public key: save it, and give it to whoever has the operators’ authority</label>
    <textarea id="public" readonly rows="5" value=${key.value.publicPem}></textarea>
    <div class="buttons"><button type="button" onClick=${download}>Save ${me.value.name}.pub</button></div>
    <p>2. There, the key becomes a certificate:</p><${Command} text=${issueCommand()} />
    <${Chain} fail=${fail} />`;
}

export function Key() {
  const [problem, set] = useState('');
  const [asking, ask] = useState(false);
  const fail = (found) => set(found.message);
  const has = key.value;
  return html`<${Page} title="This browser’s key" trail=${[['You', to(['me'])]]}>
    <p>What moves a campaign is a statement signed with a person’s own key; the server has none of them, and devices check the signatures themselves.
      A key made here cannot be read out of this browser, not even by this page; whoever can use this browser profile can sign with it.</p>
    ${problem && html`<${Notice} tone="bad">${problem}<//>`}
    ${canSign() ? html`<${Notice} tone="good" title="Ready:"> one click approves, with this key.<//>` : null}
    ${!has && html`<div class="buttons"><button type="button" class="primary" onClick=${() => makeKey().catch(fail)}>Make a key</button></div>`}
    ${has && html`<${Facts} of=${[['kind', 'ECDSA, P-256'], ['key id', html`<code class="hash">${has.keyid}</code>`], ['made', html`<${Time} at=${has.madeAt} how="exact" />`], ['certificate', has.chain ? 'is here' : 'not yet']]} />
      ${!has.chain && html`<${Steps} fail=${fail} />`}
      ${has.chain && html`<details><summary>Certificate chain and public key</summary><pre tabindex="0" aria-label="certificate chain">${has.chain}${has.publicPem}</pre></details>`}
      <div class="buttons"><button type="button" class="danger" aria-haspopup="dialog" onClick=${() => ask(true)}>Destroy the key …</button></div>`}
    ${asking && html`<${Ask} title="Destroy this browser’s key" verb="Destroy" danger consequence=${html`<p>It cannot be had back. What it has signed stays signed; have its certificate revoked if somebody else could have used it.</p>`}
      commandOf=${() => `wavegate-pki revoke ${quote(me.value.name)}`} run=${dropKey} onClose=${() => ask(false)} />`}
  <//>`;
}
