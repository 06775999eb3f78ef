import fc from 'fast-check';
import { Tiktoken } from 'js-tiktoken/lite';
import ranks from 'js-tiktoken/ranks/gpt2';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ByteExactTokenizer } from '@ligature/tokenizers';
import {
  createBpeTokenizer,
  createByteTokenizer,
  createGpt2Tokenizer,
  restoreBpeTokenizer,
} from '@ligature/tokenizers';
import { loadRanks } from '../src/gpt2.js';
import { anyText, mobyDick, nativeIds, wellFormed } from './helpers.js';

const text = mobyDick();
let gpt2: ByteExactTokenizer;
let bpe: ByteExactTokenizer;

beforeAll(async () => {
  gpt2 = await createGpt2Tokenizer();
  bpe = createBpeTokenizer(text, { vocabularySize: 2048 }) as ByteExactTokenizer;
});

describe('bpe', () => {
  it('has the ids that the native library of Hugging Face gives, on all of Moby Dick', async () => {
    const ids = await nativeIds(bpe.toJSON(), text);
    expect(ids.length).toBeGreaterThan(300_000);
    expect(Buffer.from(bpe.encode(text).buffer).equals(Buffer.from(Int32Array.from(ids).buffer))).toBe(true);
  });

  it('has the ids that it gives on arbitrary text', async () => {
    const samples = fc.sample(anyText, 300).map(wellFormed);
    const native = await Promise.all(samples.map((sample) => nativeIds(bpe.toJSON(), sample)));
    expect(samples.map((sample) => [...bpe.encode(sample)])).toEqual(native);
    for (const sample of ['a\u0085b', '\ufeffa \ufeff', 'x\u001c y']) {
      expect([...bpe.encode(sample)]).toEqual(await nativeIds(bpe.toJSON(), sample));
    }
  });

  it('is the same again after its JSON was written and read', () => {
    const again = restoreBpeTokenizer(JSON.parse(JSON.stringify(bpe.toJSON())));
    expect(again).toMatchObject({ name: 'bpe', vocabularySize: 2048, bosId: 0, eosId: 0 });
    expect([...again.encode(text.slice(0, 50_000))]).toEqual([...bpe.encode(text.slice(0, 50_000))]);
  });

  it('merges a long run of one letter in the order of a left-to-right scan', () => {
    const runs = createBpeTokenizer('aaaa\naaaa\naaaa', { vocabularySize: 259 });
    // Merges are a a, aa aa: 100,001 letters are 25,000 fours and one a.
    const ids = runs.encode('a'.repeat(100_001));
    expect(ids).toHaveLength(25_001);
    expect(runs.decode(ids.slice(-2))).toBe('aaaaa');
  });
});

describe('gpt2', () => {
  // Ids as the documentation of Hugging Face transformers and OpenAI's tokenizer print them for GPT-2.
  it.each([
    ['Hello world', [15496, 995]],
    [' Hello world', [18435, 995]],
    ['Hello, world!', [15496, 11, 995, 0]],
    ['Hello, my dog is cute', [15496, 11, 616, 3290, 318, 13779]],
    [
      'The quick brown fox jumps over the lazy dog.',
      [464, 2068, 7586, 21831, 18045, 625, 262, 16931, 3290, 13],
    ],
    ['<|endoftext|>', [50256]],
  ])('encodes %j as GPT-2 does', (sample, ids) => {
    expect([...gpt2.encode(sample)]).toEqual(ids);
  });

  it('says how to get the vocabulary where it is not installed', async () => {
    const absent = loadRanks(() => Promise.reject(new Error("Cannot find package 'js-tiktoken'")));
    await expect(absent).rejects.toMatchObject({
      code: 'tokenizer-package-missing',
      parts: { todo: 'Run `npm install js-tiktoken`' },
    });
  });

  it('has the ids that js-tiktoken gives, on all of Moby Dick', () => {
    const expected = new Tiktoken(ranks).encode(text, 'all');
    expect(expected.length).toBeGreaterThan(300_000);
    expect(Buffer.from(gpt2.encode(text).buffer).equals(Buffer.from(Int32Array.from(expected).buffer))).toBe(
      true,
    );
    expect(gpt2).toMatchObject({ vocabularySize: 50257, bosId: 50256, eosId: 50256 });
    expect(gpt2.toJSON()).toBe(null);
  });
});

describe('byte', () => {
  it('is the UTF-8 of the text', () => {
    expect([...createByteTokenizer().encode('é€\ud800')]).toEqual([
      0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xef, 0xbf, 0xbd,
    ]);
  });

  it('numbers its special tokens after the bytes and gives them no text', () => {
    const both = createByteTokenizer({ bos: true, eos: true });
    expect(both).toMatchObject({ vocabularySize: 258, bosId: 256, eosId: 257 });
    expect(createByteTokenizer({ eos: true })).toMatchObject({ vocabularySize: 257, eosId: 256 });
    expect(both.decode([256, 104, 105, 257])).toBe('hi');
    expect(both.toJSON()).toEqual({ bos: true, eos: true });
  });
});

describe.each(['byte', 'gpt2', 'bpe'] as const)('%s', (name) => {
  const tokenizer = (): ByteExactTokenizer => ({ byte: createByteTokenizer(), gpt2, bpe })[name];

  it('decodes what it encoded, lone surrogates as U+FFFD', () => {
    fc.assert(
      fc.property(anyText, (sample) => {
        const ids = tokenizer().encode(sample);
        expect(tokenizer().decode(ids)).toBe(wellFormed(sample));
        expect(tokenizer().byteLength(ids)).toBe(Buffer.byteLength(sample));
      }),
    );
  });

  it('counts bytes exactly where a character is cut', () => {
    const ids = tokenizer().encode('a🐋𓆉b');
    let bytes = 0;
    for (let i = 0; i < ids.length; i += 1) bytes += tokenizer().byteLength(ids.slice(i, i + 1));
    expect(bytes).toBe(10);
  });

  it('refuses ids that it does not have', () => {
    const beyond = tokenizer().vocabularySize;
    for (const id of [-1, beyond, 0.5, NaN]) {
      expect(() => tokenizer().decode([id])).toThrow(/no such id/);
      expect(() => tokenizer().byteLength([id])).toThrow(/no such id/);
    }
  });
});
