// sign_in.mjs: what test_sign_in.py has a browser do. Reads {link, base}; ends with 1 when something is not as it should be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { openBrowser } from './browser.mjs';

const { link, base } = JSON.parse(readFileSync(0, 'utf8'));
const PASSWORD = 'a long horse battery 7';
const browser = await openBrowser();
try {
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  const fill = async () => {
    await page.locator('input:not([type=password])').first().fill('olga');
    for (const input of await page.locator('input[type=password]').all()) await input.fill(PASSWORD);
    await page.locator('form button').last().click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  };
  await page.goto(link);
  await page.locator('input[type=password]').first().waitFor();
  await fill();
  for (const at of ['', 'devices', 'campaigns', 'releases', 'audit', 'people', 'tokens']) {
    await page.goto(`${base}/#/${at}`);
    await page.locator('h1').waitFor();
    assert.equal(await page.getByRole('alert').count(), 0, `${at}: ${await page.locator('main').innerText()}`);
  }
  await page.getByText('olga').first().waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.locator('input[type=password]').first().waitFor();
  await fill();
} finally {
  await browser.close();
}
