// pages.test.mjs: every page, in both themes and as wide as a phone: no error, no violation of the policy, nothing that axe
// calls serious, no other host asked, nothing that sticks out to the side.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { faults, modules, newPage, openBrowser, signIn } from './browser.mjs';
import { startMock } from './mock.mjs';
import { CODE, PASSWORD } from './mock_office.mjs';

const PAGES = [
  'fleet', 'health', 'health?kind=silent', 'devices', 'devices?q=dev-0004', 'devices/dev-000035', 'devices/dev-000007', 'devices/dev-000035?tab=timeline', 'devices/dev-000035?tab=logs',
  'devices/dev-000035?tab=explain', 'campaigns', 'campaigns?state=running', 'campaigns/brake-2.4.1', 'campaigns/brake-2.5.0', 'campaigns/gateway-5.1.0', 'campaigns/door-2.0.0',
  'campaigns/brake-2.4.1/devices', 'campaigns/brake-2.5.1-field/failures', 'campaigns/brake-2.4.1/history', 'campaigns/brake-2.4.1/file', 'plan', 'plan?campaign=brake-2.4.1', 'releases', 'releases/brake-controller/2.5.1', 'releases/brake-controller/2.4.1',
  'audit', 'people', 'tokens', 'webhooks', 'webhooks/1', 'webhooks/2', 'me', 'key', 'nowhere',
];

let mock, browser, axe;

before(async () => {
  mock = await startMock();
  browser = await openBrowser();
  axe = await readFile(join(modules, 'axe-core/axe.min.js'), 'utf8');
});
after(async () => {
  await browser?.close();
  await mock?.close();
});

// The page of this address stands, and has what it asked for.
async function settled(page) {
  await page.waitForFunction(() => document.querySelector('h1') && document.body.dataset.page === location.hash && !document.querySelector('[aria-busy]'));
}

// Through the debugger: the page's own policy stays as strict as it is.
async function seriousOn(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`);
}

for (const scheme of ['light', 'dark'])
  describe(`every page, ${scheme}`, () => {
    let at;
    before(async () => {
      at = await newPage(browser, { colorScheme: scheme });
      await signIn(at.page, mock.url, 'olga', PASSWORD, CODE);
    });
    for (const path of PAGES)
      test(path, async () => {
        await at.page.goto(`${mock.url}#/${path}`);
        await settled(at.page);
        assert.deepEqual(await seriousOn(at.page), []);
        assert.deepEqual(faults(at.wrong), []);
      });
    test('nothing was asked of another host', () => assert.deepEqual([...at.hosts], [new URL(mock.url).host]));
    test('sign-in and set-up', async () => {
      const other = await newPage(browser, { colorScheme: scheme });
      for (const path of ['', '#/setup/first-owner', '#/sign-in/over', '#/sign-in/code', '#/invitation/guest']) {
        await other.page.goto(mock.url + path);
        await settled(other.page);
        assert.deepEqual(await seriousOn(other.page), []);
      }
      assert.deepEqual(faults(other.wrong.filter((line) => !line.endsWith('/invitation/look'))), []);
      await other.context.close();
    });
  });

describe('as wide as a phone', () => {
  let at;
  before(async () => {
    at = await newPage(browser, { viewport: { width: 360, height: 740 }, hasTouch: true });
    await signIn(at.page, mock.url, 'olga', PASSWORD, CODE);
  });
  for (const path of PAGES)
    test(path, async () => {
      await at.page.goto(`${mock.url}#/${path}`);
      await settled(at.page);
      const over = await at.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(over, 0, `${over} px stick out`);
    });
});

test('words of devices stay words', async () => {
  const { page, context, wrong } = await newPage(browser);
  await signIn(page, mock.url, 'rita', PASSWORD);
  await page.goto(`${mock.url}#/devices/dev-000035?tab=timeline`);
  await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
  assert.equal(await page.locator('main img').count(), 0);
  assert.deepEqual(faults(wrong), []);
  await context.close();
});

describe('roles', () => {
  const SEES = { sam: ['Fleet', 'Devices', 'Campaigns', 'Releases'], ada: ['Fleet', 'Devices', 'Campaigns', 'Releases', 'Audit', 'People'], rita: ['Fleet', 'Devices', 'Campaigns', 'Releases'], olga: ['Fleet', 'Devices', 'Campaigns', 'Releases', 'Audit', 'People'] };
  const STEERS = { sam: false, ada: false, rita: true, olga: true };
  for (const [name, nouns] of Object.entries(SEES))
    test(`${name} sees what their role may`, async () => {
      const { page, context, wrong } = await newPage(browser);
      await signIn(page, mock.url, name, PASSWORD, name === 'olga' ? CODE : '');
      assert.deepEqual(await page.getByRole('navigation', { name: 'main' }).getByRole('link').allInnerTexts(), nouns);
      await page.goto(`${mock.url}#/campaigns/brake-2.5.1-field`);
      await page.getByRole('heading', { name: 'Waves' }).waitFor();
      assert.equal(await page.getByRole('button', { name: /^Abort/ }).count(), STEERS[name] ? 1 : 0);
      assert.deepEqual(faults(wrong), []);
      await context.close();
    });
});
