/** Configurations as files and as flags, through the command's own reader and the schema. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runConfigSchema } from '@ligature/core';
import * as fc from 'fast-check';
import { buildConfig } from '../../../packages/cli/src/config/build.js';
import { damaged, strangers, toBytes } from '../generate/bytes.js';
import { jsonFile } from '../generate/json.js';
import { NAMES } from '../generate/trees.js';
import { CODE_MARK } from '../judge.js';
import { defineTarget } from '../target.js';

const CONFIGS: readonly unknown[] = [
  runConfigSchema.parse({}),
  { seed: 3, model: { layers: 4, width: 16, heads: 2 }, controller: 'random', dataset: './book.txt' },
  {
    tying: { profile: 'official', window: 2 },
    reward: { name: 'negative-perplexity', options: { clip: 10 } },
  },
  { plugins: ['./evil.mjs', '../outside/evil.mjs'], out: '../elsewhere' },
  { compare: { controllers: ['none', { name: 'cycle', options: { blocks: 2 } }], seeds: [1, 2] } },
];

const YAML = [
  'model:\n  layers: 4\n  options: &o { a: 1 }\ncontroller: { name: random, options: *o }\n',
  'a: &a [x, x, x, x, x, x, x, x, x]\n' +
    Array.from(
      { length: 9 },
      (_, i) => `${'bcdefghij'[i]}: &${'bcdefghij'[i]} [${`*${'abcdefghi'[i]},`.repeat(9)}]`,
    ).join('\n'),
  'model: &m { layers: *m }\n',
  '&x [ *x ]\n',
  'model: &m\n  layers: [*m, *m]\n',
  '%YAML 1.1\n---\nseed: 2001-12-14\nmodel: !!set {layers}\n<<: {out: x}\n',
  '%YAML 1.1\n---\nmodel: !!binary aGVsbG8=\n',
  '!!js/function "function(){ globalThis.x = 1 }"\n',
  `plugins: [./evil.mjs]\nmodel: !!js/undefined ''\n`,
  '? {a: 1}\n: b\n? [1]\n: c\n',
  'seed: 0x10\ntraining: {steps: 1_000, learningRate: .inf, epsilon: .nan}\n',
  '--- 1\n--- 2\n',
  'seed: 1\nseed: 2\n',
  '"__proto__": { polluted: true }\nmodel: { __proto__: { polluted: true } }\n',
  'dataset: "\u001b[2J"\nmodel: { layers: "\\e[2J" }\n',
  '- '.repeat(20_000),
  '['.repeat(100_000),
  '{a: '.repeat(20_000),
];
const yamlFile = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...YAML.map(toBytes)) },
  { weight: 5, arbitrary: damaged(fc.constantFrom(...YAML.filter((one) => one.length < 2000).map(toBytes))) },
  { weight: 4, arbitrary: jsonFile(CONFIGS) },
  { weight: 1, arbitrary: strangers },
);

export const configFile = defineTarget({
  name: 'config-file',
  reads: 'a configuration in YAML or JSON',
  input: fc.tuple(fc.constantFrom('run.yaml', 'run.json', 'run.yml', 'run.txt'), yamlFile),
  prepare([file, bytes], { folder }) {
    writeFileSync(join(folder, file), bytes);
    // Naming a plug-in is no reason to load it while the configuration is read.
    writeFileSync(join(folder, 'evil.mjs'), `globalThis.${CODE_MARK} = true;\n`);
    return () => buildConfig({ flags: {}, file, cwd: folder });
  },
});

const word = fc.oneof(
  fc.constantFrom<string>(
    ...NAMES,
    'model',
    'layers',
    'options',
    'controller',
    'tying',
    'profile',
    'official',
    '0',
    '*a',
    '&a',
  ),
  fc.string({ maxLength: 5 }),
);
const choice = fc
  .tuple(
    fc.constantFrom('none', 'cycle', 'map', 'q-learning', '__proto__', ''),
    fc.array(fc.tuple(word, word)),
  )
  .map(([name, options]) => [name, ...options.map((one) => one.join('='))].join(':'));
const assignment = fc
  .tuple(fc.array(word, { minLength: 1, maxLength: 4 }), fc.oneof(word, fc.json(), fc.constantFrom(...YAML)))
  .map(([path, value]) => `${path.join('.')}=${value}`);
const fine = fc.constantFrom(
  'seed=3',
  'controller.options.a=[1]',
  'tying.profile=official',
  'reward.options.clip=&a [1]',
);
const number = fc.constantFrom(
  '3',
  '4',
  '8',
  '1e2',
  '7',
  '16',
  '32',
  '5',
  '-1',
  '1e309',
  'NaN',
  '0x10',
  '',
  ' ',
  '1,2',
  ',',
  '9'.repeat(400),
  '1,,1e400',
);

const pick = <T extends object>(all: T, keys: readonly string[]): Partial<T> =>
  Object.fromEntries(Object.entries(all).filter(([key]) => keys.includes(key))) as Partial<T>;

export const configFlags = defineTarget({
  name: 'config-flags',
  reads: 'the flags of train and compare',
  input: fc
    .record({
      controller: fc.oneof(
        choice,
        fc.constantFrom('random', 'none', '0-0-2', '0-9-1', '9'.repeat(400), '0-'.repeat(5000) + '0'),
      ),
      controllers: fc.array(choice, { maxLength: 4 }).map((list) => list.join(',')),
      tokenizer: choice,
      backend: choice,
      layers: number,
      steps: number,
      seed: number,
      seeds: number,
      set: fc.array(fc.oneof({ weight: 4, arbitrary: fine }, { weight: 1, arbitrary: assignment }), {
        maxLength: 3,
      }),
      plugins: fc.array(word, { maxLength: 2 }),
    })
    .chain((flags) => fc.subarray(Object.keys(flags), { maxLength: 3 }).map((keys) => pick(flags, keys))),
  prepare:
    (flags, { folder }) =>
    () =>
      buildConfig({ flags, cwd: folder }),
});
