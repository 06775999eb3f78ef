/**
 * Small files with the structure of those that public models have, and what Hugging Face's Rust library makes of them.
 * How they were made: `fixtures/public-shapes/make_fixtures.py`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { loadTokenizerJson } from '@ligature/tokenizers';
import { describe, expect, it } from 'vitest';

interface Shape {
  readonly tokenizer: unknown;
  /** Of the ids, and of the text, special tokens are part only where the text names them. */
  readonly cases: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly decoded: string;
  }[];
}

const FOLDER = new URL('./fixtures/public-shapes/', import.meta.url);
const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length));

const read = (name: string): Shape =>
  JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Shape;

describe('the shapes of public tokenizers', () => {
  it('are all there', () => {
    const families = [
      'bert',
      'gpt2',
      'roberta',
      'llama-1',
      'llama-2',
      'llama-3',
      't5',
      'albert',
      'qwen',
      'gemma',
    ];
    for (const family of [...families, 'mistral', 'phi', 'falcon', 'bloom', 'xlm-r', 'clip', 'whisper']) {
      expect(NAMES.filter((name) => name.startsWith(family))).not.toEqual([]);
    }
  });

  it.each(NAMES)('%s has the ids and the text of the native library', (name) => {
    const { tokenizer, cases } = read(name);
    const ours = loadTokenizerJson(tokenizer);
    expect(cases.length).toBeGreaterThan(20);
    for (const { text, ids, decoded } of cases) {
      expect({ text, ids: [...ours.encode(text)] }).toEqual({ text, ids });
      expect({ text, decoded: ours.decode(Int32Array.from(ids)) }).toEqual({ text, decoded });
    }
  });
});

describe('a map of characters that takes the first one away', () => {
  const [, map] = JSON.parse(readFileSync(new URL('../charsmaps.json', FOLDER), 'utf8')) as string[];
  const file = {
    normalizer: { type: 'Precompiled', precompiled_charsmap: map },
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: false },
    model: {
      type: 'Unigram',
      unk_id: 0,
      vocab: [['<unk>', 0], ...['▁', '✂', 'x'].map((piece) => [piece, -1])],
    },
    added_tokens: [
      {
        ...{ id: 4, content: '<s>', single_word: false, lstrip: false, rstrip: false },
        ...{ normalized: false, special: true },
      },
    ],
  };

  // Asked of tokenizers 0.22.2.
  it.each([
    ['\u0001✂', [1, 2]],
    ['\u0001\u0001✂x', [1, 2, 3]],
    ['✂\u0001x', [1, 2, 3]],
    ['\u0001', []],
    ['\u0001<s>\u0001x', [4, 3]],
    ['<s>\u0001x', [4, 3]],
  ])('leaves the start of %j to the next', (text, ids) => {
    expect([...loadTokenizerJson(file).encode(text)]).toEqual(ids);
  });
});
