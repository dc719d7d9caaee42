// office.test.mjs: what owners and repository admins do: webhooks, releases that wait for a second person.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { faults, newPage, openBrowser, signIn } from './browser.mjs';
import { startMock } from './mock.mjs';
import { CODE, PASSWORD } from './mock_office.mjs';

let mock, browser;

before(async () => {
  mock = await startMock();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await mock?.close();
});

const go = (page, path) => page.goto(`${mock.url}#/${path}`);

async function withPage(name, run) {
  const at = await newPage(browser);
  await signIn(at.page, mock.url, name, PASSWORD, name === 'olga' ? CODE : '');
  await run(at.page);
  assert.deepEqual(faults(at.wrong), []);
  await at.context.close();
}

describe('the office', () => {
  test('a webhook is added, with a secret that is shown once; changed, tried, switched off, removed; a dead letter is sent again', async () =>
    withPage('olga', async (page) => {
      await go(page, 'webhooks');
      await page.getByRole('button', { name: 'Add a webhook …' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill('door');
      await dialog.getByLabel('Address').fill('https://hooks.example/door');
      assert.equal(await dialog.getByRole('button', { name: 'Add' }).isDisabled(), true, 'it is told of nothing yet');
      await dialog.getByLabel('campaign').check();
      await dialog.getByText('wavegate webhook add door --url https://hooks.example/door --kinds campaign').waitFor();
      await dialog.getByRole('button', { name: 'Add' }).click();
      await page.getByText('whsec_c2VjcmV0').waitFor();
      await page.getByRole('link', { name: 'door' }).click();
      for (const [button, verb, told] of [['Change …', 'Change', null], ['Test …', 'Test', 'The test is on its way'], ['New secret …', 'New secret', 'whsec_bmV3'], ['Switch off …', 'Switch off', 'off']]) {
        await page.getByRole('button', { name: button }).click();
        await dialog.getByRole('button', { name: verb, exact: true }).click();
        await dialog.waitFor({ state: 'detached' });
        if (told) await page.getByText(told).first().waitFor();
      }
      await page.getByRole('button', { name: 'Remove …' }).click();
      await dialog.getByLabel('To do it, type').fill('door');
      await dialog.getByRole('button', { name: 'Remove' }).click();
      await page.getByRole('link', { name: 'pager' }).click();
      await page.getByRole('button', { name: 'Send again … 91-7' }).click();
      await dialog.getByText('wavegate webhook retry pager 91-7').waitFor();
      await dialog.getByRole('button', { name: 'Send it again' }).click();
      await dialog.waitFor({ state: 'detached' });
    }));
  test('a release is approved by somebody else than its publisher, and published by the last approval', async () =>
    withPage('olga', async (page) => {
      await go(page, 'releases');
      await page.getByText('lacks 1 approval').waitFor();
      await page.getByRole('link', { name: 'brake-controller 2.5.1' }).click();
      await page.getByText('No campaign may install it before 2 people other than tom approved it.').waitFor();
      await page.getByRole('button', { name: 'Approve …' }).click();
      await page.getByRole('dialog').getByText('wavegate release approve brake-controller/2.5.1').waitFor();
      await page.getByRole('dialog').getByText('It is published then').waitFor();
      await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
      await page.locator('.lead').getByText('published').waitFor();
      assert.equal(await page.getByRole('button', { name: 'Approve …' }).count(), 0);
    }));
});
