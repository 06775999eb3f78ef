import { createHubDataset, hubOptionsSchema } from '@ligature/hub';
import type { DatasetContext, SplitName } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { fakeClock, fixture, glue, temporaryFolder, text, wikitext } from './helpers.js';
import { commitOf, serveHub, type HubServer, type ServedRepo } from './hub-server.js';

const REPO = 'datasets/Salesforce/wikitext';
const NAME = 'hf:wikitext/wikitext-2-raw-v1';
const PINNED = `hf:Salesforce/wikitext/wikitext-2-raw-v1@${commitOf('a')}`;

async function hubOfDatasets(): Promise<HubServer> {
  const server = await serveHub({ [REPO]: wikitext(), 'datasets/nyu-mll/glue': glue() });
  server.moved['datasets/wikitext'] = REPO;
  server.moved['datasets/glue'] = 'datasets/nyu-mll/glue';
  return server;
}

function open(
  server: HubServer,
  source: string,
  options: object = {},
  context: Partial<DatasetContext> = {},
) {
  return createHubDataset(
    options,
    { source, folder: '.', cacheFolder: temporaryFolder(), ...context },
    { env: { HF_ENDPOINT: server.url }, clock: fakeClock() },
  );
}

describe('a running text', () => {
  it.each([NAME, 'hf:Salesforce/wikitext/wikitext-2-raw-v1'])(
    '%s is the bytes of the original files',
    async (source) => {
      const dataset = open(await hubOfDatasets(), source);
      for (const split of ['train', 'validation', 'test'] satisfies SplitName[]) {
        expect(await dataset.split?.(split)).toEqual({
          ...{ text: fixture(`wikitext-${split}.raw`).toString('utf8'), origin: 'official' },
        });
      }
    },
  );

  it('is pinned to what it is now, and fetches what it needs alone', async () => {
    const server = await hubOfDatasets();
    const more = { 'other/train-00000-of-00001.parquet': text('not asked for') };
    server.repos[REPO] = {
      refs: { main: commitOf('a') },
      commits: { [commitOf('a')]: { ...wikitext().commits[commitOf('a')], ...more } },
    };
    const dataset = open(server, NAME);
    expect(await dataset.pinned?.()).toEqual({ name: PINNED });
    expect((await dataset.files?.())?.train.length).toBe(2);
    await dataset.split?.('train');
    expect(server.seen.filter(({ path }) => path.includes('other/'))).toEqual([]);
    expect(await open(server, 'hub', { repo: NAME }).pinned?.()).toEqual({ options: { repo: PINNED } });
  });

  it('comes from the cache without a network once it is pinned', async () => {
    const server = await hubOfDatasets();
    const cacheFolder = temporaryFolder();
    await open(server, NAME, {}, { cacheFolder }).split?.('train');
    const before = server.seen.length;
    const again = open(server, PINNED, {}, { cacheFolder });
    expect((await again.split?.('test'))?.text).toBe(fixture('wikitext-test.raw').toString('utf8'));
    // Offline, the name as it was written first is what it was then.
    const offline = open(server, NAME, { offline: true }, { cacheFolder });
    expect(await offline.pinned?.()).toEqual({ name: PINNED });
    expect(server.seen.length).toBe(before);
  });

  it('of plain text files and JSON lines is read, too', async () => {
    const commits = {
      [commitOf('c')]: { 'train.txt': text('One two three.\n'), 'test.txt': text('Four.\n') },
    };
    const lines = {
      [commitOf('c')]: {
        'data.jsonl': text(Array.from({ length: 40 }, (_, at) => `{"body":"Row ${at}."}\n`).join('')),
      },
    };
    const refs = { main: commitOf('c') };
    const server = await serveHub({
      'datasets/a/t': { refs, commits },
      'datasets/a/l': { refs, commits: lines },
    });
    expect((await open(server, 'hf:a/t', { validation: 0.4 }).split?.('test'))?.text).toBe('Four.\n');
    const train = await open(server, 'hf:a/l', { text: 'body' }).split?.('train');
    expect(train?.origin).toBe('derived');
    expect(train?.text.startsWith('Row 0.\n\nRow 1.')).toBe(true);
    await expect(open(server, 'hf:a/l').split?.('train')).rejects.toThrow('its columns are body');
  });
});

describe('labelled texts', () => {
  it.each(['hf:nyu-mll/glue/sst2', 'hf:glue/sst2'])('%s are those of the benchmark', async (source) => {
    const server = await hubOfDatasets();
    const dataset = open(server, source);
    expect(dataset.split).toBeUndefined();
    const test = await dataset.labelledTexts?.('test');
    expect(test?.classes).toEqual(['negative', 'positive']);
    expect(test?.examples.map(({ label }) => label)).toEqual([
      'negative',
      'positive',
      'negative',
      'positive',
      'negative',
      'positive',
    ]);
    expect(server.seen.filter(({ path }) => path.includes('sst2/test'))).toEqual([]);
  });

  it('are what the columns say that are named', async () => {
    const rows = Array.from({ length: 40 }, (_, at) => `"text ${at}",${at % 2 ? 'good' : 'bad'}`).join('\n');
    const csv: ServedRepo = {
      refs: { main: commitOf('d') },
      commits: {
        [commitOf('d')]: {
          'data/train.csv': text(`text,stars\n${rows}\n`),
          'data/test.csv': text('text,stars\nx,good\n'),
        },
      },
    };
    const server = await serveHub({ 'datasets/me/reviews': csv });
    const dataset = open(server, 'hf:me/reviews', { label: 'stars' });
    expect(await dataset.labelledTexts?.('test')).toMatchObject({
      ...{ classes: ['bad', 'good'], examples: [{ texts: ['x'], label: 'good' }], origin: 'official' },
    });
  });
});

describe('a dataset that is not there', () => {
  it('is said to be, with every way in which its name was understood', async () => {
    await expect(open(await hubOfDatasets(), 'hf:wikitex/raw').pinned?.()).rejects.toMatchObject({
      code: 'hub-missing',
      message: expect.stringContaining(
        'neither a dataset "wikitex/raw" nor a dataset "wikitex" with a configuration "raw"',
      ) as string,
    });
  });

  it('may be a configuration or a revision', async () => {
    const server = await hubOfDatasets();
    await expect(open(server, 'hf:wikitext/wikitext-3').pinned?.()).rejects.toThrow(
      'it has wikitext-2-raw-v1',
    );
    await expect(open(server, `${NAME}@v9`).pinned?.()).rejects.toMatchObject({
      code: 'hub-revision-unknown',
    });
  });

  it('is refused before anything is asked where its options make no sense', () => {
    expect(hubOptionsSchema.safeParse({ text2: 'b' }).error?.issues[0]?.path).toEqual(['label']);
    expect(hubOptionsSchema.safeParse({ token: 'x' }).success).toBe(false);
  });
});
