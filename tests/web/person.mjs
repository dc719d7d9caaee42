// person.mjs: somebody at a browser of their own, on the real server: signs in, has a key, clicks; and a word with who started the
// server: a line of JSON out, a line of JSON back.
import { createInterface } from 'node:readline';
import { newPage } from './browser.mjs';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

// Asks test_story.py to do what no browser can: say('issue', {name, key}).
export async function say(what, more = {}) {
  process.stdout.write(`${JSON.stringify({ do: what, ...more })}\n`);
  const answer = JSON.parse((await lines.next()).value);
  if (answer.problem) throw new Error(`${what}: ${answer.problem}`);
  return answer;
}

export const PASSWORD = 'a long horse battery 7';

export class Person {
  static async at(browser, base, name, options = {}) {
    const me = new Person();
    Object.assign(me, await newPage(browser, { ignoreHTTPSErrors: true, ...options }), { base, name, refused: [] });
    me.page.setDefaultTimeout(30000);
    me.page.on('response', (answer) => answer.status() >= 400 && me.refused.push(`${answer.status()} ${answer.request().method()} ${new URL(answer.url()).pathname}`));
    return me;
  }

  // Only the first page is an address that is typed; from there on, links and buttons.
  async signIn() {
    await this.page.goto(this.base);
    await this.page.getByLabel('Name').fill(this.name);
    await this.page.getByLabel('Password').fill(PASSWORD);
    await this.click('Sign in');
    await this.page.getByRole('button', { name: 'Sign out' }).waitFor();
    await this.page.locator('.live.good').waitFor();
    this.refused.length = 0;
  }

  async click(name, within = this.page) {
    await within.getByRole('button', { name, exact: typeof name === 'string' }).click();
  }

  async follow(name, within = this.page) {
    await within.getByRole('link', { name, exact: true }).first().click();
  }

  // By the names on top, then links: menu('Campaigns', 'brake-2.4.1', 'Failures')
  async menu(noun, ...links) {
    await this.follow(noun, this.page.getByRole('navigation', { name: 'main' }));
    for (const link of links) await this.follow(link, this.page.locator('main'));
  }

  sees(text, within = this.page.locator('main')) {
    return within.getByText(text).first().waitFor();
  }

  heading(name) {
    return this.page.getByRole('heading', { name, level: 1, exact: true }).waitFor();
  }

  // The dialog behind a button: what it says, a reason, a typed name, and its own button.
  async answer(title, { says = [], reason, typed, fill = {}, verb, command }) {
    const dialog = this.page.getByRole('dialog', { name: title, exact: true });
    await dialog.waitFor();
    for (const text of says) await this.sees(text, dialog);
    for (const [label, value] of Object.entries(fill)) await dialog.getByLabel(label, { exact: true }).fill(value);
    const confirm = dialog.getByRole('button', { name: verb, exact: true });
    if (reason) await dialog.getByLabel(/^Reason/).fill(reason);
    if (typed) {
      if (!(await confirm.isDisabled())) throw new Error(`${title}: nothing had to be typed`);
      await dialog.getByLabel(/^To do it, type/).fill(typed);
    }
    if (command) await this.sees(command, dialog);
    await confirm.click();
    return dialog;
  }

  async giveKey() {
    await this.follow(`you: ${this.name}`);
    await this.page.getByRole('link', { name: /this browser has no key/ }).click();
    await this.click('Make a key');
    const key = await this.page.getByLabel('1. Its public key').inputValue();
    const { chain } = await say('issue', { name: this.name, key });
    await this.page.getByLabel('3. Paste the certificate chain').fill(chain);
    await this.click('Keep it');
    await this.sees('one click approves');
  }
}
