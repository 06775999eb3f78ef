/** Texts of more than a given size: their splits join to the text that they are when they are read at once. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PluginHost, type LongText } from '@ligature/core';
import { plugin } from '@ligature/datasets';
import { textCorpus, placeOf } from '../src/corpora/corpus.js';
import { longSplits } from '../src/long/long-splits.js';
import { createTextDataset } from '../src/sources/text.js';
import { temporaryFolder } from './helpers.js';

const joined = async (text: LongText | undefined): Promise<string> => {
  const parts: string[] = [];
  for await (const part of text?.parts() ?? []) parts.push(part);
  return parts.join('');
};

const host = new PluginHost().register(plugin);

const paragraph = (at: number): string => `Paragraph ${at} – “é” 🐋.\nIts second line ${'x'.repeat(at % 60)}`;
const book = (from: number, to: number, end = '\n\n'): string =>
  Array.from({ length: to - from }, (_, at) => paragraph(from + at)).join(end);

describe('a long text', () => {
  it('is cut near its shares at blank lines, and loses nothing', async () => {
    const text = book(0, 4000);
    const folder = temporaryFolder({ 'book.txt': text });
    const dataset = createTextDataset({ validation: 0.1 }, { source: 'book.txt', folder }, 1000);
    const long = await dataset.longText?.('train');
    const [validation, test] = [await dataset.split('validation'), await dataset.split('test')];
    const train = await joined(long);
    expect(train + validation.text + test.text).toBe(text);
    for (const one of [train, validation.text]) expect(one.endsWith('\n\n')).toBe(true);
    expect([long?.origin, validation.origin, test.origin]).toEqual(['derived', 'derived', 'derived']);
    const bytes = Buffer.byteLength(text);
    expect(long?.bytes).toBe(Buffer.byteLength(train));
    expect(Math.abs(Buffer.byteLength(validation.text) / bytes - 0.1)).toBeLessThan(0.002);
    expect(Math.abs(Buffer.byteLength(test.text) / bytes - 0.05)).toBeLessThan(0.002);
    // For who cannot read it in parts.
    expect((await dataset.split('train')).text).toBe(train);
    expect(await joined(long)).toBe(train);
  });

  it('is no long one up to the size', async () => {
    const folder = temporaryFolder({ 'book.txt': book(0, 40) });
    const dataset = createTextDataset({}, { source: 'book.txt', folder });
    expect(await dataset.longText?.('train')).toBeUndefined();
    expect(await dataset.longText?.('test')).toBeUndefined();
  });

  it('of several files is what they are together, with line ends as LF and without marks and blank files', async () => {
    const files = {
      'a.txt': `\uFEFF${book(0, 300)}\n\n\n`,
      'b.txt': ' \n\n',
      'c.txt': book(300, 600).replaceAll('\n', '\r\n'),
      'd.txt': 'the end\r',
    };
    const folder = temporaryFolder(files);
    const options = { splits: 'cut', validation: 0.02, test: 0.02 } as const;
    const short = createTextDataset(options, { source: '.', folder });
    const long = createTextDataset(options, { source: '.', folder }, 100);
    const all = async (one: typeof long): Promise<string> =>
      (await one.split('train')).text + (await one.split('validation')).text + (await one.split('test')).text;
    expect(await all(long)).toBe(await all(short));
    expect(await joined(await long.longText?.('train'))).toBe((await long.split('train')).text);
  });

  it('takes the splits that files are named for', async () => {
    const folder = temporaryFolder({
      'train.txt': book(0, 900),
      'valid.txt': 'Held out.',
      'test.txt': 'Tested.',
    });
    const dataset = createTextDataset({}, { source: '.', folder }, 1000);
    expect(await joined(await dataset.longText?.('train'))).toBe(book(0, 900));
    expect((await dataset.longText?.('train'))?.origin).toBe('official');
    expect(await dataset.split('validation')).toEqual({ text: 'Held out.', origin: 'official' });
    expect(await dataset.split('test')).toEqual({ text: 'Tested.', origin: 'official' });
  });

  it('of lines has each file end its last one', async () => {
    const lines = (of: string): string => Array.from({ length: 100 }, (_, at) => `${of} ${at}`).join('\n');
    const files = { 'a.txt': lines('a'), 'b.txt': `${lines('b')}\n`, 'c.txt': lines('c') };
    const context = { source: '.', folder: temporaryFolder(files) };
    const corpus = textCorpus({
      ...{ name: 'lines', about: 'Lines', place: placeOf({}, context, 'files') },
      shares: { validation: 0.2, test: 0.2 },
      files: async () => ({ folder: context.folder, files: { train: ['*.txt'] } }),
      most: 1,
    });
    const splits = [await joined(await corpus.longText?.('train'))];
    for (const split of ['validation', 'test'] as const) splits.push((await corpus.split(split)).text);
    expect(splits.join('')).toBe(['a', 'b', 'c'].map(lines).join('\n'));
    for (const split of splits.slice(0, 2)) expect(split.endsWith('\n')).toBe(true);
  });

  it('gives a sample of whole lines from all over it', async () => {
    const folder = temporaryFolder({ 'book.txt': book(0, 9000) });
    const long = (await longSplits({
      paths: [join(folder, 'book.txt')],
      ...{ joining: 'alone', shares: {}, origin: 'official', most: 1 },
    }))!.train;
    const sample = await long.sample(64 * 400);
    expect(await long.sample(64 * 400)).toBe(sample);
    expect(sample.length).toBeGreaterThan(64 * 200);
    expect(sample.length).toBeLessThan(64 * 400);
    const lines = new Set(book(0, 9000).split('\n'));
    expect(sample.split('\n').filter((line) => !lines.has(line))).toEqual([]);
    const numbers = [...sample.matchAll(/Paragraph (\d+) /gu)].map(([, number]) => Number(number));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect([Math.min(...numbers) < 150, Math.max(...numbers) > 8850]).toEqual([true, true]);
    // All of it, where it is no longer than that.
    expect(await long.sample(1e9)).toBe(book(0, 9000));
  });

  it('has a digest of its bytes, and of how its files are joined', async () => {
    const folder = temporaryFolder({
      'a.txt': 'one\ntwo',
      'b.txt': 'one\ntwp',
      'c.txt': 'one',
      'd.txt': '\ntwo',
    });
    const digest = async (joining: 'lines' | 'paragraphs', ...names: string[]): Promise<string> => {
      const paths = names.map((name) => join(folder, name));
      return (await longSplits({ paths, joining, shares: {}, origin: 'official', most: 1 }))!.train.digest();
    };
    const all = await Promise.all([
      ...[digest('lines', 'a.txt'), digest('lines', 'b.txt'), digest('lines', 'c.txt', 'd.txt')],
      ...[digest('paragraphs', 'c.txt', 'd.txt'), digest('lines', 'd.txt', 'c.txt')],
    ]);
    expect(new Set(all).size).toBe(all.length);
    expect(await digest('lines', 'a.txt')).toBe(all[0]);
  });

  it('without any white space is cut between characters', async () => {
    const folder = temporaryFolder({ 'one.txt': '🐋'.repeat(100_000) });
    const dataset = createTextDataset({}, { source: 'one.txt', folder }, 1000);
    const splits = [await joined(await dataset.longText?.('train'))];
    for (const split of ['validation', 'test'] as const) splits.push((await dataset.split(split)).text);
    expect(splits.join('')).toBe('🐋'.repeat(100_000));
  });

  it('that is no UTF-8, or shorter by now, is refused where that is met', async () => {
    const folder = temporaryFolder({
      'bad.txt': Buffer.concat([Buffer.from(book(0, 900)), Buffer.of(0xff, 0xfe)]),
    });
    const bad = createTextDataset({}, { source: 'bad.txt', folder }, 1000);
    await expect(bad.split('test')).rejects.toMatchObject({ name: 'InputError', code: 'dataset-not-utf8' });
    writeFileSync(join(folder, 'cut.txt'), book(0, 900));
    const cut = createTextDataset({}, { source: 'cut.txt', folder }, 1000);
    const long = await cut.longText?.('train');
    writeFileSync(join(folder, 'cut.txt'), 'gone');
    await expect(joined(long)).rejects.toMatchObject({ name: 'InputError', code: 'dataset-changed' });
  });

  it('is read no further once its reader is stopped', async () => {
    const folder = temporaryFolder({ 'book.txt': book(0, 40_000) });
    const stop = new AbortController();
    const dataset = createTextDataset({}, { source: 'book.txt', folder, signal: stop.signal }, 1000);
    const long = await dataset.longText?.('train');
    const reading = (async () => {
      for await (const part of long?.parts() ?? []) if (part.length > 0) stop.abort();
    })();
    await expect(reading).rejects.toMatchObject({ name: 'InputError', code: 'stopped' });
    await expect(long?.digest()).rejects.toMatchObject({ code: 'stopped' });
  });

  it('is offered by WikiText and LAMBADA, too', async () => {
    const context = { source: '.', folder: temporaryFolder({}) };
    for (const name of ['wikitext-103', 'lambada'] as const) {
      const dataset = await host.create('datasets', name, {}, context);
      await expect(dataset.longText?.('train')).rejects.toMatchObject({ code: 'dataset-missing' });
      expect(await dataset.longText?.('test')).toBeUndefined();
    }
  });
});
