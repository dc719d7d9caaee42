// screens.mjs: the pictures of the README: node screens.mjs OUT. JPEG: they are looked at in passing.
import { join } from 'node:path';
import { newPage, openBrowser, signIn } from './browser.mjs';
import { startMock } from './mock.mjs';
import { CODE, PASSWORD } from './mock_office.mjs';

const PICTURES = [
  ['dashboard-fleet.jpg', 'fleet', 'light', { width: 1180, height: 860 }],
  ['dashboard-campaign.jpg', 'campaigns/brake-2.4.1', 'dark', { width: 1180, height: 1060 }],
];

const out = process.argv[2] || '.';
const mock = await startMock();
const browser = await openBrowser();
try {
  for (const [name, path, colorScheme, viewport] of PICTURES) {
    const { page, context } = await newPage(browser, { colorScheme, viewport });
    await signIn(page, mock.url, 'olga', PASSWORD, CODE);
    await page.goto(`${mock.url}#/${path}`);
    await page.locator('.live.good').waitFor();
    await page.waitForFunction(() => !document.querySelector('[aria-busy]') && document.querySelectorAll('.cell, .wave').length > 2);
    await page.waitForFunction(() => !document.querySelector('.map') || document.querySelector('.land').getAttribute('d'));
    await page.screenshot({ path: join(out, name), type: 'jpeg', quality: 72 });
    await context.close();
  }
} finally {
  await browser.close();
  await mock.close();
}
