// story.mjs: what `make demo` tells with commands, by clicks: two people, two browsers. node story.mjs FILE, a file of JSON:
// {"link", "base", "campaigns": a folder}. What no browser can do, test_story.py does when it is asked.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faults, openBrowser } from './browser.mjs';
import { begin, PEOPLE } from './arrive.mjs';
import { buttonsOf } from './buttons.mjs';
import { Person, say } from './person.mjs';

const told = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const GOOD = 'brake-2.4.1', BAD = 'brake-2.5.0-bad', BACK = 'brake-2.4.1-paris';

const PARIS = `wavegate: 1
campaign: ${BACK}
release: brake-controller/2.4.1
rollback_to: brake-controller/2.3.7
target:
  all:
    - region: [FR]
approvals: {role: rollout-admin, count: 1}
waves:
  - {name: first, count: 1, gate: {success: ">= 99%", soak: 1s, approvals: {role: rollout-admin, count: 1}}}
  - {name: rest, remaining: true}
timeout: {offer: 30s, download: 30s, install: 30s, probation: 30s, silent: 1m}
`;

const browsers = [];
const everybody = [];

async function person(name, browser) {
  const made = await Person.at(browser, told.base, name);
  everybody.push(made);
  return made;
}

// Nothing went wrong on anybody's page that the story does not tell.
function wellBehaved() {
  for (const one of everybody) {
    assert.deepEqual(one.refused, [], one.name);
    assert.deepEqual(faults(one.wrong), [], one.name);
  }
}

async function tag(dave) {
  await dave.signIn();
  await dave.menu('Devices', 'dev-05');
  await dave.click('Tag …');
  await dave.answer('Tag dev-05', { fill: { Tag: 'do-not-disturb' }, verb: 'Tag it', command: 'wavegate device tag dev-05 +do-not-disturb' });
  await dave.click('take the tag do-not-disturb away', dave.page.locator('main'));
  await dave.click('Not now', dave.page.getByRole('dialog'));
}

async function plan(alice, { file, text }) {
  await alice.menu('Campaigns', 'Plan a campaign');
  if (file) await alice.page.locator('input[type=file]').setInputFiles(join(told.campaigns, file));
  else await alice.page.getByLabel('The campaign file').fill(text);
  await alice.sees('✓ valid');
  await alice.click('Plan it');
  await alice.page.getByRole('heading', { name: /^The plan: / }).waitFor();
}

async function apply(alice, name, says) {
  await alice.click('Apply …');
  await alice.answer(`Apply ${name}`, { says, verb: 'Sign and apply', command: `wavegate campaign apply ${name}.yaml` });
  await alice.heading(name);
}

const lead = (who) => who.page.locator('.lead');
const wave = (who, name) => who.page.locator('.wave').filter({ has: who.page.locator('h3', { hasText: name }) });
const steer = (who, name) => who.page.getByRole('group', { name });

async function goodBegins(alice, bob) {
  await say('tell', { what: 'the plan; applied with the key of one browser, approved with that of another' });
  await bob.menu('Campaigns');
  await bob.sees('There is no such campaign.');
  await plan(alice, { file: `${GOOD}.yaml` });
  await alice.page.locator('.figure').filter({ hasText: 'devices in it' }).getByText('20', { exact: true }).waitFor();
  await alice.sees('do-not-disturb');
  await apply(alice, GOOD, ['20 devices get brake-controller 2.4.1, in 3 waves.']);
  await alice.sees('You applied this campaign: somebody else approves it.');
  assert.equal(await alice.page.getByRole('button', { name: /^Approve/ }).count(), 0);
  await bob.follow(GOOD); // came by itself
  await bob.sees('awaiting-approval', lead(bob));
  await bob.sees('Wave canary opens to 3 devices');
  await bob.click('Approve the start');
  await bob.sees('You approved the start.');
  await alice.sees('running', lead(alice)); // without a click
}

async function steered(alice, bob) {
  await say('tell', { what: 'paused, resumed, held, approved' });
  await bob.click('Pause …');
  await bob.answer(`Pause ${GOOD}`, { says: ['No more devices are offered the update.'], reason: 'lunch', verb: 'Pause', command: `wavegate campaign pause ${GOOD} --reason lunch` });
  await alice.sees('paused by bob: lunch');
  await alice.click('Resume …');
  await alice.answer(`Resume ${GOOD}`, { says: ['It goes on'], verb: 'Resume' });
  await bob.sees('running', lead(bob));
  await wave(alice, 'canary').getByText('at-gate').first().waitFor();
  await alice.click('Hold gate: wave canary');
  await alice.answer(`Hold the gate of wave canary of ${GOOD}`, { says: ['does not pass, whatever its figures'], reason: 'one more look', verb: 'Hold gate', command: '--wave canary' });
  await wave(bob, 'canary').getByText('one more look').first().waitFor();
  await bob.click('Approve wave canary');
  await bob.sees('You approved wave canary.');
  await wave(alice, 'canary').getByText(/1 of 1 by rollout-admin: bob/).waitFor();
  assert.equal(await wave(alice, 'canary').getByText('at-gate').count() > 0, true, 'held');
}

// Nothing is applied: a plan changes nothing.
async function difference(alice) {
  await alice.follow('File', alice.page.locator('main'));
  await alice.follow('Change it …');
  const area = alice.page.getByLabel('The campaign file');
  await alice.page.waitForFunction(() => document.querySelector('textarea').value.includes('in_flight: 8'));
  await area.fill((await area.inputValue()).replace('in_flight: 8', 'in_flight: 7'));
  await alice.sees('✓ valid');
  await alice.click('Plan it');
  const table = alice.page.getByRole('table', { name: 'Difference to the file that is applied' });
  await table.getByText('in_flight: 7').waitFor();
  await table.getByText('in_flight: 8').waitFor();
  await alice.menu('Campaigns', GOOD);
}

async function lost(alice, bob) {
  await say('tell', { what: 'the server dies; meanwhile the campaign ends; it is back' });
  await alice.click('Let the gate decide: wave canary');
  await alice.answer(`Let the gate of wave canary of ${GOOD} decide`, { verb: 'Let the gate decide' });
  await bob.page.locator('.wave.passed').first().waitFor();
  await say('kill');
  for (const who of [alice, bob]) await who.page.getByRole('status').filter({ hasText: /^Reconnecting since .*: what you see is of \d\d:\d\d:\d\d CET\.$/ }).waitFor();
  await bob.page.locator('header').getByText('reconnecting').waitFor();
  assert.equal(await bob.page.locator('.lead').getByText('running').count(), 1, 'what it knew stands');
  await bob.click('Pause …');
  const dialog = await bob.answer(`Pause ${GOOD}`, { verb: 'Pause' });
  await bob.sees('The server cannot be reached.', dialog);
  await bob.click('Not now', dialog);
  await say('restart_when', { name: GOOD, state: 'finished' });
  for (const who of [alice, bob]) {
    await who.sees('finished', lead(who));
    await who.sees('20 of 20 succeeded');
    await who.page.locator('.live.good').waitFor();
    who.refused.length = who.wrong.length = 0; // while it was away
  }
}

async function bad(alice, bob) {
  await say('tell', { what: 'a release that fails its health check' });
  await plan(alice, { text: readFileSync(join(told.campaigns, `${BAD}.yaml`), 'utf8') });
  await apply(alice, BAD, ['24 devices get brake-controller 2.5.0']);
  await bob.menu('Campaigns', BAD);
  await bob.click('Approve the start');
  await alice.sees('aborted', lead(alice));
  await alice.sees(/budget/);
  await bob.sees('aborted', lead(bob));
}

async function failures(bob) {
  const { places } = await say('places', { name: BAD });
  const failed = Object.keys(places).filter((id) => places[id] === 'rolled-back').sort();
  await bob.follow('Failures', bob.page.locator('main'));
  await bob.sees(new RegExp(`^${failed.length} devices failed, 0 succeeded; 1 cause`));
  await bob.page.getByRole('heading', { name: /pedal sensor does not answer/ }).waitFor();
  await bob.follow(failed[0]);
  await bob.heading(failed[0]);
  await bob.page.getByRole('table').getByText('rolled-back').first().waitFor();
  await bob.follow('Logs', bob.page.locator('main'));
  await bob.sees(/pedal sensor does not answer|attempt 1/);
  await bob.follow('Why', bob.page.locator('main'));
  await bob.sees(BAD);
  return failed[0];
}

// What has ended is tried again by a campaign of that one device, which is aborted before it begins.
async function retried(alice, device) {
  await say('tell', { what: `${device} is retried: a campaign of its own, aborted by its typed name` });
  await alice.menu('Devices', device);
  await alice.click('Retry …');
  await alice.answer(`Retry ${device}`, { fill: { Campaign: BAD }, reason: 'sensor was changed', verb: 'Retry', command: `wavegate device retry ${device} --campaign ${BAD}` });
  const made = `${BAD}-retry`;
  await alice.sees(`${made} was made, for 1 device`);
  assert.deepEqual(alice.refused.splice(0), [`409 POST /api/v1/devices/${device}/retry`], 'it takes a campaign, which is signed');
  alice.wrong.length = 0;
  await alice.menu('Campaigns', made);
  await alice.click('Abort …');
  await alice.answer(`Abort ${made}`, { says: ['The campaign ends, and cannot be resumed.'], reason: 'enough', typed: made, verb: 'Abort' });
  await alice.sees('aborted', lead(alice));
}

async function paris(alice, bob) {
  await say('tell', { what: 'a third campaign; one device is cancelled; it is rolled back' });
  await plan(alice, { text: PARIS });
  await apply(alice, BACK, ['3 devices get brake-controller 2.4.1']);
  await bob.menu('Campaigns', BACK);
  await bob.click('Approve the start');
  await wave(alice, 'first').getByText('at-gate').first().waitFor();
}

// Rights that are taken away while a question stands open: the server's answer in words, then the buttons go; given back, they come.
async function rights(alice, olga) {
  await say('tell', { what: 'rights that end, and come back' });
  const change = async (role) => {
    await olga.click('Roles: alice');
    const dialog = olga.page.getByRole('dialog', { name: 'Roles of alice' });
    await dialog.locator('fieldset select').selectOption(role);
    await olga.answer('Roles of alice', { verb: 'Change', command: 'wavegate people' });
    await dialog.waitFor({ state: 'detached' });
  };
  await alice.click('Abort …');
  await change('auditor');
  const dialog = await alice.answer(`Abort ${BACK}`, { typed: BACK, verb: 'Abort' });
  await alice.sees(/alice may not/, dialog.getByRole('alert'));
  await alice.click('Not now', dialog);
  await steer(alice, 'steer the campaign').waitFor({ state: 'detached' });
  await change('rollout-admin');
  await steer(alice, 'steer the campaign').waitFor();
  assert.deepEqual([...new Set(alice.refused.splice(0))], [`403 POST /api/v1/campaigns/${BACK}/abort`]);
  alice.wrong.length = 0;
}

// Each role sees the buttons of what it may, and no others; a page that it may not read says so.
async function roles(browser, device) {
  for (const [name, role] of Object.entries(PEOPLE)) {
    const who = await person(name, browser);
    await who.signIn();
    await say('tell', { what: `${role}: ${await buttonsOf(who, { campaign: BACK, wave: 'first', device })}` });
    assert.deepEqual(faults(who.wrong), []);
    await who.context.close();
    everybody.pop();
  }
}

async function supported(sue, alice) {
  const { places } = await say('places', { name: BACK });
  const waiting = Object.keys(places).find((id) => places[id] === 'waiting');
  await sue.signIn();
  await sue.menu('Devices', waiting);
  await sue.click('Cancel …');
  await sue.answer(`Cancel ${waiting}`, { fill: { Campaign: BACK }, reason: 'being repaired', verb: 'Cancel', command: '--reason \'being repaired\'' });
  await sue.page.getByRole('table').getByText('withdrawn').first().waitFor();
  await alice.menu('Devices', waiting);
  await sue.click('Quarantine …');
  await sue.answer(`Quarantine ${waiting}`, { says: ['is offered nothing more'], reason: 'smells', verb: 'Quarantine', command: `wavegate device quarantine ${waiting} --reason smells` });
  await alice.sees('In quarantine');
  await sue.click('Clear alarms …');
  await sue.answer(`Clear alarms ${waiting}`, { reason: 'aired', verb: 'Clear alarms' });
  await alice.page.getByText('In quarantine').waitFor({ state: 'detached' });
}

async function rolledBack(alice, bob) {
  await alice.menu('Campaigns', BACK);
  await alice.click('Roll back …');
  await alice.answer(`Roll ${BACK} back`, { says: ['1 updated device is sent back to brake-controller/2.3.7 by a campaign of its own.'], reason: 'wrong notes', typed: BACK, verb: 'Roll back' });
  await alice.sees('rolled back by');
  await bob.sees('rolled back by');
  await bob.follow(`${BACK}-rollback`);
  await bob.sees('finished', lead(bob));
  await bob.sees('1 of 1 succeeded');
}

try {
  for (let i = 0; i < 2; i++) browsers.push(await openBrowser());
  const [one, two] = browsers;
  const olga = await person('olga', one);
  await begin(olga, told.link, two);
  const alice = await person('alice', one);
  const bob = await person('bob', two);
  for (const who of [alice, bob]) {
    await who.signIn();
    await who.giveKey();
  }
  const dave = await person('dave', two);
  await tag(dave);
  await goodBegins(alice, bob);
  await steered(alice, bob);
  await difference(alice);
  wellBehaved();
  await lost(alice, bob);
  olga.refused.length = olga.wrong.length = dave.refused.length = dave.wrong.length = 0;
  await bad(alice, bob);
  await say('check');
  const device = await failures(bob);
  await retried(alice, device);
  await paris(alice, bob);
  await rights(alice, olga);
  await roles(two, device);
  await supported(await person('sue', two), alice);
  await rolledBack(alice, bob);
  wellBehaved();
} catch (problem) {
  for (const one of everybody) {
    process.stderr.write(`== ${one.name} at ${one.page.url()}\n${one.refused.join('\n')}\n${one.wrong.join('\n')}\n`);
    if (process.env.STORY_SHOTS) await one.page.screenshot({ path: join(process.env.STORY_SHOTS, `${one.name}.png`) }).catch(() => {});
  }
  throw problem;
} finally {
  for (const browser of browsers) await browser.close();
}
process.exit(0);
