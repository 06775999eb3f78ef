/** Tokenizers from files and from what a run saved. An accepted one must encode and decode, or say why not. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PluginHost, type Json, type Tokenizer } from '@ligature/core';
import { loadTokenizerJson, trainBpe } from '@ligature/tokenizers';
import { plugin, readTokenizerFile } from '@ligature/tokenizers/node';
import * as fc from 'fast-check';
import { jsonFile, jsonValue } from '../generate/json.js';
import { defineTarget, Violation } from '../target.js';

const TEXT = 'Call me Ishmael. Some years ago — never mind how long precisely — I thought I would sail.\n';
const SAMPLES = [
  TEXT,
  '',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!',
  '\ud800 \u0000 🜁 ﷺ\r\n',
  ' \t'.repeat(200),
  'x'.repeat(2000),
];

const added = (id: number, content: string): object => ({
  ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
});
const bpe = trainBpe(TEXT, { vocabularySize: 270 });
const split = (regex: string): object => ({
  ...{ type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false },
});

/** One of each model, with the parts that files of that kind have. */
const FILES: readonly Record<string, unknown>[] = [
  bpe,
  { ...bpe, pre_tokenizer: { type: 'Sequence', pretokenizers: [split(String.raw`\p{L}+|\s+|\d{1,3}`)] } },
  { ...bpe, pre_tokenizer: split('(a+)+$') },
  { ...bpe, pre_tokenizer: split('(a|aa)*b') },
  {
    ...bpe,
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
        { type: 'NFKC' },
        { type: 'Prepend', prepend: '▁' },
      ],
    },
  },
  {
    ...bpe,
    normalizer: {
      type: 'Sequence',
      normalizers: Array.from({ length: 40 }, () => ({
        ...{ type: 'Replace', pattern: { String: 'a' }, content: 'aa' },
      })),
    },
  },
  {
    version: '1.0',
    added_tokens: [added(0, '[UNK]'), added(1, '[CLS]')],
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: null,
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      ...{
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
      },
      vocab: { '[UNK]': 0, '[CLS]': 1, call: 2, me: 3, '##s': 4, i: 5 },
    },
  },
  {
    version: '1.0',
    added_tokens: [added(0, '<unk>'), added(1, '</s>')],
    normalizer: null,
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    post_processor: null,
    decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    model: {
      type: 'Unigram',
      unk_id: 0,
      vocab: [
        ['<unk>', 0],
        ['</s>', 0],
        ['▁', -2],
        ['▁me', -3.5],
        ['a', -4],
      ],
    },
  },
];

function use(tokenizer: Tokenizer): Tokenizer {
  for (const text of SAMPLES) {
    const ids = tokenizer.encode(text);
    if (!(ids instanceof Int32Array)) throw new Violation('its ids are no Int32Array');
    tokenizer.decode(ids);
  }
  return tokenizer;
}

export const tokenizerJson = defineTarget({
  name: 'tokenizer-json',
  reads: 'the parsed content of a tokenizer.json',
  input: jsonValue(FILES),
  prepare: (content) => () => use(loadTokenizerJson(content)),
});

export const tokenizerFile = defineTarget({
  name: 'tokenizer-file',
  reads: 'a tokenizer.json on disk',
  input: jsonFile(FILES),
  prepare(bytes, { folder }) {
    const path = join(folder, 'tokenizer.json');
    writeFileSync(path, bytes);
    return async () => use(await readTokenizerFile({ path }));
  },
});

const host = new PluginHost().register(plugin);
const SAVED: Readonly<Record<string, readonly unknown[]>> = {
  byte: [{ bos: true, eos: false }],
  word: [{ words: ['<unk>', '<eos>', 'Call', 'me', '__proto__'] }],
  bpe: [bpe],
  gpt2: [{}],
  file: FILES.map((tokenizer) => ({ tokenizer, eosToken: '</s>' })),
};

export const savedTokenizer = defineTarget({
  name: 'tokenizer-saved',
  reads: 'what a run saved of its tokenizer',
  input: fc
    .constantFrom(...Object.keys(SAVED).filter((name) => name !== 'gpt2'))
    .chain((name) => fc.tuple(fc.constant(name), jsonValue(SAVED[name] as unknown[]))),
  prepare: ([name, saved]) => {
    const options = name === 'file' ? { path: 'unused.json' } : {};
    return async () =>
      use(
        await host.create('tokenizers', name, options, {
          saved: saved as Json,
          trainingText: () => Promise.reject(new Violation('it learnt anew instead of restoring')),
        }),
      );
  },
});
