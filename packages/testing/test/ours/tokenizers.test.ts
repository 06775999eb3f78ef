import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBpeTokenizer } from '@ligature/tokenizers';
import { plugin } from '@ligature/tokenizers/node';
import { checkTokenizer, type CheckTokenizerOptions } from '@ligature/testing';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'ligature-tokenizers-'));
const path = join(folder, 'tokenizer.json');
const learnt = createBpeTokenizer('It was a bright cold day in April. '.repeat(9), { vocabularySize: 300 });
writeFileSync(path, JSON.stringify(learnt.toJSON()));
afterAll(() => rmSync(folder, { recursive: true }));

const cases: readonly [string, CheckTokenizerOptions][] = [
  ['byte', {}],
  ['byte', { options: { bos: true, eos: true } }],
  // Splitting at white space loses it, and rare words become <unk>.
  ['word', { lossless: false }],
  ['word', { lossless: false, options: { maxSize: 20, minFrequency: 2 } }],
  ['gpt2', {}],
  ['bpe', { options: { vocabularySize: 400 } }],
  ['bpe', { options: { vocabularySize: 257 }, trainingText: '' }],
  ['file', { options: { path } }],
];

it.each(cases)('%s %j', async (name, options) => {
  await checkTokenizer(plugin, name, options);
});

it('leaves no tokenizer out', () => {
  expect(new Set(cases.map(([name]) => name))).toEqual(new Set(Object.keys(plugin.tokenizers)));
});
