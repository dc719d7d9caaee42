// buttons.mjs: which permission each button of the dashboard is for, held against what somebody sees on the real server.
import assert from 'node:assert/strict';

// address: {button: permission, or '' for everybody}; read: what the page itself asks for
const pages = ({ campaign, wave, device }) => ({
  fleet: { read: 'device.read', buttons: {} },
  health: { read: 'device.read', buttons: {} },
  devices: { read: 'device.read', buttons: {} },
  [`devices/${device}`]: {
    read: 'device.read',
    buttons: { 'Retry …': 'device.retry', 'Cancel …': 'device.cancel', 'Quarantine …': 'device.quarantine', 'Revoke …': 'device.revoke', 'Tag …': 'device.edit' },
  },
  campaigns: { read: 'campaign.read', buttons: { 'Plan a campaign': 'campaign.plan' } },
  [`campaigns/${campaign}`]: {
    read: 'campaign.read',
    buttons: Object.fromEntries(['Pause …', 'Pause and hold …', 'Abort …', 'Roll back …', `Hold gate: wave ${wave}`, `Advance: wave ${wave}`, 'Hold gate: wave rest'].map((name) => [name, 'campaign.steer'])),
  },
  [`campaigns/${campaign}/file`]: { read: 'campaign.read', buttons: { 'Change it …': 'campaign.plan' } },
  [`campaigns/${campaign}/failures`]: { read: 'campaign.read', buttons: {} },
  releases: { read: 'release.read', buttons: {} },
  audit: { read: 'audit.read', buttons: {} },
  people: { read: 'people.read', buttons: { 'Add a person …': 'people.manage' }, of: { 'Roles: ': 'people.manage', 'Remove: ': 'people.manage' } },
  tokens: { read: '', buttons: { 'Make a token …': '' } },
});

const settled = (page) => page.waitForFunction(() => document.querySelector('h1') && document.body.dataset.page === location.hash && !document.querySelector('[aria-busy]') && !/Asking the server/.test(document.querySelector('main').innerText));

const named = (page) => page.locator('main button[aria-haspopup=dialog], main a.button').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') || one.textContent.trim()));

async function page(who, permissions, address, { read, buttons, of = {} }) {
  const may = (permission) => !permission || permissions.includes(permission);
  who.refused.length = 0;
  await who.page.goto(`${who.base}#/${address}`);
  await settled(who.page);
  if (!may(read)) await who.sees(new RegExp(`${who.name} may not`), who.page.locator('main [role=alert]'));
  const found = await named(who.page);
  const rows = Object.keys(of);
  const single = found.filter((name) => !rows.some((row) => name.startsWith(row))).sort();
  assert.deepEqual(single, Object.keys(buttons).filter((name) => may(read) && may(buttons[name])).sort(), `${who.name} at ${address}`);
  for (const row of rows) assert.equal(found.some((name) => name.startsWith(row)), may(read) && may(of[row]), `${who.name} at ${address}: ${row}`);
  const told = await who.page.locator('main [role=alert]').allInnerTexts();
  if (may(read)) assert.deepEqual([told, who.refused], [[], []], `${who.name} at ${address}`);
  else {
    assert.match(told.join('\n'), new RegExp(`${who.name} may not`), `${who.name} at ${address}`);
    who.wrong.length = 0; // the browser tells of the 403 that was wanted
  }
  return found.length;
}

// How many buttons there were, in words.
export async function buttonsOf(who, world) {
  const me = await who.page.evaluate(async () => (await fetch('/api/v1/me')).json());
  let count = 0;
  for (const [address, wanted] of Object.entries(pages(world))) count += await page(who, me.permissions, address, wanted);
  return `${count} buttons, all of them of its permissions`;
}
