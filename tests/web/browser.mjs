// browser.mjs: a headless Chromium of this machine, and a page that remembers what went wrong on it.
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
export const modules = resolve(process.env.WEB_MODULES || join(here, '../../build/web/node_modules'));
export const load = createRequire(join(modules, 'x.js'));
const { chromium } = load('playwright-core');

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const openBrowser = () => chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, args: FLAGS });

// A page of its own storage: {page, context, wrong: [...], hosts: Set}
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, timezoneId: 'Europe/Berlin', locale: 'en-GB', ...options });
  const page = await context.newPage();
  const wrong = [], hosts = new Set();
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && wrong.push(`${message.type()}: ${message.text()} ${message.location().url}`));
  page.on('pageerror', (error) => wrong.push(`exception: ${error.stack}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol)) hosts.add(url.host);
  });
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`)));
  return { page, context, wrong, hosts };
}

// Errors of the network that a test made itself are no fault of the page.
export const faults = (wrong) => wrong.filter((line) => !/status of 401|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION|ERR_EMPTY_RESPONSE|status of 503|ERR_INTERNET_DISCONNECTED|ERR_NETWORK/.test(line));

export async function signIn(page, url, name, password, code) {
  await page.goto(url);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  if (code) {
    await page.getByLabel('Code of your second factor').fill(code);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

// What run gives, and how long the longest task of the page's own thread took meanwhile, in ms of the processor: a machine
// that is busy with something else makes nothing longer.
export async function tasksOf(context, page, run) {
  const devtools = await context.newCDPSession(page);
  const events = [];
  devtools.on('Tracing.dataCollected', (more) => events.push(...more.value));
  await devtools.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline', 'devtools.timeline'] } });
  const answer = await run();
  const complete = new Promise((resolve) => devtools.once('Tracing.tracingComplete', resolve));
  await devtools.send('Tracing.end');
  await complete;
  const own = events.find((event) => event.name === 'FireAnimationFrame');
  const tasks = events.filter((event) => event.name.endsWith('RunTask') && event.pid === own.pid && event.tid === own.tid && event.tdur);
  return { answer, longest: Math.max(...tasks.map((event) => event.tdur)) / 1000, count: tasks.length };
}
