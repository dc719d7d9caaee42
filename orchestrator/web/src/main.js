// main.js: the frame around all pages: who, where, is it live; and which page an address is.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { html } from './html.js';
import { loadKey } from './key.js';
import { open, stop, stream } from './live.js';
import { listen, route, said, to } from './router.js';
import { can, me, refresh, signOut } from './session.js';
import { forget } from './thing.js';
import { setTheme, theme, THEMES } from './theme.js';
import { clock, exact, span, zoneOf } from './time.js';
import { Audit } from './pages/audit.js';
import { Campaign } from './pages/campaign.js';
import { CampaignDevices, CampaignFile, CampaignHistory } from './pages/campaign_more.js';
import { Campaigns } from './pages/campaigns.js';
import { Device } from './pages/device.js';
import { Devices } from './pages/devices.js';
import { Failures } from './pages/failures.js';
import { Fleet } from './pages/fleet.js';
import { Health } from './pages/health.js';
import { Invitation } from './pages/invitation.js';
import { Key } from './pages/key.js';
import { Me } from './pages/me.js';
import { People } from './pages/people.js';
import { Plan } from './pages/plan.js';
import { Release, Releases } from './pages/releases.js';
import { SetUp, SignIn } from './pages/signin.js';
import { Tokens } from './pages/tokens.js';
import { Webhook, Webhooks } from './pages/webhooks.js';
import { Page } from './parts/page.js';
import { Trouble } from './parts/show.js';

const NAV = [
  ['fleet', 'Fleet', 'device.read'],
  ['devices', 'Devices', 'device.read'],
  ['campaigns', 'Campaigns', 'campaign.read'],
  ['releases', 'Releases', 'release.read'],
  ['audit', 'Audit', 'audit.read'],
  ['people', 'People', 'people.read'],
];
const WITHIN = { health: 'fleet', plan: 'campaigns', tokens: 'people', webhooks: 'people', key: 'me' };

const OF_CAMPAIGN = { devices: CampaignDevices, failures: Failures, history: CampaignHistory, file: CampaignFile };
const SINGLE = { fleet: Fleet, health: Health, devices: Devices, campaigns: Campaigns, plan: Plan, releases: Releases, audit: Audit, people: People, tokens: Tokens, webhooks: Webhooks, key: Key, me: Me };

function pageOf([noun, name, part]) {
  if (!noun || noun === 'sign-in') return html`<${Fleet} />`;
  if (noun === 'setup' && name) return html`<${SetUp} token=${name} />`;
  if (noun === 'invitation' && name) return html`<${Invitation} key=${name} token=${name} />`;
  if (noun === 'devices' && name) return html`<${Device} key=${name} id=${name} />`;
  if (noun === 'campaigns' && part && OF_CAMPAIGN[part]) return html`<${OF_CAMPAIGN[part]} key=${name} name=${name} />`;
  if (noun === 'campaigns' && name) return html`<${Campaign} key=${name} name=${name} />`;
  if (noun === 'releases' && name && part) return html`<${Release} key=${name + part} component=${name} version=${part} />`;
  if (noun === 'webhooks' && name) return html`<${Webhook} key=${name} id=${name} />`;
  if (SINGLE[noun]) return html`<${SINGLE[noun]} />`;
  return html`<${Page} title="Not found"><p>There is no such page. <a href=${to(['fleet'])}>To the fleet</a></p><//>`;
}

function Ticking({ from }) {
  const [now, set] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return span(now - from);
}

// The seconds tick for the eye alone: a screen reader is told once.
function Live() {
  const { state, since, of } = stream.value;
  if (state === 'live') return html`<span class="live good" title="last heard ${exact(of)}"><span aria-hidden="true">●</span> live</span>`;
  if (state === 'connecting') return html`<span class="live dim"><span aria-hidden="true">○</span> connecting</span>`;
  return html`<span class="live warn"><span aria-hidden="true">○</span> reconnecting <span aria-hidden="true">(<${Ticking} from=${since} />)</span></span>`;
}

function Broken() {
  const { state, since, of } = stream.value;
  const broken = state === 'broken';
  return html`<div role="status" class=${broken ? 'banner' : ''}>
    ${broken && html`Reconnecting <span aria-hidden="true">since <${Ticking} from=${since} /></span>: what you see is of ${clock(of)} ${zoneOf()}.`}</div>`;
}

const Theme = () => html`<label class="inline small">Colours <select value=${theme.value} onChange=${(event) => setTheme(event.target.value)}>
  ${THEMES.map((name) => html`<option key=${name} value=${name} selected=${name === theme.value}>${name}</option>`)}</select></label>`;

function Head() {
  const noun = route.value.names[0] || 'fleet';
  const at = WITHIN[noun] || noun;
  return html`<header><a class="brand" href=${to(['fleet'])}>Wavegate</a>
    <nav aria-label="main">${NAV.filter(([, , permission]) => can(permission)).map(([id, text]) => html`<a key=${id} href=${to([id])} aria-current=${id === at ? 'page' : undefined}>${text}</a>`)}</nav>
    <div class="right"><${Live} /><a href=${to(['me'])} aria-current=${at === 'me' ? 'page' : undefined} aria-label="you: ${me.value.name}">${me.value.name}</a>
      <button type="button" class="small" onClick=${() => signOut().catch(() => {})}>Sign out</button></div></header>`;
}

const skip = (event) => {
  event.preventDefault();
  document.querySelector('h1')?.focus();
};

function App() {
  const inside = Boolean(me.value);
  useEffect(() => {
    if (!inside) {
      stop();
      forget();
      return;
    }
    open();
  }, [inside]);
  const { names } = route.value;
  return html`<a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <div class="hidden" role="status">${said.value}</div>
    ${inside && html`<${Head} /><${Broken} />`}
    <main id="main">${inside || names[0] === 'setup' || names[0] === 'invitation' ? pageOf(names) : html`<${SignIn} />`}</main>
    <footer class="dim small">Times are local: ${zoneOf()}. <${Theme} /> <a href="licenses.txt">Licences</a></footer>`;
}

async function begin() {
  const root = document.getElementById('app');
  try {
    await Promise.all([refresh(), loadKey()]);
  } catch (problem) {
    render(html`<main><h1>Wavegate</h1><${Trouble} problem=${problem} retry=${begin} /></main>`, root);
    return;
  }
  root.textContent = '';
  listen();
  render(html`<${App} />`, root);
}

begin();
