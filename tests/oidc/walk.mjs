// walk.mjs: what test_provider.py has a browser do. Reads {base, name, stranger}; ends with 1 when something is not as it should be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { faults, newPage, openBrowser } from '../web/browser.mjs';

const { base, name, stranger } = JSON.parse(readFileSync(0, 'utf8'));
const browser = await openBrowser();

async function begin() {
  const at = await newPage(browser, { ignoreHTTPSErrors: true });
  await at.page.goto(base);
  await at.page.getByRole('link', { name: 'Sign in by Example' }).click();
  return at;
}

async function agree(page, login) {
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

try {
  const one = await begin();
  await agree(one.page, name);
  await one.page.getByRole('button', { name: 'Sign out' }).waitFor();
  assert.equal(new URL(one.page.url()).origin, base);
  assert.equal(await one.page.getByText('code=').count(), 0);
  await one.page.goto(`${base}/#/me`);
  await one.page.getByRole('heading', { name: `You: ${name}` }).waitFor();
  await one.page.getByText('OpenID Connect').waitFor();
  assert.deepEqual((await one.context.cookies(base)).map((cookie) => [cookie.name, cookie.sameSite, cookie.secure, cookie.httpOnly]), [['__Host-wavegate', 'Strict', true, true]]);
  await one.page.reload();
  await one.page.getByRole('button', { name: 'Sign out' }).click();
  // the provider remembers: in again without a word typed
  await one.page.getByRole('link', { name: 'Sign in by Example' }).click();
  await one.page.getByRole('button', { name: 'Sign out' }).waitFor();
  assert.deepEqual(faults(one.wrong).filter((line) => line.includes(base)), []); // the provider's own pages ask a font of elsewhere
  const two = await begin();
  await agree(two.page, stranger);
  await two.page.getByText('nobody of your name was added here').waitFor();
  assert.deepEqual((await two.context.cookies(base)).filter((cookie) => cookie.name === '__Host-wavegate'), []);
  const three = await begin();
  await three.page.getByRole('link', { name: 'Cancel' }).click();
  await three.page.getByText('did not let you in').waitFor();
} finally {
  await browser.close();
}
