/** The page in a real browser: Chromium where it is installed, skipped with a word where it is not. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startDashboard } from '../src/index.js';
import { MadeRun, ROWS, temporaryFolder } from './made-runs.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
if (CHROMIUM === undefined)
  console.warn('The page is not tested: there is no /usr/bin/chromium (apt-get install chromium).');

/** A quiet browser of its own profile, which asks nobody for anything. */
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

describe.skipIf(CHROMIUM === undefined)('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: FLAGS });
  });
  afterAll(() => browser?.close());

  /** @returns the page, and what went wrong on it: messages, errors, requests to others */
  async function open(folder: string): Promise<{ page: Page; wrong: string[] }> {
    const board = await startDashboard({ folder });
    onTestFinished(() => board.close());
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on('console', (message) => wrong.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('request', (asked) => {
      if (!asked.url().startsWith(board.address)) wrong.push(`asks ${asked.url()}`);
    });
    await page.goto(board.address);
    return { page, wrong };
  }

  const rowOf = (page: Page, name: string) => page.locator('#runs tbody tr', { hasText: name });
  /** Eventually; how fast it is, is measured elsewhere. */
  const soon = { timeout: 20_000, interval: 50 };

  it('follows a run that trains: step, loss curve, tie map and decision', async () => {
    const folder = temporaryFolder();
    const run = new MadeRun(join(folder, 'live <b>one</b>'), { layers: 6 }).until(20);
    const { page, wrong } = await open(folder);
    await expect.poll(() => rowOf(page, 'live <b>one</b>').textContent(), soon).toContain('20 / 200');
    const map = page.locator('#maps svg[role=img]');
    await expect.poll(() => map.getAttribute('aria-label'), soon).toContain(`Step 20: ${run.map.join('-')}`);
    const before = { map: run.map.join('-'), blocks: await page.locator('#maps rect').count() };

    run.until(65);
    await expect.poll(() => rowOf(page, 'live').textContent(), soon).toContain('65 / 200');
    await expect.poll(() => rowOf(page, 'live').textContent(), soon).toContain('running');
    await expect.poll(() => map.getAttribute('aria-label'), soon).toContain(`Step 65: ${run.map.join('-')}`);
    expect(run.map.join('-')).not.toBe(before.map);
    expect(await page.locator('#maps rect').count()).toBeGreaterThan(before.blocks);
    expect(await page.locator('.decision').textContent()).toMatch(
      /window 12 at step 60: layer .*epsilon 0\.7; values/,
    );
    const loss = page.locator('#charts figure').first();
    await expect
      .poll(() => loss.getAttribute('aria-label'), soon)
      .toContain('of 1 run. live <b>one</b>: last 3.');
    expect(await loss.locator('canvas').count()).toBe(1);

    run.append('{"type":"step.comp');
    run.append('leted"}\n');
    await expect.poll(() => rowOf(page, 'live').textContent(), soon).toContain('1 damaged line');
    run.complete();
    await expect.poll(() => rowOf(page, 'live').textContent(), soon).toContain('finished');
    new MadeRun(join(folder, 'study', 'born-later')).until(5);
    await expect.poll(() => rowOf(page, 'study/born-later').count(), soon).toBe(1);
    expect(wrong).toEqual([]);
  });

  it('calls things as the task of a run does, and draws what it is judged by on an axis of its own', async () => {
    const folder = temporaryFolder();
    const run = new MadeRun(join(folder, 'rows'), { layers: 3, steps: 20 }, ROWS).until(20);
    run.write({
      ...{ type: 'evaluation.completed', step: 20, split: 'validation', durationMs: 1 },
      metrics: { accuracy: 0.75, loss: 0.5 },
    });
    const { page, wrong } = await open(folder);
    await expect.poll(() => rowOf(page, 'rows').textContent(), soon).toContain('0.750');
    expect(await rowOf(page, 'rows').textContent()).toMatch(/[\d,]+ rows\/s/);
    const said = (title: string) =>
      page.locator(`#charts figure[aria-label^="${title}"]`).getAttribute('aria-label');
    await expect
      .poll(() => said('Loss'), soon)
      .toContain('Loss (validation dashed), nats per row, of 1 run.');
    expect(await said('Validation')).toBe('Validation, accuracy, of 1 run. rows: last 0.75');
    // Beside one whose validation is in the unit of its loss, the axis has both names.
    new MadeRun(join(folder, 'text'), { layers: 3, steps: 20 }).complete();
    await expect.poll(() => rowOf(page, 'text').count(), soon).toBe(1);
    await rowOf(page, 'text').click();
    await expect
      .poll(() => said('Loss'), soon)
      .toMatch(/nats per (row|token) or nats per (row|token), of 2 runs/);
    expect(await page.locator('body').textContent()).toContain('tokens/s');
    expect(wrong).toEqual([]);
  });

  it('can be used with the keyboard alone', async () => {
    const folder = temporaryFolder();
    for (const seed of [1, 2, 3, 11])
      new MadeRun(join(folder, `run-${seed}`), {
        seed,
        controller: seed === 2 ? 'random' : 'none',
      }).complete();
    const { page, wrong } = await open(folder);
    await expect.poll(() => page.locator('tbody tr').count(), soon).toBe(4);
    const selected = () => page.locator('tbody tr[aria-selected=true] td:first-child').allTextContents();
    await expect.poll(selected, soon).toEqual(['run-1']);
    const focused = () => page.evaluate<string>("document.activeElement?.textContent ?? ''");

    // From the top of the page to the rows, which are one stop.
    const stops: string[] = [];
    for (let at = 0; at < 30 && !stops.at(-1)?.startsWith('run-1'); at += 1) {
      await page.keyboard.press('Tab');
      stops.push(await focused());
    }
    expect(stops[0]).toContain('Skip');
    expect(stops.at(-1)).toContain('run-1');
    const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');

    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await expect.poll(selected, soon).toEqual(['run-1', 'run-2']);
    await expect.poll(() => page.locator('#maps article').count(), soon).toBe(2);
    await page.keyboard.press('End');
    expect(await focused()).toContain('run-11');
    await page.keyboard.press('Enter');
    await expect.poll(selected, soon).toEqual(['run-11']);
    await page.keyboard.press('Escape');
    await expect.poll(selected, soon).toEqual([]);
    expect(await page.locator('#nothing').isVisible()).toBe(true);

    await page.keyboard.press('/');
    await page.keyboard.type('none ? finished');
    expect(await page.locator('#keys').isVisible()).toBe(false);
    await expect.poll(() => page.locator('tbody tr').count(), soon).toBe(0);
    await page.keyboard.press('Escape');
    await page.keyboard.type('random');
    await expect
      .poll(() => page.locator('tbody tr').allTextContents(), soon)
      .toEqual([expect.stringContaining('run-2')]);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('#count').textContent(), soon).toBe('4 runs, 0 running');

    await page.locator('th button', { hasText: 'Seed' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    const names = () => page.locator('tbody td:first-child').allTextContents();
    await expect.poll(names, soon).toEqual(['run-11', 'run-3', 'run-2', 'run-1']);
    expect(await page.locator('th[aria-sort=descending]').textContent()).toContain('Seed');
    expect(await focused()).toContain('Seed');

    await page.keyboard.press('?');
    await expect.poll(() => page.locator('#keys').isVisible(), soon).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('#keys').isVisible(), soon).toBe(false);

    await page.keyboard.press('a');
    await expect.poll(() => page.locator('#maps article').count(), soon).toBe(4);
    await page.locator('#cursor').focus();
    await page.keyboard.press('Home');
    await expect
      .poll(() => page.locator('.map').first().textContent(), soon)
      .toBe('Step 0: 0-1-2-3-4-5 (6 blocks)');
    await page.keyboard.press('p');
    await expect
      .poll(async () => Number(await page.locator('#cursor').inputValue()), soon)
      .toBeGreaterThan(0);
    await page.keyboard.press('p');
    expect(await page.locator('#play').textContent()).toBe('Play');
    expect(wrong).toEqual([]);
  });
});
