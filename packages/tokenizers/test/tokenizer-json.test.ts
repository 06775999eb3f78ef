import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PluginHost, type Json } from '@ligature/core';
import { loadTokenizerJson, trainBpe, type TokenizerJson } from '@ligature/tokenizers';
import { plugin } from '@ligature/tokenizers/node';
import { inputErrorCode } from './helpers.js';

const plain = (): TokenizerJson => trainBpe('low lower lowest low lower', { vocabularySize: 270 });

/** The WordPiece example of BERT's README: "unaffable" -> un ##aff ##able. */
const wordPiece = (): TokenizerJson => ({
  added_tokens: [
    { id: 0, content: '[UNK]', special: true },
    { id: 1, content: '[SEP]', special: true },
  ],
  normalizer: { type: 'BertNormalizer', lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: { '[UNK]': 0, '[SEP]': 1, un: 2, '##aff': 3, '##able': 4, is: 5 },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'ligature-tokenizers-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('loadTokenizerJson', () => {
  it('reads merges in the old form, of files that name no type', () => {
    const json = plain();
    const { type: _, ...model } = json.model as { type: string; merges: [string, string][] };
    const old = { ...json, model: { ...model, merges: model.merges.map((merge) => merge.join(' ')) } };
    expect([...loadTokenizerJson(old).encode('lowest low')]).toEqual([
      ...loadTokenizerJson(json).encode('lowest low'),
    ]);
  });

  it('reads what is no plain byte-level BPE', () => {
    const tokenizer = loadTokenizerJson(wordPiece());
    expect(tokenizer).toMatchObject({ name: 'file', vocabularySize: 6, eosId: 1 });
    expect([...tokenizer.encode('Unaffable is xyz')]).toEqual([2, 3, 4, 5, 0]);
    expect(tokenizer.decode([2, 3, 4, 5])).toBe('unaffable is');
    expect(tokenizer.decode([])).toBe('');
    expect(() => tokenizer.decode([6])).toThrow(/no such id/);
  });

  it('gives the byte-level encoder and the parts of a file the same ids and text', () => {
    const json = plain();
    // `ignore_merges` sends it to the parts; these words are whole tokens or none, so nothing else changes.
    const parts = loadTokenizerJson({ ...json, model: { ...json.model, ignore_merges: true } as never });
    const own = loadTokenizerJson(json);
    for (const text of ['low lower', 'é low\n<|endoftext|>lower', '']) {
      expect([...parts.encode(text)]).toEqual([...own.encode(text)]);
      expect(parts.decode(parts.encode(text))).toBe(text);
    }
  });

  it('takes the special tokens that it is told', () => {
    expect(loadTokenizerJson(plain())).toMatchObject({ bosId: 0, eosId: 0 });
    expect(loadTokenizerJson(plain(), { eosToken: 'low' }).eosId).toBeGreaterThan(256);
    expect(inputErrorCode(() => loadTokenizerJson(plain(), { bosToken: '<s>' }))).toBe(
      'tokenizer-token-unknown',
    );
  });

  const base = plain();
  const withModel = (model: object): unknown => ({ ...base, model: { ...base.model, ...model } });
  const vocab = base.model.vocab as Record<string, number>;
  it.each<[string, unknown, RegExp]>([
    ['no object', null, /must be an object of fields/],
    ['a list', [], /must be an object of fields/],
    ['no model', { added_tokens: [] }, /model/],
    ['an unknown model', withModel({ type: 'Neural' }), /model/],
    ['a vocabulary that is a list', withModel({ vocab: ['a'] }), /vocab/],
    ['an id that is no number', withModel({ vocab: { ...vocab, x: '7' } }), /vocab/],
    ['a negative id', withModel({ vocab: { ...vocab, x: -1 } }), /vocab/],
    ['an absurd id', withModel({ vocab: { ...vocab, x: 2 ** 40 } }), /vocab/],
    ['two tokens with one id', withModel({ vocab: { ...vocab, x: 5 } }), /share the id 5/],
    ['a merge of unknown tokens', withModel({ merges: [['l', 'zzz']] }), /"zzz"/],
    ['a merge into nothing', withModel({ merges: [['a', 'b']] }), /"ab"/],
    ['a merge with an inherited name', withModel({ merges: [['constructor', 'l']] }), /"constructor"/],
    ['a merge without a space', withModel({ merges: ['lo'] }), /merges/],
    ['an empty vocabulary', { added_tokens: [], model: { type: 'BPE', vocab: {}, merges: [] } }, /empty/],
  ])('refuses %s', (_, json, found) => {
    expect(inputErrorCode(() => loadTokenizerJson(json))).toBe('tokenizer-json-invalid');
    expect(() => loadTokenizerJson(json)).toThrow(found);
  });

  it('refuses parts that there are not', () => {
    const json = { ...wordPiece(), normalizer: { type: 'Surprise' } };
    expect(inputErrorCode(() => loadTokenizerJson(json))).toBe('tokenizer-json-unsupported');
  });

  it('treats tokens named like prototypes as tokens', () => {
    const text = JSON.stringify(base).replace(
      '"vocab":{',
      '"vocab":{"__proto__":300,"constructor":301,"toString":302,',
    );
    const tokenizer = loadTokenizerJson(JSON.parse(text));
    expect(tokenizer.decode([300, 301, 302])).toBe('__proto__constructortoString');
    expect(Object.hasOwn((tokenizer.toJSON() as never)['model']['vocab'], '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>)['300']).toBe(undefined);
  });
});

describe('plug-in entries', () => {
  const host = new PluginHost().register(plugin);
  const trainingText = async (): Promise<string> => 'so low a whale, so low\n'.repeat(20);
  const never = (): Promise<string> => Promise.reject(new Error('the training text was read'));
  const path = join(folder, 'tokenizer.json');
  writeFileSync(path, JSON.stringify(plain()));

  it.each<[string, object]>([
    ['byte', { eos: true }],
    ['word', { minFrequency: 2 }],
    ['gpt2', {}],
    ['bpe', { vocabularySize: 260 }],
    ['file', { path, eosToken: 'low' }],
  ])('%s is the same again from its saved form, without training text or file', async (name, options) => {
    const made = await host.create('tokenizers', name, options, { trainingText });
    const saved = JSON.parse(JSON.stringify(made.toJSON())) as Json;
    const changed = name === 'file' ? { path: join(folder, 'gone.json') } : {};
    const again = await host.create('tokenizers', name, changed, { trainingText: never, saved });
    const { vocabularySize, bosId, eosId } = made;
    expect(made.name).toBe(name);
    expect({ ...again }).toMatchObject({
      name,
      vocabularySize,
      ...(bosId !== undefined && { bosId }),
      ...(eosId !== undefined && { eosId }),
    });
    expect([...again.encode('so low a lower\nwhale')]).toEqual([...made.encode('so low a lower\nwhale')]);
    expect(again.toJSON()).toEqual(made.toJSON());
  });

  it.each<[string, string | undefined, string]>([
    ['a missing file', undefined, 'tokenizer-file-unreadable'],
    ['a file that is not JSON', '{', 'tokenizer-file-unreadable'],
    ['a file that is something else', '{"a":1}', 'tokenizer-json-invalid'],
  ])('file refuses %s', async (_, content, code) => {
    const file = join(folder, 'bad.json');
    if (content !== undefined) writeFileSync(file, content);
    await expect(host.create('tokenizers', 'file', { path: file }, { trainingText })).rejects.toMatchObject({
      name: 'InputError',
      code,
    });
  });

  it('refuses options that are out of range or unknown', async () => {
    for (const [name, options] of [
      ['bpe', { vocabularySize: 256 }],
      ['bpe', { size: 300 }],
      ['gpt2', { vocabularySize: 300 }],
      ['word', { maxSize: 2 }],
    ] as const) {
      await expect(host.create('tokenizers', name, options, { trainingText })).rejects.toMatchObject({
        code: 'options-invalid',
      });
    }
  });

  it.each<[string, Json]>([
    ['byte', { bos: 'yes' }],
    ['bpe', { model: {} }],
    ['file', { tokenizer: null }],
  ])('%s refuses a saved form that is none', async (name, saved) => {
    const options = name === 'file' ? { path } : {};
    await expect(
      host.create('tokenizers', name, options, { trainingText: never, saved }),
    ).rejects.toMatchObject({ name: 'InputError' });
  });
});
