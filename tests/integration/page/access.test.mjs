import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, openPage, PaneOf, screenshot } from '../lib/browser.mjs';
import { sharedServer } from '../lib/fixture.mjs';

const shared = sharedServer({ pairs: [['alice', 'bob'], ['alice', 'carol']] });
let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

async function tabTo(page, isThere) {
  for (let presses = 0; presses < 30; presses += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(isThere)) {
      return;
    }
  }
  throw new Error('not reached with the Tab key');
}

test('the keyboard alone: choose, write with Shift+Enter, send with Enter, with a visible focus', async (t) => {
  const page = await openPage(t, browser, shared.server);
  const alice = new PaneOf(page, 0);
  await alice.online();
  await tabTo(page, () => document.activeElement.matches('.entry') && document.activeElement.textContent.includes('bob'));
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'TEXTAREA');
  await page.keyboard.type('first line');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('second line');
  await page.keyboard.press('Enter');
  await alice.receipt('first line', 'SENT').or(alice.receipt('first line', 'DELIVERED')).first().waitFor();
  assert.equal((await alice.texts).at(-1), 'first line\nsecond line');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'TEXTAREA');
});

test('the switch is operated with the space key', async (t) => {
  const page = await openPage(t, browser, shared.server);
  const alice = new PaneOf(page, 0);
  await alice.online();
  await tabTo(page, () => document.activeElement.getAttribute('role') === 'switch');
  await page.keyboard.press('Space');
  await alice.root.locator('.state[data-state="offline"]').waitFor();
  await page.keyboard.press('Space');
  await alice.online();
});

test('every control has a name, and new messages are announced', async (t) => {
  const page = await openPage(t, browser, shared.server);
  const alice = new PaneOf(page, 0);
  const bob = new PaneOf(page, 1);
  await alice.online();
  await alice.open('bob');
  await alice.write('to be announced');
  await page.locator('#announcements', { hasText: 'alice to bob: to be announced' }).waitFor({ state: 'attached' });
  await bob.online();
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll('button, select, textarea')]
      .filter((control) => control.checkVisibility())
      .filter(
        (control) =>
          !control.textContent.trim() &&
          !control.getAttribute('aria-label') &&
          !(control.id && document.querySelector(`label[for="${control.id}"]`)),
      )
      .map((control) => control.outerHTML),
  );
  assert.deepEqual(nameless, []);
});

for (const colorScheme of ['light', 'dark']) {
  test(`at 360 px everything fits, one pane at a time, ${colorScheme}`, async (t) => {
    const page = await openPage(t, browser, shared.server, { width: 360, height: 640, colorScheme });
    const alice = new PaneOf(page, 0);
    const bob = new PaneOf(page, 1);
    await alice.online();
    await screenshot(page, `phone-inbox-${colorScheme}`);
    await alice.open('bob');
    await alice.write('a message that is somewhat longer than the screen of a small phone is wide');
    await page.locator('.switcher').getByRole('button', { name: 'bob' }).click();
    await bob.open('alice');
    await bob.message('a message that is somewhat longer').first().waitFor();
    await bob.write(`a word without a break: ${'x'.repeat(120)}`);
    await screenshot(page, `phone-thread-${colorScheme}`);
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(widths[0] <= widths[1], `${widths}`);
    await bob.root.getByRole('button', { name: 'All conversations' }).click();
    await bob.root.locator('.entry').first().waitFor();
    assert.deepEqual(page.complaints, []);
  });
}

test('a tablet and a wide screen show both panes', async (t) => {
  for (const width of [820, 1440]) {
    const page = await openPage(t, browser, shared.server, { width, height: 900, colorScheme: 'dark' });
    await new PaneOf(page, 0).online();
    await new PaneOf(page, 1).online();
    assert.equal(await page.locator('.pane:visible').count(), 2);
    await new PaneOf(page, 0).open('bob');
    await screenshot(page, `wide-${width}`);
  }
});
