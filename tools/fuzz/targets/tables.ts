/** Tables from folders that somebody else has filled: CSV, TSV, JSON lines and Parquet, and the files of GLUE. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentsOf, heldBy, PluginHost, type SplitName } from '@ligature/core';
import { plugin } from '@ligature/datasets';
import * as fc from 'fast-check';
import { damaged, strangers, toBytes } from '../generate/bytes.js';
import { jsonFile } from '../generate/json.js';
import { defineTarget, Violation, type Box } from '../target.js';

const host = new PluginHost().register(plugin);
const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];

/** All that a dataset holds, as one text. */
async function readAll(name: string, options: object, folder: string): Promise<string> {
  const dataset = await host.create('datasets', name, options, { source: '.', folder });
  const [kind = 'text'] = heldBy(dataset);
  const read = contentsOf(dataset, kind, 'fuzz');
  const splits: unknown[] = [];
  for (const split of SPLITS) {
    const content = await read(split);
    if ('examples' in content && content.examples.length === 0)
      throw new Violation(`${split} has no example`);
    splits.push(content);
  }
  return JSON.stringify(splits);
}

const PARQUET = fileURLToPath(new URL('../../../packages/datasets/test/fixtures/parquet/', import.meta.url));
const parquets = readdirSync(PARQUET)
  .filter((name) => name.endsWith('.parquet'))
  .map((name) => new Uint8Array(readFileSync(join(PARQUET, name))));
const lines = (row: (at: number) => string): Uint8Array =>
  toBytes(Array.from({ length: 30 }, (_, at) => `${row(at)}\n`).join(''));
const TEXTS = [
  lines((at) => (at === 0 ? 'sentence,label,idx' : `"s, ${at}","${at % 2}",${at}`)),
  lines((at) => (at === 0 ? 'index\tsentence\tlabel' : `${at}\ta "b ${at}\t${at % 2}`)),
  lines((at) => `{"sentence":"s${at}","label":${at % 3},"nested":{"a":[${at}]}}`),
];

/** Bytes that were a table of one kind, mostly, under the ending of that kind, mostly. */
const kinds: readonly [string, readonly Uint8Array[]][] = [
  ['csv', [TEXTS[0]!]],
  ['tsv', [TEXTS[1]!]],
  ['jsonl', [TEXTS[2]!]],
  ['parquet', parquets],
];
const endings = kinds.map(([ending]) => ending);
const ofKind = ([ending, valid]: (typeof kinds)[number]) =>
  fc.tuple(
    fc.oneof(
      { weight: 9, arbitrary: fc.constant(ending) },
      { weight: 1, arbitrary: fc.constantFrom(...endings) },
    ),
    fc.oneof(
      { weight: 5, arbitrary: damaged(fc.constantFrom(...valid)) },
      { weight: 3, arbitrary: fc.constantFrom(...valid) },
      { weight: 1, arbitrary: jsonFile([{ sentence: 'a', label: 1 }]) },
      { weight: 1, arbitrary: strangers },
    ),
  );
const file = fc.oneof(...kinds.map((kind) => ofKind(kind)));

export const tableFile = defineTarget({
  name: 'table-file',
  reads: 'a CSV, TSV, JSON lines or Parquet file',
  input: fc.tuple(
    file,
    fc.constantFrom(
      { text: 'sentence', label: 'label' },
      { text: 'sentence' },
      { text: 'text', label: 'score' },
    ),
    fc.constantFrom('auto', 'classes', 'numbers'),
  ),
  prepare([[ending, content], columns, labels], { folder }: Box) {
    const path = `rows.${ending}`;
    writeFileSync(join(folder, path), content);
    return () => readAll('table', { path, labels, ...columns }, folder);
  },
});

const NAMES = [
  ...['train', 'dev', 'test', 'dev_matched', 'validation', 'train-00000-of-00001', 'train-00001-of-00002'],
  ...['msr_paraphrase_train', 'README'],
];
const named = fc.tuple(fc.constantFrom(...NAMES), file);

export const glueFolder = defineTarget({
  name: 'glue-folder',
  reads: 'a folder with a task of GLUE, or with tables for splits',
  input: fc.tuple(
    fc.array(named, { maxLength: 2 }),
    file,
    fc.constantFrom(undefined, 'cola', 'sst-2', 'rte', 'table'),
  ),
  prepare([files, [ending, both], task], { folder }: Box) {
    for (const name of ['train', 'dev']) writeFileSync(join(folder, `${name}.${ending}`), both);
    for (const [name, [kind, content]] of files) writeFileSync(join(folder, `${name}.${kind}`), content);
    const [dataset, options] =
      task === 'table'
        ? ['table', { text: 'sentence', label: 'label' }]
        : ['glue', task === undefined ? {} : { task }];
    return () => readAll(dataset as string, options as object, folder);
  },
});
