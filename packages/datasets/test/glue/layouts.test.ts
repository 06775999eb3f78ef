/** Every task of GLUE in the files of the authors and of the Hub, made up in the same format. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SplitName } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { createGlue, type glueOptionsSchema } from '../../src/glue/dataset.js';
import { GLUE, GLUE_TASKS, type GlueTask } from '../../src/glue/tasks.js';
import { temporaryFolder } from '../helpers.js';
import type { z } from 'zod';

type Options = z.input<typeof glueOptionsSchema>;
type Files = Record<string, string | Uint8Array>;

const open = (files: Files, options: Options = {}) =>
  createGlue({ validation: 0.25, ...options }, { source: temporaryFolder(files), folder: '/' });
const tsv = (...rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.join('\t')}\n`).join('');
const jsonl = (...rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Header and rows of `train.tsv` and `dev.tsv` of the authors; four rows each, the second of class 1 or of 1.5. */
const AUTHORS: Record<
  GlueTask,
  { header: string[]; row: (at: number, label: string) => string[]; labels: string[] }
> = {
  cola: {
    header: [],
    row: (at, label) => ['gj04', label, label === '0' ? '*' : '', `s${at}`],
    labels: ['0', '1'],
  },
  'sst-2': { header: ['sentence', 'label'], row: (at, label) => [`s${at}`, label], labels: ['0', '1'] },
  mrpc: {
    header: ['\ufeffQuality', '#1 ID', '#2 ID', '#1 String', '#2 String'],
    row: (at, label) => [label, `${at}`, `${at}`, `" s${at}`, `t${at}`],
    labels: ['0', '1'],
  },
  rte: pairs(['sentence1', 'sentence2', 'label'], ['entailment', 'not_entailment']),
  wnli: pairs(['sentence1', 'sentence2', 'label'], ['0', '1']),
  'sts-b': {
    header: ['index', 'genre', 'sentence1', 'sentence2', 'score'],
    row: (at, label) => [`${at}`, 'main', `s${at}`, `t${at}`, label],
    labels: ['0.000', '1.500'],
  },
  qnli: pairs(['question', 'sentence', 'label'], ['entailment', 'not_entailment']),
  qqp: {
    header: ['id', 'qid1', 'qid2', 'question1', 'question2', 'is_duplicate'],
    row: (at, label) => [`${at}`, 'x', 'y', `s${at}`, `t${at}`, label],
    labels: ['0', '1'],
  },
  mnli: {
    header: ['index', 'promptID', 'sentence1', 'sentence2', 'label1', 'gold_label'],
    row: (at, label) => [`${at}`, 'p', `s${at}`, `t${at}`, 'neutral', label],
    labels: ['entailment', 'neutral'],
  },
};

function pairs(names: string[], labels: string[]) {
  const row = (at: number, label: string): string[] => [`${at}`, `s${at}`, `t${at}`, label];
  return { header: ['index', ...names], row, labels };
}

const fileOf = (task: GlueTask, from: number): string => {
  const { header, row, labels } = AUTHORS[task];
  const rows = [0, 1, 2, 3].map((at) => row(from + at, labels[at % 2] as string));
  return tsv(...(header.length > 0 ? [header] : []), ...rows);
};

const single = (task: GlueTask): boolean => task === 'cola' || task === 'sst-2';
const labelAt = (task: GlueTask, at: number): string | number =>
  GLUE[task].classes?.[at % 2] ?? (at % 2) * 1.5;

describe('the files of the authors', () => {
  it.each(GLUE_TASKS)('of %s are told by their columns and labels', async (task) => {
    const dev = task === 'mnli' ? 'dev_matched.tsv' : 'dev.tsv';
    const dataset = open({
      'train.tsv': fileOf(task, 0),
      [dev]: fileOf(task, 50),
      'test.tsv': 'index\tsentence\n',
    });
    const [train, validation, test] = await Promise.all(
      (['train', 'validation', 'test'] satisfies SplitName[]).map((split) => dataset.labelledTexts(split)),
    );
    const first = task === 'mrpc' ? '" s' : 's';
    const example = (at: number) => ({
      texts: single(task) ? [`s${at}`] : [`${first}${at}`, `t${at}`],
      label: labelAt(task, at),
    });
    expect(train?.examples).toEqual([example(0), example(1), example(3)]);
    expect(validation?.examples).toEqual([example(2)]);
    expect(test?.examples).toEqual([50, 51, 52, 53].map(example));
    expect([train?.origin, validation?.origin, test?.origin]).toEqual(['official', 'derived', 'official']);
    expect(test?.classes).toEqual(GLUE[task].classes);
    expect(test?.metrics).toEqual(GLUE[task].metrics);
    expect(await dataset.files()).toEqual({
      ...{ train: ['train.tsv'], validation: [], test: [dev], leftOut: ['test.tsv'] },
    });
  });

  it('of MRPC may be the two of the corpus, which are not mixed with the development split', async () => {
    const files = {
      'msr_paraphrase_train.txt': fileOf('mrpc', 0),
      'msr_paraphrase_test.txt': fileOf('mrpc', 9),
    };
    const dataset = open({ ...files, 'dev.tsv': fileOf('mrpc', 0) });
    expect(await dataset.files()).toMatchObject({ test: ['msr_paraphrase_test.txt'], leftOut: ['dev.tsv'] });
    expect((await dataset.labelledTexts('test')).examples[0]?.texts).toEqual(['" s9', 't9']);
    const whole = open({ ...files, 'train.tsv': fileOf('mrpc', 0), 'dev.tsv': fileOf('mrpc', 20) });
    expect(await whole.files()).toMatchObject({ train: ['train.tsv'], test: ['dev.tsv'] });
  });

  it('of MNLI have two development splits', async () => {
    const files = { 'train.tsv': fileOf('mnli', 0), 'dev_matched.tsv': fileOf('mnli', 10) };
    const both = { ...files, 'dev_mismatched.tsv': fileOf('mnli', 20) };
    const first = async (options: Options) =>
      (await open(both, options).labelledTexts('test')).examples[0]?.texts[0];
    expect([await first({}), await first({ mismatched: true })]).toEqual(['s10', 's20']);
    await expect(open(files, { mismatched: true }).labelledTexts('test')).rejects.toThrow(
      /dev_mismatched\.tsv/,
    );
  });
});

describe('the files of the Hub', () => {
  const rows = (from: number) =>
    jsonl(...[0, 1, 2, 3].map((at) => ({ sentence: `s${from + at}`, label: at % 2, idx: from + at })));

  it('are JSON lines, CSV or Parquet, whose task is to be said where several look alike', async () => {
    const files = { 'train.jsonl': rows(0), 'validation.jsonl': rows(50) };
    await expect(open(files).labelledTexts('train')).rejects.toThrow(
      /may be cola, sst-2.*dataset\.task=cola/,
    );
    const test = await open(files, { task: 'sst-2' }).labelledTexts('test');
    expect(test.examples[1]).toEqual({ texts: ['s51'], label: 'positive' });
    const csv = 'premise,hypothesis,label,idx\n"a, b",c,2,0\nd,e,0,1\n';
    const mnli = open({ 'train.csv': csv, 'validation_matched.csv': csv });
    expect((await mnli.labelledTexts('test')).examples[0]).toEqual({
      texts: ['a, b', 'c'],
      label: 'contradiction',
    });
  });

  it('may be Parquet in parts, and hide labels of the test split, which is not read', async () => {
    const parquet = readFileSync(
      fileURLToPath(new URL('../fixtures/parquet/snappy.parquet', import.meta.url)),
    );
    const dataset = open(
      {
        'train-00000-of-00001.parquet': parquet,
        'validation-00000-of-00001.parquet': parquet,
        'test-00000-of-00001.parquet': new Uint8Array(3),
      },
      { task: 'cola' },
    );
    const test = await dataset.labelledTexts('test');
    expect(test.examples).toHaveLength(23);
    expect(test.examples[1]).toEqual({ texts: ['Made rope the over weights.'], label: 'acceptable' });
    const torn = open(
      { 'train-00000-of-00002.parquet': parquet, 'validation.jsonl': rows(0) },
      { task: 'cola' },
    );
    await expect(torn.labelledTexts('train')).rejects.toMatchObject({ code: 'glue-files-unclear' });
  });
});

describe('refusals', () => {
  const wnli = AUTHORS.wnli;
  const train = (...rows: string[][]): Files => ({
    ...{ 'train.tsv': tsv(wnli.header, ...rows), 'dev.tsv': fileOf('wnli', 50) },
  });
  const read = (files: Files, options: Options = {}) =>
    open(files, { task: 'wnli', ...options }).labelledTexts('train');

  it.each([
    [
      train(wnli.row(0, '0'), wnli.row(1, '2')),
      'value-invalid',
      /"label" in line 3 is "2"; labels are not_entailment, ent/,
    ],
    [train(wnli.row(0, '0'), wnli.row(1, '-1')), 'value-invalid', /line 3 is "-1", which hides the label/],
    [train(wnli.row(0, '0'), wnli.row(0, '1')), 'glue-duplicate', /line 3 has the number 0 of line 2/],
    [train(wnli.row(0, '0'), ['1', 'a', 'b']), 'table-malformed', /line 3 has 3 columns where 4 belong/],
    [{ 'dev.tsv': fileOf('wnli', 0) }, 'glue-split-missing', /no file to train on.*it holds dev\.tsv/],
    [{ 'train.tsv': fileOf('wnli', 0) }, 'glue-split-missing', /development split/],
    [{ ...train(wnli.row(0, '0')), 'train.csv': 'x\n' }, 'glue-files-unclear', /train\.csv, train\.tsv/],
    [
      { 'train.tsv': 'a\tb\n1\t2\n', 'dev.tsv': 'a\tb\n' },
      'column-missing',
      /columns are a, b, where wnli has/,
    ],
    [train(wnli.row(0, '0')), 'dataset-too-short', /no example is left/],
    [{ 'train.tsv': Uint8Array.of(255, 9), 'dev.tsv': '' }, 'dataset-not-utf8', /UTF-8/],
  ])('%#', async (files, code, message) => {
    await expect(read(files)).rejects.toMatchObject({ name: 'InputError', code });
    await expect(read(files)).rejects.toThrow(message);
  });

  it('are for a folder that is none, other columns, and a split that the task has not', async () => {
    const nowhere = createGlue({ path: 'nowhere' }, { source: 'glue', folder: '/' });
    await expect(nowhere.labelledTexts('train')).rejects.toMatchObject({ code: 'dataset-missing' });
    const strange = open({ 'train.tsv': 'a\tb\n1\t2\n', 'dev.tsv': 'a\tb\n' });
    await expect(strange.labelledTexts('train')).rejects.toMatchObject({ code: 'glue-task-unclear' });
    const files = { 'train.tsv': fileOf('wnli', 0), 'dev_mismatched.tsv': fileOf('wnli', 9) };
    await expect(read(files, { mismatched: true })).rejects.toThrow(/wnli has no mismatched split/);
    const score = tsv(['sentence1', 'sentence2', 'score'], ['a', 'b', '5.1']);
    const stsb = open({ 'train.tsv': score, 'dev.tsv': score }, { task: 'sts-b' });
    await expect(stsb.labelledTexts('train')).rejects.toThrow(/labels are numbers from 0 to 5/);
  });
});
