// live.test.mjs: the stream of events and what it says when it breaks; 100,000 rows; addresses, focus, themes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { faults, newPage, openBrowser, signIn, tasksOf } from './browser.mjs';
import { startMock } from './mock.mjs';
import { PASSWORD } from './mock_office.mjs';

const LONG_MS = 50;

let mock, browser;

before(async () => {
  mock = await startMock();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await mock?.close();
});

async function opened(path, options) {
  const at = await newPage(browser, options);
  await signIn(at.page, mock.url, 'rita', PASSWORD);
  await at.page.goto(`${mock.url}#/${path}`);
  return at;
}

describe('the stream of events', () => {
  test('broken, it says since when, and of when what is shown is; whole again, everything is asked anew', async () => {
    const { page, context, wrong } = await opened('campaigns/brake-2.5.1-field');
    await page.locator('.live.good').waitFor();
    mock.refuseStreams(true);
    mock.breakStreams();
    const banner = page.getByRole('status').filter({ hasText: 'Reconnecting' });
    await banner.waitFor();
    assert.match(await banner.innerText(), /^Reconnecting since \d+ s: what you see is of \d\d:\d\d:\d\d CE?S?T\.$/);
    await page.waitForFunction(() => /since [2-9] s/.test(document.body.innerText));
    const asked = page.waitForRequest((request) => request.url().endsWith('/campaigns/brake-2.5.1-field'));
    mock.refuseStreams(false);
    await asked;
    await page.locator('.live.good').waitFor();
    await banner.waitFor({ state: 'detached' });
    assert.deepEqual(faults(wrong), []);
    await context.close();
  });
  test('an event about another campaign asks for nothing; about this one, and a reset, for this', async () => {
    const { page, context } = await opened('campaigns/brake-2.5.1-field');
    await page.locator('.live.good').waitFor();
    await page.getByRole('heading', { name: 'Waves' }).waitFor();
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    mock.emit({ kind: 'campaign', subject: 'door-1.9.0' });
    const mine = () => page.waitForRequest((request) => request.url().endsWith('/campaigns/brake-2.5.1-field'));
    for (const event of [{ kind: 'campaign', subject: 'brake-2.5.1-field' }, { kind: 'reset' }]) {
      const request = mine();
      mock.emit(event);
      await (await request).response();
    }
    assert.deepEqual(new Set(asked), new Set(['/api/v1/campaigns/brake-2.5.1-field']));
    await context.close();
  });
});

// Scrolls as fast as frames come, to the end of what there is.
async function scrollAll(page, rows) {
  return page.evaluate(async (wanted) => {
    const box = document.querySelector('.virtual');
    const body = box.querySelector('.virtual-body');
    const ends = performance.now() + 90000;
    while (body.offsetHeight < wanted * 28 && performance.now() < ends) {
      box.scrollTop += 20000;
      await new Promise(requestAnimationFrame);
    }
    box.scrollTop = body.offsetHeight;
    await new Promise(requestAnimationFrame);
    return { height: body.offsetHeight, nodes: body.childElementCount };
  }, rows);
}

describe('the list of devices', () => {
  test('100,000 of them scroll without a task that anybody feels', async () => {
    const { page, context, wrong } = await opened('devices');
    await page.getByRole('link', { name: 'dev-000000' }).waitFor();
    const { longest, answer } = await tasksOf(context, page, () => scrollAll(page, 100000));
    const { height, nodes } = answer;
    assert.equal(height, 100000 * 28);
    assert.ok(nodes < 200, `${nodes} rows exist at once`);
    assert.ok(longest <= LONG_MS, `a task of ${longest} ms`);
    await page.getByRole('link', { name: 'dev-099999' }).waitFor();
    assert.deepEqual(faults(wrong), []);
    await context.close();
  });
});

describe('addresses and focus', () => {
  test('a reload stays where it was, back goes back', async () => {
    const { page, context } = await opened('campaigns');
    await page.getByRole('link', { name: 'brake-2.4.1' }).first().click();
    await page.getByRole('heading', { name: 'brake-2.4.1', level: 1 }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'brake-2.4.1', level: 1 }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Campaigns', level: 1 }).waitFor();
    await context.close();
  });
  test('a change of page moves the focus to its heading, and says it', async () => {
    const { page, context } = await opened('fleet');
    await page.getByRole('navigation', { name: 'main' }).getByRole('link', { name: 'Releases' }).click();
    await page.waitForFunction(() => document.activeElement.tagName === 'H1' && document.activeElement.textContent === 'Releases');
    assert.equal(await page.title(), 'Releases · Wavegate');
    await page.getByRole('status').getByText('Releases').waitFor({ state: 'attached' });
    await context.close();
  });
  test('the first Tab skips to the content', async () => {
    const { page, context } = await opened('fleet');
    await page.getByRole('heading', { name: 'Fleet', level: 1 }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Fleet', level: 1 }).waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
    await context.close();
  });
});

describe('themes', () => {
  const ground = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  test('the system says, and the switch says otherwise, also after a reload', async () => {
    const { page, context } = await opened('fleet', { colorScheme: 'dark' });
    const dark = await ground(page);
    await page.getByLabel('Colours').selectOption('light');
    assert.notEqual(await ground(page), dark);
    await page.reload();
    await page.getByLabel('Colours').waitFor();
    assert.notEqual(await ground(page), dark);
    await page.getByLabel('Colours').selectOption('system');
    assert.equal(await ground(page), dark);
    await context.close();
  });
});
