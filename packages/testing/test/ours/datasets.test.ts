import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { plugin } from '@ligature/datasets';
import { checkDataset, type CheckDatasetOptions } from '@ligature/testing';
import { afterAll, expect, it } from 'vitest';
import { writeImages } from '../support/images.js';

const folder = mkdtempSync(join(tmpdir(), 'ligature-datasets-'));
const lines = (from: number): string =>
  Array.from({ length: 90 }, (_, line) => `${from + line} and ${line} make ${from + 2 * line} 🐋\r\n`).join(
    '',
  );
writeFileSync(join(folder, 'text.txt'), lines(0));
mkdirSync(join(folder, 'notes'));
writeFileSync(join(folder, 'notes', 'b.md'), lines(1000));
writeFileSync(join(folder, 'notes', 'a.txt'), lines(2000));
mkdirSync(join(folder, 'wiki'));
for (const [index, split] of ['train', 'valid', 'test'].entries()) {
  writeFileSync(join(folder, 'wiki', `wiki.${split}.tokens`), lines(10_000 * index));
}
const corpora = {
  'lambada/lambada_development_plain_text.txt': lines(0),
  'lambada/lambada_test_plain_text.txt': lines(20_000),
  'lambada/train-novels/one.txt': lines(40_000),
  'ptb/ptb.train.txt': lines(0),
  'ptb/ptb.valid.txt': lines(20_000),
  'ptb/ptb.test.txt': lines(40_000),
  'tiny-shakespeare/input.txt': lines(0) + lines(20_000),
  'billion/train.txt': lines(0),
  'billion/valid.txt': lines(20_000),
  'billion/test.txt': lines(40_000),
};
for (const [path, text] of Object.entries(corpora)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
const rows = (from: number, columns: string): string =>
  `${columns}\n${Array.from({ length: 60 }, (_, row) => `${row + from}\ta${from + row} 🐋\tb${row * row}\t${row % 2}\n`).join('')}`;
mkdirSync(join(folder, 'glue'));
writeFileSync(join(folder, 'glue', 'train.tsv'), rows(0, 'index\tsentence1\tsentence2\tlabel'));
writeFileSync(join(folder, 'glue', 'dev.tsv'), rows(900, 'index\tsentence1\tsentence2\tlabel'));
writeFileSync(join(folder, 'table.tsv'), rows(0, 'id\tone\ttwo\tkind'));
/** An article of one question for every number from `from` on. */
const articles = (version: string, from: number): string => {
  const data = Array.from({ length: 12 }, (_, at) => {
    const [name, id] = [`🐋 ${from + at}`, `q${from + at}`];
    // In characters: one less than in UTF-16 units.
    const answers = [{ text: name, answer_start: 11 }];
    const context = `🐋 and then ${name} 🐋`;
    const open = { id, question: `What of ${id}?`, answers };
    const none = {
      id: `${id}-none`,
      question: 'Why?',
      is_impossible: true,
      answers: [],
      plausible_answers: answers,
    };
    return { title: id, paragraphs: [{ context, qas: version === '1.1' ? [open] : [open, none] }] };
  });
  return JSON.stringify({ version, data });
};
mkdirSync(join(folder, 'squad'));
for (const [at, split] of ['train', 'dev'].entries()) {
  writeFileSync(join(folder, 'squad', `${split}-v1.1.json`), articles('1.1', 100 * at));
  writeFileSync(join(folder, 'squad', `${split}-v2.0.json`), articles('v2.0', 100 * at));
}
writeImages(folder);
afterAll(() => rmSync(folder, { recursive: true }));

const cases: readonly [string, CheckDatasetOptions][] = [
  ['moby-dick', {}],
  ['sotu', { options: { validation: 0.02, test: 0.1 } }],
  ['text', { source: 'text.txt', folder }],
  ['text', { source: 'anything', folder, options: { path: 'notes', validation: 0.3 } }],
  ['wikitext', { source: 'wiki', folder }],
  ['mnist', { folder, options: { path: 'mnist' } }],
  ['fashion-mnist', { folder, options: { path: 'mnist', validation: 0.3 } }],
  ['cifar-10', { source: 'cifar-10', folder }],
  ['cifar-100', { source: 'cifar-100', folder }],
  ['image-folder', { source: 'pictures', folder, options: { size: 4 } }],
  ['wikitext-2', { source: 'wiki', folder }],
  ['wikitext-103', { folder, options: { path: 'wiki' } }],
  ['lambada', { folder }],
  ['lambada', { folder, options: { train: 'development' } }],
  ['ptb', { folder }],
  ['tiny-shakespeare', { folder }],
  [
    'one-billion-word',
    {
      ...{ source: 'billion', folder },
      options: { train: 'train.txt', validation: 'valid.txt', test: 'test.txt' },
    },
  ],
  ['glue', { source: 'glue', folder }],
  ['squad', { folder, options: { version: '1.1' } }],
  ['squad', { source: 'squad', folder, options: { version: '2.0', validation: 0.3 } }],
  ['squad', { folder, options: { path: 'squad/dev-v2.0.json', cut: true } }],
  ['table', { source: 'table.tsv', folder, options: { text: 'one', text2: 'two', label: 'kind' } }],
  ['table', { source: 'table.tsv', folder, options: { text: 'one', validation: 0.3 } }],
];

it.each(cases)('%s %j', async (name, options) => {
  const report = await checkDataset(plugin, name, options);
  const skipped = report.rules.filter(({ status }) => status === 'not-applicable').map(({ id }) => id);
  expect(skipped).toEqual(options.folder === undefined ? ['missing-refused'] : []);
});

it('leaves no dataset out', () => {
  expect(new Set(cases.map(([name]) => name))).toEqual(new Set(Object.keys(plugin.datasets)));
});
