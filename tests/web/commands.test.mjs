// commands.test.mjs: every button shows the command that does the same: each button of each page is looked at, and each command is
// held against docs/command.md, which is printed from what the command takes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { faults, newPage, openBrowser, signIn } from './browser.mjs';
import { startMock } from './mock.mjs';
import { CODE, PASSWORD } from './mock_office.mjs';

const PAGES = [
  'fleet', 'health', 'health?kind=silent', 'devices', 'devices?region=AT&online=true&q=dev-01', 'devices/dev-000035', 'devices/dev-000007', 'devices/dev-000035?tab=logs', 'devices/dev-000035?tab=explain',
  'campaigns', 'campaigns/brake-2.4.1', 'campaigns/brake-2.5.0', 'campaigns/brake-2.5.1-field', 'campaigns/gateway-5.1.0', 'campaigns/door-2.0.0', 'campaigns/brake-2.4.1/devices', 'campaigns/brake-2.5.1-field/failures',
  'campaigns/brake-2.4.1/history', 'campaigns/brake-2.4.1/file', 'plan', 'releases', 'releases/brake-controller/2.5.1', 'releases/brake-controller/2.4.1', 'audit', 'people', 'tokens', 'webhooks', 'webhooks/1', 'webhooks/2',
];

// What changes what is seen and nothing else, or has its command on the page that it opens.
const SHOWS = /^(Copy|More|Try again|Look again|World|closer|farther|west|north|south|east|the whole world|load the page again)\b|^Copy the command$/;

// '### wavegate campaign approve NAME' and the flags below it, and those of every command.
function documented() {
  const text = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../docs/command.md'), 'utf8');
  const flagsOf = (part) => new Set([...part.matchAll(/^- `(--[a-z-]+)/gm)].map((found) => found[1]));
  const everywhere = flagsOf(text.split('## Flags of every command')[1].split('\n## ')[0]);
  const commands = new Map();
  for (const part of text.split('\n### wavegate ').slice(1)) commands.set(part.split(/\s+/).slice(0, 2).join(' '), flagsOf(part.split('\n## ')[0]));
  return { commands, everywhere };
}

const { commands, everywhere } = documented();

// Why a command is none, or ''.
function wrongWith(text) {
  const words = text.replace(/'[^']*'/g, 'QUOTED').split(/\s+/);
  if (words[0] === 'wavegate-pki') return '';
  if (words[0] !== 'wavegate') return 'it is not of wavegate';
  const flags = commands.get(`${words[1]} ${words[2]}`);
  if (!flags) return `there is no "${words[1]} ${words[2]}"`;
  const unknown = words.filter((word) => word.startsWith('--') && !flags.has(word) && !everywhere.has(word));
  return unknown.length ? `it takes no ${unknown.join(', ')}` : '';
}

let mock, browser, at;

before(async () => {
  mock = await startMock();
  browser = await openBrowser();
  at = await newPage(browser);
  await signIn(at.page, mock.url, 'olga', PASSWORD, CODE);
});
after(async () => {
  await browser?.close();
  await mock?.close();
});

const settled = (page) => page.waitForFunction(() => document.querySelector('h1') && document.body.dataset.page === location.hash && !document.querySelector('[aria-busy]') && !/Asking the server/.test(document.querySelector('main').innerText));

const textsOf = (within) => within.locator('.command code').allInnerTexts();

// The dialog of a button has its command; it is closed again.
async function commandsBehind(page, button) {
  await button.click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  const found = await textsOf(dialog);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  return found;
}

describe('every button of every page shows the command that does the same', () => {
  for (const path of PAGES)
    test(path, async () => {
      const { page } = at;
      await page.goto(`${mock.url}#/${path}`);
      await settled(page);
      await page.evaluate(() => document.querySelectorAll('main details').forEach((one) => (one.open = true)));
      const onPage = await textsOf(page.locator('main'));
      assert.ok(onPage.length > 0, 'the page itself has none');
      const wrong = onPage.map((text) => [text, wrongWith(text)]);
      for (const button of await page.locator('main button:visible').all()) {
        const name = (await button.getAttribute('aria-label')) || (await button.innerText());
        if (SHOWS.test(name)) continue;
        if ((await button.getAttribute('aria-haspopup')) === 'dialog') {
          const found = await commandsBehind(page, button);
          if (!found.length) wrong.push([name, 'its dialog has no command']);
          wrong.push(...found.map((text) => [`${name}: ${text}`, wrongWith(text)]));
        } else if (name !== 'Plan it') wrong.push([name, 'it has neither a dialog nor a command']);
      }
      assert.deepEqual(wrong.filter(([, why]) => why).map(([what, why]) => `${what}: ${why}`), []);
      assert.deepEqual(faults(at.wrong), []);
    });
});
