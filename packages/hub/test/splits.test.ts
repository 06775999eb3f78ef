import { describe, expect, it } from 'vitest';
import { readCard } from '../src/card.js';
import { globMatcher } from '../src/glob.js';
import { chooseFiles } from '../src/splits.js';

const files = (...paths: string[]) =>
  paths.map((path) => ({ path, size: 1, checksum: { algorithm: 'sha256' as const, hex: 'a'.repeat(64) } }));
const choose = (paths: string[], config?: string, card = '') =>
  chooseFiles(files(...paths), readCard(card), config, 'Read it');

describe('patterns', () => {
  it.each([
    ['data/train-*', 'data/train-00000-of-00001.parquet', true],
    ['data/train-*', 'data/more/train-0', false],
    ['**/train*', 'a/b/train.csv', true],
    ['**/train*', 'train.csv', true],
    ['**', 'a/b', true],
    ['*.{csv,tsv}', 'x.tsv', true],
    ['./x?.csv', 'x1.csv', true],
    ['x?.csv', 'x.csv', false],
    ['a.b', 'aXb', false],
  ])('%s and %s: %s', (pattern, path, fits) => {
    expect(globMatcher(pattern)?.(path)).toBe(fits);
  });

  it('take no long time, and some are not understood', () => {
    expect(globMatcher('*a'.repeat(200))?.(`${'a'.repeat(250)}b`)).toBe(false);
    for (const pattern of ['train[0-9]', '{a,b'.repeat(2), '{a,b}'.repeat(20), 'x'.repeat(501)]) {
      expect(globMatcher(pattern)).toBeUndefined();
    }
  });
});

describe('the card', () => {
  const card = `---
configs:
- config_name: en
  data_files:
  - split: train
    path: en/train-*
  - split: validation
    path: [en/dev.parquet]
- config_name: de
  default: true
  data_dir: german
  data_files: "*.csv"
- config_name: made-by-a-script
---
# It
`;
  const paths = [
    'en/train-0.parquet',
    'en/train-1.parquet',
    'en/dev.parquet',
    'german/a.csv',
    'german/b.csv',
  ];

  it('says which files are which split', () => {
    expect(choose(paths, 'en', card)).toEqual({
      ...{ config: 'en', kind: 'parquet' },
      files: { train: paths.slice(0, 2), validation: ['en/dev.parquet'], test: [], leftOut: [] },
    });
  });

  it('says which configuration is the default', () => {
    expect(choose(paths, undefined, card)).toMatchObject({
      config: 'de',
      files: { train: ['german/a.csv', 'german/b.csv'] },
    });
  });

  it('lists its configurations to who asks for another', () => {
    expect(() => choose(paths, 'fr', card)).toThrow('it has no configuration "fr"; it has en, de, german');
  });

  it.each([
    'no head',
    '---\nconfigs: [\n---\n',
    '---\nconfigs: 3\n---\n',
    '---\n&a [*a]\n---\n',
    '---\na: 1',
  ])('may be anything: %j', (text) => expect(readCard(text)).toEqual([]));

  it('may hold aliases that multiply', () => {
    const lines = Array.from(
      { length: 30 },
      (_, at) => `a${at}: &a${at} [${at ? `*a${at - 1},*a${at - 1}` : '1,1'}]`,
    );
    expect(readCard(`---\n${lines.join('\n')}\nconfigs: *a29\n---\n`)).toEqual([]);
  });
});

describe('names of files', () => {
  it('say the splits, in the folder of a configuration', () => {
    const paths = [
      'x/train-00000-of-00002.parquet',
      'x/train-00001-of-00002.parquet',
      'x/validation-00000-of-00001.parquet',
      'y/train.parquet',
    ];
    expect(choose(paths, 'x').files).toEqual({
      train: paths.slice(0, 2),
      validation: [paths[2]],
      test: [],
      leftOut: [],
    });
    expect(() => choose(paths)).toThrow(expect.objectContaining({ code: 'hub-config-unknown' }));
    expect(() => choose(paths)).toThrow('several configurations, and none is the default: it has x, y');
  });

  it('say them at the top, in data/ or by folder', () => {
    expect(choose(['train.jsonl', 'test.jsonl', 'README.md']).files).toMatchObject({
      train: ['train.jsonl'],
      test: ['test.jsonl'],
    });
    expect(
      choose(['data/train-00000-of-00001.parquet', 'data/test-00000-of-00001.parquet']).files,
    ).toMatchObject({
      test: ['data/test-00000-of-00001.parquet'],
    });
    expect(choose(['train/a.txt', 'train/b.txt', 'dev/c.txt'])).toMatchObject({
      ...{ kind: 'txt', files: { train: ['train/a.txt', 'train/b.txt'], validation: ['dev/c.txt'] } },
    });
  });

  it('are all to train on where none says a split; one kind is read', () => {
    expect(choose(['a.csv', 'a.parquet']).files).toMatchObject({ train: ['a.parquet'] });
    expect(choose(['only/a.csv'])).toMatchObject({ config: 'only', files: { train: ['only/a.csv'] } });
  });

  it('have all parts', () => {
    expect(() => choose(['train-00000-of-00002.parquet'])).toThrow('not all the parts of the train split');
    expect(() => choose(['model.bin'])).toThrow(expect.objectContaining({ code: 'hub-files-missing' }));
  });
});
