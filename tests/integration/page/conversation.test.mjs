import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, openPage, PaneOf, screenshot } from '../lib/browser.mjs';
import { connect } from '../lib/client.mjs';
import { ownServer } from '../lib/fixture.mjs';

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

// The people of the development file.
const pairs = [
  ['alice', 'bob'],
  ['alice', 'carol'],
];

async function twoPeople(t, options) {
  const server = await ownServer(t, { pairs });
  const page = await openPage(t, browser, server, options);
  const alice = new PaneOf(page, 0);
  const bob = new PaneOf(page, 1);
  await alice.online();
  return { server, page, alice, bob };
}

test('a message goes from sent to delivered to read as the peer is connected and looks', async (t) => {
  const { page, alice, bob } = await twoPeople(t);
  await bob.online();
  await bob.toggleOnline();
  await alice.open('bob');
  await alice.write('hello bob');
  await alice.receipt('hello bob', 'SENT').waitFor();

  await bob.toggleOnline();
  // The switch was the last thing touched, so alice's device has to be looked at again.
  await alice.field.focus();
  await alice.receipt('hello bob', 'DELIVERED').waitFor();
  await bob.root.locator('.entry .badge', { hasText: '1' }).waitFor();

  await bob.open('alice');
  await bob.message('hello bob').waitFor();
  await alice.receipt('hello bob', 'READ').waitFor();
  await bob.root.locator('.entry .badge', { hasText: '1' }).waitFor({ state: 'hidden' });
  await screenshot(page, 'read');
  assert.deepEqual(page.complaints, []);
});

test('typing shows at the peer and ends when the message comes', async (t) => {
  const { alice, bob } = await twoPeople(t);
  await alice.open('bob');
  await alice.write('first');
  await bob.open('alice');
  await bob.message('first').waitFor();
  await bob.field.pressSequentially('an ans');
  await alice.root.getByText('bob is typing…').waitFor();
  await bob.field.press('Enter');
  await alice.message('an ans').waitFor();
  await alice.root.getByText('bob is typing…').waitFor({ state: 'hidden' });
});

test('offline: nothing of the other is missed, own messages leave when the link is back, nothing twice', async (t) => {
  const { page, alice, bob } = await twoPeople(t);
  await alice.open('bob');
  await alice.write('before');
  await bob.open('alice');
  await bob.message('before').waitFor();

  await bob.toggleOnline();
  await bob.root.locator('.state[data-state="offline"]').waitFor();
  for (const text of ['missed one', 'missed two', 'missed three']) {
    await alice.write(text);
    await alice.receipt(text, 'SENT').waitFor();
  }
  await bob.write('written offline');
  await bob.receipt('written offline', 'SENDING').waitFor();
  await screenshot(page, 'offline');

  await bob.toggleOnline();
  await alice.message('written offline').waitFor();
  await bob.receipt('written offline', 'SENT').or(bob.receipt('written offline', 'DELIVERED')).first().waitFor();
  const expected = ['before', 'missed one', 'missed two', 'missed three', 'written offline'];
  await bob.message('missed three').waitFor();
  assert.deepEqual(await bob.texts, expected);
  assert.deepEqual(await alice.texts, expected);
  assert.deepEqual(page.complaints, []);
});

test('a restart of the server is survived without a reload', async (t) => {
  const { server, alice, bob } = await twoPeople(t);
  await alice.open('bob');
  await alice.write('before');
  await bob.open('alice');
  await bob.message('before').waitFor();
  await server.kill9();
  await alice.root.locator('.state[data-state="reconnecting"]').waitFor();
  await alice.write('while it is down');
  await server.start();
  await bob.message('while it is down').waitFor({ timeout: 20_000 });
  assert.deepEqual(await bob.texts, ['before', 'while it is down']);
});

test('a refused message says why and stays in the composer', async (t) => {
  const { page, bob } = await twoPeople(t);
  await bob.open('carol');
  await bob.write('hello carol');
  const refusal = bob.root.getByRole('alert');
  await refusal.getByText('NOT_CONNECTED').waitFor();
  assert.equal(await bob.field.inputValue(), 'hello carol');
  await screenshot(page, 'refused');
  assert.deepEqual(page.complaints, []);
});

test('a removed connection is shown, and the history stays', async (t) => {
  const { server, alice, bob } = await twoPeople(t);
  await alice.open('bob');
  await alice.write('kept');
  await bob.open('alice');
  await bob.message('kept').waitFor();
  await server.connectOnly([]);
  const notice = bob.root.getByText('You and alice are no longer connected');
  // An earlier decision may be good for a while.
  for (let attempt = 0; attempt < 40 && !(await notice.isVisible()); attempt += 1) {
    await bob.write(`attempt ${attempt}`);
    await notice.waitFor({ timeout: 1_000 }).catch(() => {});
  }
  await notice.waitFor();
  assert.equal((await bob.texts)[0], 'kept');
});

test('another identity has its own conversations', async (t) => {
  const { alice, bob } = await twoPeople(t);
  await alice.open('bob');
  await alice.write('for bob');
  await bob.signIn('carol');
  await bob.online();
  await alice.open('carol');
  await alice.write('for carol');
  await bob.open('alice');
  await bob.message('for carol').waitFor();
  assert.deepEqual(await bob.texts, ['for carol']);
});

test('earlier messages come while scrolling up, and the place is kept', async (t) => {
  const server = await ownServer(t, { pairs });
  const writer = await connect(server, 'alice');
  t.after(() => writer.close());
  const { id } = await writer.request('openConversation', { userId: 'bob' });
  for (let index = 1; index <= 95; index += 1) {
    await writer.send(id, `message number ${index}.`);
  }
  const page = await openPage(t, browser, server);
  const bob = new PaneOf(page, 1);
  await bob.open('alice');
  await bob.message('message number 95.').waitFor();
  assert.equal((await bob.texts).length, 30);
  const scroller = bob.root.locator('.thread:not([hidden]) .scroller');
  for (let attempt = 0; attempt < 50 && (await bob.texts).length < 95; attempt += 1) {
    await scroller.evaluate((node) => {
      node.scrollTop = 0;
    });
    await page.waitForTimeout(100);
  }
  assert.deepEqual(await bob.texts, Array.from({ length: 95 }, (_, index) => `message number ${index + 1}.`));
  assert.ok((await scroller.evaluate((node) => node.scrollTop)) > 0, 'what was in view stays in view');
});
