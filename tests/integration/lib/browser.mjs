// A headless Chromium with the demo page, and what a person does in one of its panes.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const screenshots = process.env.SCREENSHOTS ?? mkdtempSync(join(tmpdir(), 'messagingd-page-'));

export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}

export async function openPage(t, browser, server, { width = 1200, height = 800, colorScheme = 'light' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  t.after(() => context.close());
  const page = await context.newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('console', (message) => {
    // While a test stops the server on purpose the browser reports each failed connection.
    if (message.type() === 'error' && !/ERR_CONNECTION|WebSocket connection|503/.test(message.text())) {
      page.complaints.push(message.text());
    }
  });
  await page.goto(server.url);
  return page;
}

export async function screenshot(page, name) {
  const path = join(screenshots, `${name}.png`);
  await page.screenshot({ path });
  return path;
}

export class PaneOf {
  constructor(page, index) {
    this.page = page;
    this.root = page.locator('.pane').nth(index);
  }

  async signIn(user) {
    await this.root.getByLabel('Signed in as').selectOption(user);
  }

  online() {
    return this.root.locator('.state[data-state="online"]').waitFor();
  }

  async open(peer) {
    await this.root.locator('.entry', { has: this.page.locator('.name', { hasText: peer }) }).click();
  }

  get field() {
    return this.root.locator('.thread:not([hidden]) textarea');
  }

  async write(text) {
    await this.field.fill(text);
    await this.field.press('Enter');
  }

  message(text) {
    return this.root.locator('.thread:not([hidden]) .message', { hasText: text });
  }

  receipt(text, status) {
    return this.message(text).locator(`.receipt[data-status="${status}"]`);
  }

  get texts() {
    return this.root.locator('.thread:not([hidden]) .message .text').allTextContents();
  }

  async toggleOnline() {
    await this.root.getByRole('switch', { name: 'Online' }).click();
  }
}
