/** Texts from folders that somebody else has filled: odd names and bytes, links out, links in a circle. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { contentsOf, createRandomStream, PluginHost, type Dataset, type SplitName } from '@ligature/core';
import { createTextDataset, plugin, resolveDataset } from '@ligature/datasets';
import { tokenizeDataset, trainingBatches } from '@ligature/tasks';
import { createByteTokenizer } from '@ligature/tokenizers';
import * as fc from 'fast-check';
import { fileCache } from '../../../packages/run/src/file-cache.js';
import { damaged, strangers, toBytes } from '../generate/bytes.js';
import { defineTarget, type Box } from '../target.js';

const PROSE = 'It was the best of times,\r\nit was the worst of times.\n\n'.repeat(12);
const content = fc.oneof(
  { weight: 5, arbitrary: fc.constant(toBytes(PROSE)) },
  { weight: 3, arbitrary: damaged(fc.constant(toBytes(PROSE))) },
  { weight: 2, arbitrary: strangers },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('', '\n'.repeat(1000), '\ufeffx', 'a'.repeat(200_000), '🜁'.repeat(99), ' '.repeat(99_999))
      .map(toBytes),
  },
);

const NAMES = [
  ...['a.txt', 'b.md', 'c.TXT', 'notes.pdf', '.hidden.txt', 'sub/d.txt', 'sub/deep/e.md', 'sub/.git/f.txt'],
  ...['__proto__.txt', 'new\nline.txt', '\u001b[2J.txt', ' .txt', `${'n'.repeat(200)}.txt`, 'bad\udcff.txt'],
  ...['wiki.train.tokens', 'wiki.valid.tokens', 'wiki.test.tokens', 'train.txt', 'valid.txt', 'test.txt'],
  ...['bytes-\xff.txt', 'bytes-\xff/g.txt'],
];
const LINKS = [
  ...[
    '../outside/secret.txt',
    '../outside',
    '..',
    '.',
    'a.txt',
    'sub',
    'loop.txt',
    '/',
    '/dev/zero',
    '/dev/stdin',
  ],
  ...['/proc/self/environ', 'nowhere', 'sub/../../outside/secret.txt'],
];

type Entry =
  | { readonly kind: 'file'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'link'; readonly name: string; readonly target: string }
  | { readonly kind: 'folder'; readonly name: string };

const name = fc.constantFrom(...NAMES);
const entry: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('file' as const), name, bytes: content }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('link' as const),
      name: fc.oneof(name, fc.constantFrom('loop.txt', 'link', 'sub/link', 'sub/link.txt')),
      target: fc.constantFrom(...LINKS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('folder' as const), name }) },
);
/** The three files of the WikiText layout, so that its reader gets further than to see that they are missing. */
const layout = fc
  .tuple(
    fc.constantFrom(['train.txt', 'valid.txt', 'test.txt'], NAMES.slice(14, 17)),
    content,
    fc.array(entry, { maxLength: 2 }),
  )
  .map(([names, bytes, rest]): Entry[] => [
    ...rest,
    ...names.map((one): Entry => ({ kind: 'file', name: one, bytes })),
  ]);
const passage = fc.oneof(
  fc.constantFrom('{"text": "one two"}\n', 'one two\n', 'alone\n', '\n', '[[[[\n', '{"text": 1}\n'),
  fc.string({ maxLength: 30 }).map((text) => `${JSON.stringify({ text })}\n`),
);
/** LAMBADA's files. */
const passages = fc
  .tuple(fc.array(passage, { maxLength: 8 }), fc.array(passage, { maxLength: 8 }), content)
  .map(([development, test, novel]): Entry[] => [
    {
      ...{ kind: 'file', name: 'lambada_development_plain_text.txt' },
      bytes: toBytes(development.join('')),
    },
    { kind: 'file', name: 'lambada_test_plain_text.txt', bytes: toBytes(test.join('')) },
    { kind: 'file', name: 'lambada_test.jsonl', bytes: toBytes(test.join('')) },
    { kind: 'file', name: 'train-novels/one.txt', bytes: novel },
  ]);
const folderOf = fc.oneof(
  { weight: 1, arbitrary: passages },
  { weight: 3, arbitrary: fc.array(entry, { maxLength: 6 }) },
  { weight: 2, arbitrary: layout },
);

/** File names are bytes: these here become one byte per character, so that some are no UTF-8. */
const fileName = (folder: string, one: string): Buffer =>
  Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(one, /[^\0-\xff]/.test(one) ? 'utf8' : 'latin1')]);

function fill(folder: string, entries: readonly Entry[]): void {
  for (const one of entries) {
    try {
      mkdirSync(fileName(folder, dirname(one.name)), { recursive: true });
      const path = fileName(folder, one.name);
      if (one.kind === 'file') writeFileSync(path, one.bytes, { flag: 'wx' });
      else if (one.kind === 'link') symlinkSync(one.target, path);
      else mkdirSync(path);
    } catch {
      // Two entries of one name, or a name that this file system does not take: the first one counts.
    }
  }
}

async function readAll(dataset: Dataset): Promise<string> {
  const texts: string[] = [];
  for (const split of ['train', 'validation', 'test'] satisfies SplitName[]) {
    texts.push((await contentsOf(dataset, 'text', 'fuzz')(split)).text);
    if (dataset.passages) texts.push(...(await dataset.passages(split)).passages);
  }
  return texts.join('');
}

const KINDS = ['text', 'wikitext', 'resolve', 'lambada', 'openai', 'ptb', 'tiny-shakespeare'] as const;

/** How a kind is asked for. */
const askedFor = (kind: Exclude<(typeof KINDS)[number], 'resolve'>): { name: string; options: object } =>
  kind === 'openai'
    ? { name: 'lambada', options: { test: 'openai', train: 'development' } }
    : { name: kind, options: {} };

const host = new PluginHost().register(plugin);

export const datasetFolder = defineTarget({
  name: 'dataset-folder',
  reads: 'a folder of texts, or of a collection in its layout',
  input: fc.tuple(folderOf, fc.constantFrom(...KINDS)),
  prepare([entries, kind], { folder }: Box) {
    fill(folder, entries);
    return async () => {
      const { name, options } = kind === 'resolve' ? await resolveDataset('.', { folder }) : askedFor(kind);
      return readAll(await host.create('datasets', name, { ...options, path: '.' }, { source: '.', folder }));
    };
  },
});

export const datasetFile = defineTarget({
  name: 'dataset-file',
  reads: 'a text file',
  input: content,
  prepare(bytes, { folder }) {
    writeFileSync(join(folder, 'book.txt'), bytes);
    return async () => {
      const options = { path: 'book.txt', validation: 0.05, test: 0.05 };
      return readAll(createTextDataset(options, { source: 'book.txt', folder }));
    };
  },
});

/** Entries as the cache writes them: digest, format, numbers of ids and groups, ids, group ends. */
const words = fc.oneof(
  fc.array(fc.oneof(fc.integer({ min: -3, max: 300 }), fc.integer()), { maxLength: 30 }),
  fc
    .tuple(
      fc.array(fc.nat(255), { maxLength: 600 }),
      fc.array(fc.oneof(fc.nat(600), fc.integer()), { maxLength: 4 }),
    )
    .map(([ids, groups]) => [1, ids.length, groups.length, ...ids, ...groups]),
);
const cacheEntry = fc.oneof(
  words.map((list) => {
    const payload = Buffer.from(Int32Array.from(list).buffer);
    return new Uint8Array(Buffer.concat([createHash('sha256').update(payload).digest(), payload]));
  }),
  strangers,
);

export const tokenCache = defineTarget({
  name: 'token-cache',
  reads: 'an entry of the cache of token ids',
  input: fc.tuple(cacheEntry, fc.constantFrom('contiguous' as const, 'bos-eos' as const)),
  writes: 'cache',
  mends: true,
  async prepare([bytes, chunking], { folder }) {
    writeFileSync(join(folder, 'book.txt'), PROSE);
    const cacheFolder = join(folder, 'cache');
    const cache = fileCache(cacheFolder);
    const tokenizer = createByteTokenizer({ bos: true });
    const options = { path: 'book.txt', validation: 0.1, test: 0.1 };
    const dataset = createTextDataset(options, { source: 'book.txt', folder });
    await tokenizeDataset({ dataset, tokenizer, cache, chunking });
    for (const file of readdirSync(cacheFolder)) writeFileSync(join(cacheFolder, file), bytes);
    return async () => {
      const tokens = await tokenizeDataset({ dataset, tokenizer, cache, chunking });
      const batches = trainingBatches(tokens, { batch: 1, context: 8 }, createRandomStream(1, 'batches'));
      return [batches.next(), tokens.vocabulary('train')];
    };
  },
});
