// real.mjs: the dashboard on the real server, as test_real.py has started it. $REAL is a file of JSON:
// {"url", "people": {"olga": {"certificate", "key"}}, "pages": [["campaigns/x", "a text on it"]], "issue": [a command], "issued": its file}.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request as ask } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { faults, newPage, openBrowser } from './browser.mjs';

const wanted = JSON.parse(readFileSync(process.env.REAL, 'utf8'));

let browser;
const bridges = [];

before(async () => {
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  for (const server of bridges) {
    server.closeAllConnections();
    server.close();
  }
});

// A way to the server with somebody's certificate: 'http://127.0.0.1:PORT'. The browser's own way with certificates goes
// through a helper that loses connections.
async function bridge({ certificate, key }) {
  const target = new URL(wanted.url);
  const tls = { host: '127.0.0.1', servername: target.hostname, port: target.port, cert: readFileSync(certificate), key: readFileSync(key), rejectUnauthorized: false };
  const server = createServer((request, response) => {
    const headers = { ...request.headers, host: target.host, ...(request.headers.origin && { origin: target.origin }) };
    const passed = ask({ ...tls, method: request.method, path: request.url, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  bridges.push(server);
  return `http://127.0.0.1:${server.address().port}/`;
}

async function as(name) {
  const at = await newPage(browser);
  at.url = await bridge(wanted.people[name]);
  at.refused = [];
  at.page.on('response', (answer) => answer.status() >= 400 && at.refused.push(`${answer.status()} ${answer.request().method()} ${new URL(answer.url()).pathname}`));
  return at;
}

const settled = (page) => page.waitForFunction(() => document.querySelector('h1') && document.body.dataset.page === location.hash && !document.querySelector('[aria-busy]'));

describe('a key of the browser', () => {
  test('becomes a certificate by wavegate-pki; one click approves; the campaign runs to its end, live', async () => {
    const at = await as('ben');
    await at.page.goto(`${at.url}#/key`);
    await at.page.getByRole('button', { name: 'Make a key' }).click();
    const [program, ...words] = wanted.issue;
    const file = `${wanted.issued}.pub`;
    writeFileSync(file, await at.page.getByLabel('1. Its public key').inputValue());
    execFileSync(program, [...words, file], { stdio: 'inherit' });
    await at.page.getByLabel('3. Paste the certificate chain').fill(readFileSync(wanted.issued, 'utf8'));
    await at.page.getByRole('button', { name: 'Keep it' }).click();
    await at.page.getByText('one click approves').waitFor();
    await at.page.goto(`${at.url}#/campaigns/brake-2.4.1`);
    await at.page.getByRole('button', { name: 'Approve the start' }).click();
    await at.page.getByText('You approved the start.').waitFor();
    await at.page.getByText('3 of 3 succeeded').waitFor({ timeout: 90000 });
    await at.page.locator('.lead').getByText('finished').waitFor();
    assert.deepEqual(at.refused, []);
    assert.deepEqual(faults(at.wrong), []);
    await at.context.close();
  });
});

describe('every page', () => {
  let at;
  before(async () => {
    at = await as('olga');
  });
  after(() => at.context.close());
  for (const [path, text] of wanted.pages)
    test(path, async () => {
      at.refused.length = at.wrong.length = 0;
      await at.page.goto(`${at.url}#/${path}`);
      await settled(at.page);
      await at.page.getByText(text).first().waitFor({ timeout: 10000 });
      assert.deepEqual(at.refused, []);
      assert.deepEqual(faults(at.wrong), []);
      assert.equal(await at.page.getByRole('alert').count(), 0);
    });
});
