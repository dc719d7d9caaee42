// campaign.js: one campaign: how it stands, what it waits for, and what can be done about it.
import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { at } from '../api.js';
import { command } from '../command.js';
import { to } from '../router.js';
import { useThing } from '../thing.js';
import { GOOD, number, share, sum } from '../words.js';
import { Page, Tabs } from '../parts/page.js';
import { Facts, Gauge, Notice, Parts, Stale, State, Waiting } from '../parts/show.js';
import { Time } from '../parts/time.js';
import { CampaignButtons } from './campaign_actions.js';
import { partsOf, Waves } from './campaign_waves.js';
import { stateWords } from './campaigns.js';

export const campaignTabs = (name) => [
  ['', 'Standing', to(['campaigns', name])],
  ['devices', 'Devices', to(['campaigns', name, 'devices'])],
  ['failures', 'Failures', to(['campaigns', name, 'failures'])],
  ['history', 'History', to(['campaigns', name, 'history'])],
  ['file', 'File', to(['campaigns', name, 'file'])],
];

export const concerns = (name) => (event) => ['campaign', 'wave'].includes(event.kind) && (!event.subject || event.subject === name);

function all(campaign) {
  const devices = {};
  for (const wave of campaign.waves) for (const [state, count] of Object.entries(wave.devices || {})) devices[state] = (devices[state] || 0) + count;
  return devices;
}

function Rate({ of }) {
  if (!of) return null;
  return html`<${Gauge} label="offers in a minute" value=${of.in_the_last} max=${of.in_a_minute} tone="busy" note=${of.next && html`next <${Time} at=${of.next} zone />`} />`;
}

function Gauges({ of }) {
  const classes = Object.entries(of.failures_by_class || {}).map(([cause, count]) => `${number(count)} ${cause}`).join(', ');
  return html`<section aria-labelledby="gauges"><h2 id="gauges">Budget and pace</h2>
    <${Gauge} label="failures" value=${of.faults} max=${of.faults_tolerated} tone=${of.faults > of.faults_tolerated ? 'bad' : of.faults * 2 > of.faults_tolerated ? 'warn' : 'busy'}
      note=${[classes, of.budget?.on_exceeded ? `beyond: ${of.budget.on_exceeded}` : ''].filter(Boolean).join('; ')} />
    <${Gauge} label="in hand at once" value=${of.in_flight} max=${of.in_flight_max} tone="busy" />
    <${Rate} of=${of.rate} />
    ${of.window && html`<${Gauge} label="time zones with an open window" value=${of.window.open} max=${of.window.zones} tone="busy"
      note=${of.window.next && html`next <${Time} at=${of.window.next} zone />${of.window.next_in ? ` in ${of.window.next_in}` : ''}`} />`}
  </section>`;
}

function Remarks({ of }) {
  const last = of.said_last || {};
  return html`
    ${of.unsigned?.orders > 0 && html`<${Notice} tone="warn" title="${number(of.unsigned.orders)} orders wait for a signature:"> ${of.unsigned.why}<//>`}
    ${last.failure && html`<p><span class="dim">The last failure said:</span> ${last.failure}</p>`}
    ${last.put_off && html`<p><span class="dim">The last that put it off said:</span> ${last.put_off}</p>`}`;
}

const About = ({ of }) => html`<section aria-labelledby="about"><h2 id="about">About</h2>
  <${Facts} of=${[
    ['release', html`<a href=${to(['releases', of.component, of.version])}>${of.component} ${of.version}</a>`],
    of.rollback_to && ['back to', html`<a href=${to(['releases', ...of.rollback_to.split('/')])}>${of.rollback_to.replace('/', ' ')}</a>`],
    ['applied by', of.author],
    ['approvals of the start', of.approvals?.needed ? `${of.approvals.given} of ${of.approvals.needed} by ${of.approvals.role}${of.approved_by?.length ? `: ${of.approved_by.join(', ')}` : ''}` : 'none asked'],
    ['created', html`<${Time} at=${of.created_at} how="exact" />`],
    ['started', html`<${Time} at=${of.started_at} how="exact" none="not yet" />`],
    ['revision', number(of.revision)],
    ['priority', number(of.priority)],
    of.rolls_back && ['rolls back', html`<a href=${to(['campaigns', of.rolls_back])}>${of.rolls_back}</a>`],
    of.rolled_back_by && ['rolled back by', html`<a href=${to(['campaigns', of.rolled_back_by])}>${of.rolled_back_by}</a>`],
    of.lease && ['run by', of.lease.holder],
    ['digest', html`<code class="hash" title=${of.digest}>${of.digest?.slice(0, 16)}</code>`],
  ]} /></section>`;

function Standing({ of, done }) {
  const counts = all(of);
  return html`
    <p class="lead"><${State} is=${of.state}>${stateWords(of)}<//> ${of.waits_for || of.cause}</p>
    ${of.waits_for && of.cause && html`<p class="dim">${of.cause}</p>`}
    <div class="progress"><${Parts} parts=${partsOf(counts)} all=${of.members} label="all devices" />
      <span class="num">${number(sum(counts, GOOD))} of ${number(of.members)} succeeded (${share(sum(counts, GOOD), of.members)})</span></div>
    <${Remarks} of=${of} />
    <${CampaignButtons} campaign=${of} done=${done} />
    <div class="columns main"><${Waves} campaign=${of} done=${done} /><div><${Gauges} of=${of} /><${About} of=${of} /></div></div>`;
}

export function Campaign({ name }) {
  const thing = useThing(at`/campaigns/${name}`, concerns(name));
  const [words, say] = useState('');
  const done = (text) => {
    if (text) say(text);
    thing.reload();
  };
  return html`<${Page} title=${name} trail=${[['Campaigns', to(['campaigns'])]]} command=${command('campaign', 'status', name, { watch: true })}>
    <${Tabs} label="of this campaign" tabs=${campaignTabs(name)} at="" />
    <div role="status">${words && html`<${Notice} tone="good">${words}<//>`}</div>
    <${Waiting} of=${thing} /><${Stale} of=${thing} />
    ${thing.data && html`<${Standing} of=${thing.data} done=${done} />`}
  <//>`;
}
