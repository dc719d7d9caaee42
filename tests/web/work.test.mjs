// work.test.mjs: what people do: sign in and out, approve with a key, steer, plan, apply, look after devices and people.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { faults, newPage, openBrowser, signIn } from './browser.mjs';
import { startMock } from './mock.mjs';
import { URI } from './mock_entry.mjs';
import { CODE, PASSWORD } from './mock_office.mjs';

let mock, browser, folder;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wavegate-web-'));
  mock = await startMock();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await mock?.close();
  rmSync(folder, { recursive: true, force: true });
});

const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] }).toString();

// What wavegate-pki does for a public key: a certificate of it.
function certificateOf(name, publicPem) {
  writeFileSync(join(folder, `${name}.pub`), publicPem);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=operators');
  openssl('req', ...key, '-keyout', 'other.key', '-out', `${name}.csr`, '-subj', `/CN=${name}`);
  openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-force_pubkey', `${name}.pub`, '-out', `${name}.crt`);
  return readFileSync(join(folder, `${name}.crt`), 'utf8') + readFileSync(join(folder, 'ca.crt'), 'utf8');
}

const go = (page, path) => page.goto(`${mock.url}#/${path}`);

async function withPage(name, run) {
  const at = await newPage(browser);
  await signIn(at.page, mock.url, name, PASSWORD, name === 'olga' ? CODE : '');
  await run(at.page, at);
  assert.deepEqual(faults(at.wrong), []);
  await at.context.close();
}

async function giveKey(page, name) {
  await go(page, 'key');
  await page.getByRole('button', { name: 'Make a key' }).click();
  const publicPem = await page.getByLabel('1. Its public key').inputValue();
  assert.match(publicPem, /^-----BEGIN PUBLIC KEY-----\n/);
  await page.getByLabel('3. Paste the certificate chain').fill(certificateOf(name, publicPem));
  await page.getByRole('button', { name: 'Keep it' }).click();
  await page.getByText('one click approves').waitFor();
}

describe('who', () => {
  test('a wrong password is refused, and a second factor asked for', async () => {
    const { page, context } = await newPage(browser);
    await page.goto(mock.url);
    await page.getByLabel('Name').fill('olga');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('The name or the password is wrong.').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Code of your second factor').fill('000000');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('The code is wrong.').waitFor();
    await page.getByLabel('Code of your second factor').fill(CODE);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Fleet', level: 1 }).waitFor();
    await context.close();
  });
  test('the one-time link makes an owner', async () => {
    const { page, context } = await newPage(browser);
    await page.goto(`${mock.url}#/setup/first-owner`);
    await page.getByLabel('Name').fill('oscar');
    await page.getByLabel('Password (at least 12 letters)').fill('a long enough one');
    await page.getByLabel('The same again').fill('a long enough one');
    await page.getByRole('button', { name: 'Set it' }).click();
    await page.getByRole('heading', { name: 'You: oscar' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await context.close();
  });
  test('back from the provider: what was wrong in words, and the code of a second factor', async () => {
    const { page, context } = await newPage(browser);
    await page.goto(`${mock.url}#/sign-in/nobody`);
    await page.getByText('nobody of your name was added here').waitFor();
    assert.equal(await page.getByRole('link', { name: 'Sign in by Example' }).getAttribute('href'), '/api/v1/openid/start');
    await page.goto(`${mock.url}#/sign-in/__proto__`);
    await page.getByText('nobody of your name').waitFor({ state: 'detached' });
    await page.goto(`${mock.url}#/sign-in/code`);
    await page.getByLabel('Code of your second factor').fill('000000');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('The code is wrong.').waitFor();
    await page.getByLabel('Code of your second factor').fill(CODE);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Fleet', level: 1 }).waitFor();
    await context.close();
  });
  for (const colorScheme of ['light', 'dark'])
    test(`a camera reads the QR code of a second factor, ${colorScheme}`, async () => {
      const { page, context } = await newPage(browser, { colorScheme });
      await signIn(page, mock.url, 'bob', PASSWORD);
      await go(page, 'me');
      await page.getByRole('button', { name: 'Set one …' }).click();
      const picture = await page.getByRole('img', { name: /QR code/ }).screenshot();
      const read = execFileSync('zbarimg', ['--quiet', '--raw', 'png:-'], { input: picture, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
      assert.equal(read.trim(), URI);
      await page.getByText('JBSWY3DPEHPK3PXP', { exact: true }).waitFor();
      await context.close();
    });
  test('a session that ended comes back to its page', async () =>
    withPage('rita', async (page) => {
      await go(page, 'releases');
      await page.getByRole('heading', { name: 'Releases' }).waitFor();
      mock.sessions.clear();
      await page.reload();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await page.getByLabel('Name').fill('rita');
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Releases' }).waitFor();
    }));
});

describe('campaigns', () => {
  test('without a key an approval is a command', async () =>
    withPage('bob', async (page) => {
      await go(page, 'campaigns/brake-2.4.1');
      await page.getByText('wavegate campaign approve brake-2.4.1 --wave canary --operator bob.crt').waitFor();
      assert.equal(await page.getByRole('button', { name: /^Approve/ }).count(), 0);
    }));
  test('the author does not approve', async () =>
    withPage('rita', async (page) => {
      await go(page, 'campaigns/brake-2.4.1');
      await page.getByText('You applied this campaign: somebody else approves it.').waitFor();
    }));
  test('a server that lies gets no signature', async () =>
    withPage('bob', async (page) => {
      await giveKey(page, 'bob');
      const lies = { campaign: 'brake-2.5.0', wave: 'rest', digest: '0'.repeat(64), operator: 'rita', kind: 'apply', at: '2020-01-01T00:00:00Z' };
      let sent = 0;
      page.on('request', (request) => (sent += request.url().endsWith('/approve') ? 1 : 0));
      await go(page, 'campaigns/brake-2.4.1');
      for (const [field, lie] of Object.entries(lies)) {
        await page.route('**/statement', async (route) => {
          const answer = await route.fetch();
          const body = await answer.json();
          body.statement[field] = lie;
          await route.fulfill({ response: answer, json: body });
        });
        await page.getByRole('button', { name: 'Approve wave canary' }).click();
        await page.getByRole('alert').getByText(lie, { exact: false }).waitFor();
        await page.unroute('**/statement');
      }
      assert.equal(sent, 0);
    }));
  test('by keys alone: a key, one click approves, a typed word aborts', async () =>
    withPage('bob', async (page) => {
      await giveKey(page, 'bob');
      await go(page, 'campaigns/brake-2.4.1');
      await page.getByRole('heading', { name: 'Waves' }).waitFor();
      const tabTo = async (name) => {
        for (let i = 0; i < 80; i++) {
          await page.keyboard.press('Tab');
          const found = await page.evaluate(() => `${document.activeElement.getAttribute('aria-label') || ''} ${document.activeElement.textContent}`);
          if (found.includes(name)) return;
        }
        assert.fail(`no Tab leads to ${name}`);
      };
      await page.evaluate(() => document.querySelector('h1').focus());
      await tabTo('Approve wave canary');
      await page.keyboard.press('Enter');
      await page.getByText('You approved wave canary.').waitFor();
      await page.locator('.wave.open').getByRole('heading', { name: 'early' }).waitFor();
      await page.evaluate(() => document.querySelector('h1').focus());
      await tabTo('Abort …');
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Abort brake-2.4.1' });
      await dialog.getByText('The campaign ends, and cannot be resumed.').waitFor();
      const confirm = dialog.getByRole('button', { name: 'Abort' });
      assert.equal(await confirm.isDisabled(), true);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await page.waitForFunction(() => document.activeElement.textContent.startsWith('Abort'), null, { timeout: 5000 });
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement.matches('dialog input'));
      await page.keyboard.type('wrong notes');
      await dialog.getByText("wavegate campaign abort brake-2.4.1 --reason 'wrong notes' --operator bob.crt").waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.type('brake-2.4');
      assert.equal(await confirm.isDisabled(), true, 'half a name is not enough');
      await page.keyboard.type('.1');
      await page.keyboard.press('Enter');
      await dialog.waitFor({ state: 'detached' });
      await page.getByText('aborted by bob: wrong notes').waitFor();
    }));
  test('two browsers see the same at once', async () =>
    withPage('olga', async (owner) =>
      withPage('rita', async (page) => {
        await go(owner, 'campaigns/brake-2.5.1-field');
        await go(page, 'campaigns/brake-2.5.1-field');
        await page.getByRole('button', { name: 'Pause …' }).click();
        await page.getByRole('dialog').getByText('308 updates in hand finish').waitFor();
        await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
        await owner.getByText('paused by rita').first().waitFor();
      }),
    ));
  test('a plan: problems with line and column, the difference, and applied with a signature', async () =>
    withPage('rita', async (page) => {
      await giveKey(page, 'rita');
      await go(page, 'plan?campaign=brake-2.4.1');
      const area = page.getByLabel('The campaign file');
      await page.waitForFunction(() => document.querySelector('textarea').value.includes('wavegate: 1'));
      const good = await area.inputValue();
      await area.fill(good.replace('waves:', 'wavse:'));
      await page.getByRole('button', { name: 'line 8, column 1' }).click();
      assert.equal(await area.evaluate((element) => element.value.slice(0, element.selectionStart).split('\n').length), 8);
      await area.fill(good.replace('in_flight: 500', 'in_flight: 900'));
      await page.getByText('✓ valid').waitFor();
      await page.getByRole('button', { name: 'Plan it' }).click();
      await page.getByRole('table', { name: 'Difference to the file that is applied' }).getByText('in_flight: 900').waitFor();
      await page.getByRole('button', { name: 'Apply …' }).click();
      await page.getByRole('dialog').getByText('At worst 700 devices are harmed').waitFor();
      await page.getByRole('button', { name: 'Sign and apply' }).click();
      await page.getByRole('heading', { name: 'brake-2.4.1', level: 1 }).waitFor();
    }));
});

describe('devices and people', () => {
  test('one device is put into quarantine, with a reason', async () =>
    withPage('sam', async (page) => {
      await go(page, 'devices/dev-000100');
      await page.getByRole('button', { name: 'Quarantine …' }).click();
      const dialog = page.getByRole('dialog', { name: 'Quarantine dev-000100' });
      assert.equal(await dialog.getByRole('button', { name: 'Quarantine' }).isDisabled(), true);
      await dialog.getByLabel('Reason').fill('smells');
      await dialog.getByText('wavegate device quarantine dev-000100 --reason smells --operator sam.crt').waitFor();
      await dialog.getByRole('button', { name: 'Quarantine' }).click();
      await page.getByText('nothing is offered to it').waitFor();
    }));
  test('filters are in the address and hold over a reload', async () =>
    withPage('sam', async (page) => {
      await go(page, 'devices');
      await page.getByLabel('region').selectOption('AT');
      await page.getByLabel('name begins with').fill('dev-0001');
      await page.waitForURL(/region=AT.*q=dev-0001|q=dev-0001.*region=AT/);
      await page.reload();
      assert.equal(await page.getByLabel('name begins with').inputValue(), 'dev-0001');
      await page.getByRole('link', { name: /^dev-0001/ }).first().waitFor();
    }));
  test('a person is added, gets a link once, and chooses a password by it', async () =>
    withPage('olga', async (page) => {
      await go(page, 'people');
      await page.getByRole('button', { name: 'Add a person …' }).click();
      await page.getByRole('dialog').getByLabel('Name').fill('nina');
      await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();
      const link = await page.getByText(/#\/invitation\//).textContent();
      await page.getByRole('row', { name: /^nina/ }).getByText('invited').waitFor();
      await page.reload();
      await page.getByRole('button', { name: 'Withdraw the invitation: nina' }).waitFor();
      assert.equal(await page.getByText(/#\/invitation\//).count(), 0);
      const other = await newPage(browser);
      await other.page.goto(link);
      await other.page.getByRole('heading', { name: 'Welcome, nina' }).waitFor();
      await other.page.getByLabel('Password (at least 12 letters)').fill('a long enough one');
      await other.page.getByLabel('The same again').fill('a long enough one');
      await other.page.getByRole('button', { name: 'Come in' }).click();
      await other.page.getByRole('heading', { name: 'You: nina' }).waitFor();
      await other.page.goto('about:blank');
      await other.page.goto(link);
      await other.page.getByText('was used, or is over').waitFor();
      await other.context.close();
    }));
  test('a role with a part of the fleet has its flags in the command', async () =>
    withPage('olga', async (page) => {
      await go(page, 'people');
      await page.getByRole('button', { name: 'Roles: sam' }).click();
      await page.getByText('wavegate people change sam --role support --regions AT,DE-BY --operator olga.crt').waitFor();
      await page.getByRole('button', { name: 'Another role' }).click();
      await page.getByText('wavegate people change sam --grants grants.json --operator olga.crt').waitFor();
    }));
  test('a token is shown once, and ends', async () =>
    withPage('rita', async (page) => {
      await go(page, 'tokens');
      await page.getByRole('button', { name: 'Make a token …' }).click();
      await page.getByRole('dialog').getByLabel('Name').fill('nightly');
      await page.getByLabel('campaign.plan').check();
      await page.getByRole('button', { name: 'Make', exact: true }).click();
      await page.getByText(/^wgt_/).waitFor();
      await page.getByRole('button', { name: 'End nightly' }).click();
      await page.getByRole('button', { name: 'End it' }).click();
      await page.getByRole('rowheader', { name: 'nightly' }).waitFor({ state: 'detached' });
    }));
});
