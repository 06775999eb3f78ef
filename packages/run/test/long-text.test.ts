/** Texts in parts: their ids are those of the whole text, in a file or in memory, whatever the parts are. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ByteCache, Dataset, LongText, SplitName, Tokenizer } from '@ligature/core';
import { createBpeTokenizer, createByteTokenizer, createWordTokenizer } from '@ligature/tokenizers';
import { tokenizeDataset, type Chunking } from '@ligature/tasks';
import { fileCache } from '../src/file-cache.js';

const folder = mkdtempSync(join(tmpdir(), 'ligature-long-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Some three million units: lines, blank lines, lines without any space, characters of two units. */
const text = Array.from({ length: 52_000 }, (_, line) => {
  if (line % 97 === 0) return '';
  if (line % 89 === 0) return '    indented\t and   spaced  ';
  return `Line ${line} of the ${'long '.repeat(line % 7)}text 🐋, it's ${'x'.repeat(line % 31)}; “so”.`;
}).join('\n');

/** It, said to be long, in parts of so many units. */
const longText = (whole: string, units: number): LongText => ({
  ...{ origin: 'official', bytes: Buffer.byteLength(whole) },
  digest: async () => createHash('sha256').update(whole).digest('hex'),
  async *parts() {
    for (let at = 0; at < whole.length; at += units) yield whole.slice(at, at + units);
  },
  sample: async (bytes) => whole.slice(0, bytes),
});

const shortSplits = { validation: 'Line 1 of it.\n', test: 'Line 2 of it.\n' };
const dataset = (long: LongText): Dataset => ({
  ...{ name: 'long', description: 'a long text' },
  split: async (name) => ({ text: shortSplits[name as 'test'], origin: 'official' }),
  longText: async (name: SplitName) => (name === 'train' ? long : undefined),
});

const tokenizers: Record<string, () => Promise<Tokenizer> | Tokenizer> = {
  bpe: () => createBpeTokenizer(text.slice(0, 50_000), { vocabularySize: 400 }),
  byte: () => createByteTokenizer(),
  word: () => createWordTokenizer(text),
};

const prepare = async (
  tokenizer: Tokenizer,
  units: number,
  cache?: ByteCache,
  more: { chunking?: Chunking; separator?: string } = {},
) => tokenizeDataset({ dataset: dataset(longText(text, units)), tokenizer, cache, ...more });

describe('a long text', () => {
  it.each(Object.keys(tokenizers))('has the ids of the whole text by %s', async (name) => {
    const tokenizer = (await tokenizers[name]?.()) as Tokenizer;
    const data = await prepare(tokenizer, 65_537, fileCache(join(folder, name)));
    const ids = data.tokens('train');
    const expected = tokenizer.encode(text);
    expect(ids).not.toBeInstanceOf(Int32Array);
    expect(
      Buffer.compare(Buffer.from(ids.subarray(0, ids.length).buffer), Buffer.from(expected.buffer)),
    ).toBe(0);
    expect(data.bytes('train')).toBe(Buffer.byteLength(text));
    expect([...data.groups('train')]).toEqual([expected.length]);
    // By position, as training reads it; beyond the end there is nothing.
    expect([...ids.subarray(1000, 1003)]).toEqual([...expected.subarray(1000, 1003)]);
    expect([...ids.subarray(ids.length - 2, ids.length + 5)]).toEqual([...expected.subarray(-2)]);
    // Two bytes for each: vocabularies are small.
    const [file = ''] = readdirSync(join(folder, name)).filter((one) => one.endsWith('.ids'));
    expect(readFileSync(join(folder, name, file)).length).toBeLessThan(2 * expected.length + 200);
  });

  it('is the same in other parts and without a file', async () => {
    const tokenizer = createByteTokenizer();
    const inFile = await prepare(tokenizer, 1 << 20, fileCache(join(folder, 'parts')));
    const inMemory = await prepare(tokenizer, 999);
    expect(await inMemory.digest('train')).toBe(await inFile.digest('train'));
    expect(await inMemory.digest('train')).not.toBe(await inMemory.digest('test'));
    expect(inMemory.vocabulary('test')).toEqual(inFile.vocabulary('test'));
  });

  it('is encoded once, and again where the file is damaged', async () => {
    const tokenizer = createByteTokenizer();
    const place = join(folder, 'once');
    const cached = async () => (await prepare(tokenizer, 1 << 20, fileCache(place))).cached('train');
    expect([await cached(), await cached()]).toEqual([false, true]);
    const [name = ''] = readdirSync(place).filter((one) => one.endsWith('.ids'));
    const bytes = readFileSync(join(place, name));
    bytes[5000]! ^= 1;
    writeFileSync(join(place, name), bytes);
    expect([await cached(), await cached()]).toEqual([false, true]);
    truncateSync(join(place, name), 1000);
    expect(await cached()).toBe(false);
    // Nothing is left aside.
    expect(readdirSync(place).filter((one) => one.includes('part'))).toEqual([]);
  });

  it('leaves nothing behind where encoding ends in the middle', async () => {
    const place = join(folder, 'ended');
    const broken: LongText = {
      ...longText(text, 1 << 20),
      async *parts() {
        yield text;
        throw new Error('the disk is gone');
      },
    };
    const reading = tokenizeDataset({
      ...{ dataset: dataset(broken), tokenizer: createByteTokenizer(), cache: fileCache(place) },
    });
    await expect(reading).rejects.toThrow('the disk is gone');
    expect(readdirSync(place).filter((one) => !one.endsWith('.tokens'))).toEqual([]);
  });

  it('says how far it is', async () => {
    const told: [number, number][] = [];
    const many = text.repeat(5);
    await tokenizeDataset({
      ...{ dataset: dataset(longText(many, 1 << 20)), tokenizer: createByteTokenizer() },
      progress: async (done, of) => void told.push([done, of]),
    });
    const bytes = Buffer.byteLength(many);
    // Every four megabytes, at the end of the next piece.
    expect(told.length).toBeGreaterThanOrEqual(Math.floor(bytes / (5 * 2 ** 20)));
    expect(told.length).toBeLessThanOrEqual(Math.floor(bytes / (4 * 2 ** 20)));
    expect(told.map(([, of]) => of)).toEqual(told.map(() => bytes));
    expect(told.map(([done]) => done)).toEqual(told.map(([done]) => done).sort((a, b) => a - b));
    expect(told.at(-1)?.[0]).toBeGreaterThan(bytes - 8 * 2 ** 20);
  });

  it('is refused by a tokenizer whose ids depend on all of it', async () => {
    const byte = createByteTokenizer();
    const odd: Tokenizer = { ...byte, name: 'odd', encode: (one) => byte.encode(`${one}${one.length % 10}`) };
    await expect(prepare(odd, 1 << 20)).rejects.toMatchObject({ name: 'InputError', code: 'text-not-cut' });
  });

  it.each<[Chunking, string]>([
    ['bos-eos', ''],
    ['documents', '\n\n'],
    ['documents', 'text 🐋'],
  ])('falls into the groups that it has as a whole: %s %j', async (chunking, separator) => {
    const tokenizer = createByteTokenizer({ eos: true });
    const whole: Dataset = {
      ...{ name: 'whole', description: '' },
      split: async (name) => ({ text: name === 'train' ? text : 'a\n\nb text 🐋 c', origin: 'official' }),
    };
    const more = { chunking, separator };
    const expected = await tokenizeDataset({ dataset: whole, tokenizer, ...more });
    const data = await prepare(tokenizer, 4097, fileCache(join(folder, `groups-${chunking}`)), more);
    expect(data.groups('train').length).toBeGreaterThan(50);
    expect(data.groups('train')).toEqual(expected.groups('train'));
    expect(data.bytes('train')).toBe(expected.bytes('train'));
    const all = (one: typeof data) => one.tokens('train').subarray(0, one.tokens('train').length);
    expect(Buffer.compare(Buffer.from(all(data).buffer), Buffer.from(all(expected).buffer))).toBe(0);
  });
});
