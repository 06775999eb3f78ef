/** One load of a page in Chromium where it is installed; skipped with a word where it is not. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PluginHost } from '@ligature/core';
import { chromium } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { makeReport } from '../src/index.js';
import { HOSTILE, temporaryFolder, writeRun } from './run-folder.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
if (CHROMIUM === undefined) {
  console.warn('The page is not opened: there is no /usr/bin/chromium (apt-get install chromium).');
}

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

it.skipIf(CHROMIUM === undefined)(
  'a page lives by itself: charts, pointer, switches, tables, nothing asked',
  async () => {
    const folder = writeRun(join(temporaryFolder(), 'run'), {
      windows: 20,
      controller: HOSTILE,
      message: HOSTILE,
    });
    const file = join(folder, 'report.html');
    writeFileSync(file, await makeReport(folder, new PluginHost()));
    const browser = await chromium.launch({ executablePath: CHROMIUM as string, args: FLAGS });
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 900, height: 800 } });
    const wrong: string[] = [];
    page.on('console', (message) => wrong.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('dialog', (dialog) => wrong.push(`dialog: ${dialog.message()}`));
    page.on('request', (asked) => {
      if (asked.url() !== pathToFileURL(file).href) wrong.push(`asks ${asked.url()}`);
    });
    await page.goto(pathToFileURL(file).href);

    // Every chart comes to life when it is near.
    const figures = page.locator('figure[data-chart]');
    for (const figure of await figures.all()) {
      await figure.scrollIntoViewIfNeeded();
      await expect.poll(() => figure.getAttribute('data-ready')).toBe('');
      expect(await figure.locator('svg').count()).toBe(1);
    }
    expect(await page.locator('svg path').count()).toBeGreaterThan(100);

    // What was decided is said at the pointer. Window 10 of 20 lies in the middle of the picture.
    const map = page.locator('figure[data-chart=tie-map] .chart');
    await map.scrollIntoViewIfNeeded();
    await map.locator('.hover-windows path').nth(10).hover();
    const tip = page.locator('.tip');
    await expect.poll(() => tip.textContent()).toContain('window 10, steps 21 to 22');
    for (const text of [
      'layer 1 uses the block of 0',
      'explored',
      'epsilon',
      '0: 0.500, 1: -0.250',
      'reward',
    ]) {
      expect(await tip.textContent()).toContain(text);
    }

    // Loss against something else.
    const loss = page.locator('figure[data-chart=loss]');
    await loss.getByLabel('FLOPs').check();
    await expect.poll(() => loss.locator('svg').textContent()).toContain('counted by the ledger');

    // By the keyboard: a table the other way round, and dark.
    const memory = page.locator('table', { hasText: 'Memory: counted by the ledger' });
    const first = memory.locator('tbody tr').first();
    await memory.getByRole('button', { name: 'At most' }).focus();
    await page.keyboard.press('Enter');
    expect(await first.textContent()).toContain('activations');
    await page.keyboard.press('Enter');
    expect(await first.textContent()).toContain('moments');
    expect(await memory.locator('th[aria-sort=descending]').textContent()).toContain('At most');
    await page.getByLabel('Colours').selectOption('dark');
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(20, 24, 29)');

    // No wider than a telephone.
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(wrong).toEqual([]);
  },
);
