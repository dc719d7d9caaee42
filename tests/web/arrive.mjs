// arrive.mjs: how people come to be: the one-time link of the first owner, and the invitations that she passes on.
import { PASSWORD, Person, say } from './person.mjs';

export const PEOPLE = { alice: 'rollout-admin', bob: 'rollout-admin', sue: 'support', dave: 'deployment-admin', rita: 'repository-admin', ada: 'auditor' };

// Who was added opens the link that the owner passed on, and chooses a password.
async function welcome(name, link, browser) {
  const who = await Person.at(browser, '', name);
  await who.page.goto(link);
  await who.heading(`Welcome, ${name}`);
  for (const input of await who.page.locator('input[type=password]').all()) await input.fill(PASSWORD);
  await who.click('Come in');
  await who.heading(`You: ${name}`);
  await who.context.close();
}

// The first owner by the one-time link; then the others, each added by her.
export async function begin(olga, link, browser) {
  await say('tell', { what: 'the one-time link; people' });
  await olga.page.goto(link);
  await olga.page.getByLabel('Name').fill('olga');
  for (const input of await olga.page.locator('input[type=password]').all()) await input.fill(PASSWORD);
  await olga.click('Set it');
  await olga.heading('You: olga');
  olga.refused.length = 0; // nobody was signed in yet
  await olga.menu('People');
  for (const [name, role] of Object.entries(PEOPLE)) {
    await olga.click('Add a person …');
    const dialog = olga.page.getByRole('dialog');
    await dialog.getByLabel('Name').fill(name);
    await dialog.locator('fieldset select').selectOption(role);
    await olga.click('Add', dialog);
    await olga.page.getByRole('rowheader', { name, exact: true }).waitFor();
    await welcome(name, await olga.page.locator('.notice', { hasText: `The link for ${name}` }).locator('code').textContent(), browser);
  }
}
