/** Tables of anybody's: labels, classes, running text, splits by file names or cut. */
import { contentsOf, type LabelledTexts } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { createTable } from '../../src/table/dataset.js';
import { tableOptionsSchema } from '../../src/table/options.js';
import { temporaryFolder } from '../helpers.js';

type Options = z.input<typeof tableOptionsSchema>;

const open = (files: Record<string, string | Uint8Array>, options: Options = {}) =>
  createTable(options, { source: options.path ?? '.', folder: temporaryFolder(files) });
const labelled = (
  dataset: ReturnType<typeof open>,
  split: 'train' | 'validation' | 'test' = 'train',
): Promise<LabelledTexts> => contentsOf(dataset, 'labelled texts', 'a test')(split);

const rows = (count: number, row: (at: number) => string, header = 'text,label'): string =>
  `${header}\n${Array.from({ length: count }, (_, at) => `${row(at)}\n`).join('')}`;
const some = rows(40, (at) => `t${at},${['no', 'yes'][at % 2]}`);

describe('labels', () => {
  const read = async (values: readonly string[], options: Options = {}) => {
    const file = rows(12, (at) => `t${at},${values[at % values.length]}`);
    return labelled(open({ 'a.csv': file }, { path: 'a.csv', label: 'label', ...options }));
  };

  it('are classes in their order, by size where they are numbers', async () => {
    expect((await read(['yes', 'no'])).classes).toEqual(['no', 'yes']);
    expect((await read(['10', '9', '-1'])).classes).toEqual(['-1', '9', '10']);
    expect((await read(['1', '0'], { classes: ['0', '1', '2'] })).classes).toEqual(['0', '1', '2']);
    expect((await read(['1.5', 'x'])).classes).toEqual(['1.5', 'x']);
  });

  it('are numbers where one has a fraction, or where that is said', async () => {
    const fractions = await read(['1', '2.5', '-3e-1']);
    expect(fractions.classes).toBeUndefined();
    expect(new Set(fractions.examples.map(({ label }) => label))).toEqual(new Set([1, 2.5, -0.3]));
    expect((await read(['1', '2'], { labels: 'numbers' })).examples[0]?.label).toBe(1);
    expect((await read(['0.5', '2'], { labels: 'classes' })).classes).toEqual(['0.5', '2']);
  });

  it('are taken from JSON as they are', async () => {
    const lines = [
      ...Array.from({ length: 9 }, (_, at) => JSON.stringify({ text: `t${at}`, label: at % 2 === 0 })),
    ].join('\n');
    const dataset = open({ 'a.jsonl': lines }, { path: 'a.jsonl', label: 'label' });
    expect((await labelled(dataset)).classes).toEqual(['false', 'true']);
  });

  it.each([
    [['a', ''], {}, 'value-invalid', /"label" in line 3 is "", no name of a class/],
    [['1', 'x'], { labels: 'numbers' }, 'value-invalid', /"label" in line 3 is "x", no number/],
    [['1e999', '2.5'], { labels: 'numbers' }, 'value-invalid', /no number/],
    [['a', 'b'], { text: 'words' }, 'column-missing', /no column "words"; its columns are text, label/],
  ] as const)('that are none are refused: %j', async (values, options, code, message) => {
    await expect(read(values, options)).rejects.toMatchObject({ code });
    await expect(read(values, options)).rejects.toThrow(message);
  });

  it('of more kinds than anybody means are refused', async () => {
    const file = rows(1200, (at) => `t${at},${at}`);
    const dataset = open({ 'a.csv': file }, { path: 'a.csv', label: 'label' });
    await expect(labelled(dataset)).rejects.toThrow(
      /more than 1000 different labels.*dataset\.labels=numbers/,
    );
  });
});

describe('texts', () => {
  it('may be pairs', async () => {
    const file = rows(9, (at) => `a${at},b${at},${at % 2}`, 'one,two,same');
    const dataset = open({ 'a.csv': file }, { path: 'a.csv', text: 'one', text2: 'two', label: 'same' });
    expect((await labelled(dataset)).examples[0]).toEqual({ texts: ['a0', 'b0'], label: '0' });
  });

  it('are no numbers, not missing, and no longer than a text is', async () => {
    const read = (value: unknown) =>
      labelled(
        open(
          { 'a.jsonl': [1, 2, 3].map((at) => JSON.stringify({ text: value, label: at })).join('\n') },
          { path: 'a.jsonl', label: 'label' },
        ),
      );
    await expect(read(5)).rejects.toThrow(/"text" in line \d is the number 5, no text/);
    await expect(read(null)).rejects.toThrow(/is missing, no text/);
    await expect(read({ a: 1 })).rejects.toThrow(/is an object, no text/);
    await expect(read('x'.repeat(2 ** 20 + 1))).rejects.toThrow(/a text of 1048577 characters/);
  });

  it('without labels are one running text, rows between blank lines', async () => {
    const dataset = open(
      { 'a.csv': rows(5, (at) => `t${at}`, 'text') },
      { path: 'a.csv', validation: 0.2, test: 0.2 },
    );
    expect(dataset.labelledTexts).toBeUndefined();
    const read = contentsOf(dataset, 'text', 'a test');
    expect(await read('train')).toEqual({ text: 't0\n\nt2\n\nt4\n', origin: 'derived' });
    expect([(await read('validation')).text, (await read('test')).text]).toEqual(['t3\n', 't1\n']);
    const blank = open({ 'a.csv': rows(5, () => '" "', 'text') }, { path: 'a.csv' });
    await expect(contentsOf(blank, 'text', 'a test')('train')).rejects.toMatchObject({ code: 'table-empty' });
  });
});

describe('splits', () => {
  it('are cut evenly from a file, and join to it', async () => {
    const dataset = open({ 'a.csv': some }, { path: 'a.csv', label: 'label', validation: 0.1, test: 0.2 });
    const splits = [
      await labelled(dataset),
      await labelled(dataset, 'validation'),
      await labelled(dataset, 'test'),
    ];
    expect(splits.map(({ examples, origin }) => [examples.length, origin])).toEqual([
      [28, 'derived'],
      [4, 'derived'],
      [8, 'derived'],
    ]);
    const texts = splits.flatMap(({ examples }) => examples.map(({ texts: [text] }) => text));
    expect(new Set(texts).size).toBe(40);
  });

  it('are what the names of files say, and the missing one is cut', async () => {
    const files = { 'train-00000-of-00002.csv': some, 'train-00001-of-00002.csv': some, 'README.md': 'x' };
    const dataset = open({ ...files, 'dev.csv': some }, { label: 'label' });
    expect(await dataset.files?.()).toEqual({
      train: ['train-00000-of-00002.csv', 'train-00001-of-00002.csv'],
      ...{ validation: ['dev.csv'], test: [], leftOut: [] },
    });
    const sizes = [
      await labelled(dataset),
      await labelled(dataset, 'validation'),
      await labelled(dataset, 'test'),
    ];
    expect(sizes.map(({ examples, origin }) => [examples.length, origin])).toEqual([
      [76, 'official'],
      [40, 'official'],
      [4, 'derived'],
    ]);
  });

  it.each([
    [{ 'train.csv': some, 'other.csv': some }, /not every name of other\.csv, train\.csv says its split/],
    [{ 'train.csv': some, 'train.tsv': some }, /train\.csv, train\.tsv are all named as the train split/],
    [{ 'train-00000-of-00002.csv': some, 'test.csv': some }, /not all the 2 parts/],
    [{ 'dev.csv': some, 'test.csv': some }, /not every name/],
    [{ 'notes.txt': 'x' }, /holds no table/],
  ])('that are unclear are refused: %#', async (files, message) => {
    await expect(labelled(open(files, { label: 'label' }))).rejects.toThrow(message);
  });

  it('of too few rows, and of nothing, are refused', async () => {
    const few = open({ 'a.csv': rows(2, (at) => `t${at},x`) }, { path: 'a.csv', label: 'label' });
    await expect(labelled(few)).rejects.toMatchObject({ code: 'dataset-too-short' });
    await expect(labelled(open({}, { path: 'b.csv', label: 'label' }))).rejects.toMatchObject({
      code: 'dataset-missing',
    });
  });
});

it.each([
  { text2: 'b' },
  { classes: ['a'] },
  { label: 'l', labels: 'numbers', classes: ['a'] },
  { label: 'l', classes: ['a', 'a'] },
  { separator: '\n' },
  { separator: '::' },
  { validation: 0.6 },
])('options that contradict each other or make no sense are refused: %j', (options) => {
  expect(tableOptionsSchema.safeParse(options).success).toBe(false);
});
