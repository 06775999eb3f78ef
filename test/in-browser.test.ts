/**
 * A run in a browser: nothing that it is made of asks for Node, and a page that Vite built trains in Chromium as Node
 * does. Without Chromium the second is skipped with a word.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plugin as backends } from '@ligature/backends';
import { isDurable, type LigatureEvent } from '@ligature/core';
import { runTrial } from '@ligature/run';
import { chromium } from 'playwright-core';
import { build, preview, type Plugin } from 'vite';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { configFor, createHost } from '../examples/browser/src/run.js';
import type { Shown } from '../examples/browser/src/shown.js';
import { TEXT } from '../examples/browser/src/text.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const EXAMPLE = join(ROOT, 'examples/browser');
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
if (CHROMIUM === undefined)
  console.warn('The page does not train: there is no /usr/bin/chromium (apt-get install chromium).');

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** Entries that must run in a browser, those too that the page has no use for. */
const ENTRIES = [
  ...['core', 'nn', 'transformer', 'tasks', 'tokenizers', 'weight-sharing', 'weight-sharing/schemes'],
  ...['adapters', 'evaluators', 'trainer', 'run/compose', 'controller-annealing', 'controller-bandit'],
  ...['controller-halving', 'controller-heuristics', 'controller-q-learning', 'controller-random'],
  'controller-similarity',
  ...['controller-loss-probed', 'controller-gradient-conflict'],
].map((name) => `@ligature/${name}`);

const folder = mkdtempSync(join(tmpdir(), 'ligature-browser-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Notes what asks for a module of Node, before Vite puts its empty stand-in there. */
function askedOfNode(asked: string[]): Plugin {
  return {
    name: 'asked-of-node',
    enforce: 'pre',
    resolveId(id, importer = '') {
      // Its manifest says that browsers have no such module; it does without.
      if (!isBuiltin(id) || importer.endsWith('/seedrandom.js')) return null;
      asked.push(`${relative(ROOT, importer)}: ${id}`);
      return { id, external: true };
    },
  };
}

/** The name of a module whose code a test writes. */
const MORE = 'virtual:more';

/**
 * Builds as the example's users do.
 *
 * @param inputs its page, or `MORE`
 * @returns who asked for which module of Node
 */
async function buildPage(outDir: string, inputs: readonly string[], more = ''): Promise<string[]> {
  const asked: string[] = [];
  const entries = {
    name: 'more-entries',
    resolveId: (id: string) => (id === MORE ? id : null),
    load: (id: string) => (id === MORE ? more : null),
  };
  await build({
    root: EXAMPLE,
    logLevel: 'silent',
    plugins: [askedOfNode(asked), entries],
    build: {
      ...{ outDir, emptyOutDir: true, minify: false, reportCompressedSize: false },
      rollupOptions: { input: [...inputs] },
    },
  });
  return asked;
}

interface OnPage {
  readonly events: LigatureEvent[];
  /** Messages, errors, requests to others. */
  readonly wrong: string[];
}

/** Trains on the page to the end. @param meanwhile done beside it, when the page needs no attention any more */
async function trainInChromium(outDir: string, meanwhile: () => Promise<void>): Promise<OnPage> {
  const server = await preview({
    root: EXAMPLE,
    build: { outDir },
    preview: { host: '127.0.0.1', port: 0 },
    logLevel: 'silent',
  });
  onTestFinished(() => server.close());
  const [address] = server.resolvedUrls?.local ?? [];
  const browser = await chromium.launch({ executablePath: CHROMIUM as string, args: FLAGS });
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1100, height: 1000 } });
  const wrong: string[] = [];
  page.on('console', (message) => wrong.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('request', (asked) => {
    if (!asked.url().startsWith(address as string) && !asked.url().startsWith('data:'))
      wrong.push(`asks ${asked.url()}`);
  });
  await page.goto(address as string);
  const shown = () => page.evaluate<Shown>('window.ligature');
  await page.click('#start');
  await expect.poll(async () => (await shown()).losses.length, { timeout: 30_000 }).toBeGreaterThan(1);
  await page.click('#start');
  await expect.poll(async () => (await shown()).state, { timeout: 30_000 }).toBe('stopped');
  // Begins anew, and is none the worse for the run before.
  await page.click('#start');
  await meanwhile();
  await expect.poll(async () => (await shown()).state, { timeout: 90_000 }).not.toBe('running');
  const { state, events } = await shown();
  expect(state).toBe('completed');
  expect(await page.textContent('#step')).toBe('60 of 60');
  expect(await page.locator('#maps rect').count()).toBe(4 * 20);
  return { events, wrong };
}

async function trainInNode(): Promise<LigatureEvent[]> {
  const events: LigatureEvent[] = [];
  await runTrial(configFor(TEXT, 'q-learning'), join(folder, 'run'), {
    host: createHost().register(backends),
    cwd: folder,
    cacheFolder: join(folder, 'cache'),
    now: () => performance.now(),
    listen: (bus) => void bus.events$.subscribe((event) => events.push(event)),
  });
  return events;
}

/** What is the same in every run of a seed: no timings, and no checkpoints, which a page has no place for. */
const repeatable = (events: readonly LigatureEvent[]): object[] =>
  events
    .filter((event) => isDurable(event) && event.type !== 'checkpoint.saved')
    .map((event) => ({ ...event, durationMs: undefined }));

const EXACT: readonly LigatureEvent['type'][] = [
  ...(['step.completed', 'window.closed', 'tying.applied', 'reward.measured', 'run.completed'] as const),
];

/** Losses, gradient norms, rewards, tie maps, ledgers. */
const exact = (events: readonly LigatureEvent[]): object[] =>
  repeatable(events.filter(({ type }) => EXACT.includes(type)));

/** Everything, to nine digits. */
const rounded = (events: readonly LigatureEvent[]): object[] =>
  JSON.parse(JSON.stringify(repeatable(events)), (_, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(9)) : value,
  ) as object[];

describe('a run in a browser', () => {
  it('is told who asks for a module of Node', async () => {
    const asked = await buildPage(join(folder, 'asking'), [MORE], "export * from '@ligature/core/node';");
    expect(asked).toContain('packages/core/src/node/async-context.ts: node:async_hooks');
  });

  it('asks for nothing of Node, with any part of Ligature', async () => {
    const all = ENTRIES.map((name, at) => `export * as _${at} from '${name}';`).join('\n');
    expect(await buildPage(join(folder, 'site'), [join(EXAMPLE, 'index.html'), MORE], all)).toEqual([]);
  }, 120_000);

  // Node and Chromium come with engines of different ages, whose `Math.exp` and `**` differ in the last bit of a double.
  // Weights are single precision and do not see it; perplexities and what the agent says of its values do.
  it.skipIf(CHROMIUM === undefined)(
    'trains on a page as in Node: every loss, map and reward, bit by bit',
    async () => {
      let node: LigatureEvent[] = [];
      const page = await trainInChromium(join(folder, 'site'), async () => {
        node = await trainInNode();
      });
      expect(page.wrong).toEqual([]);
      expect(node.filter(({ type }) => type === 'step.completed')).toHaveLength(60);
      expect(
        new Set(node.flatMap((event) => (event.type === 'tying.applied' ? [event.tieMap.join('-')] : [])))
          .size,
      ).toBeGreaterThan(2);
      expect(exact(page.events)).toEqual(exact(node));
      expect(rounded(page.events)).toEqual(rounded(node));
    },
    180_000,
  );
});
