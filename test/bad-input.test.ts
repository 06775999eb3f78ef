/** Every kind of bad input ends with status 2 and a message that says what was asked, found and to do. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ligature, makeFolder, TINY } from './support.js';

let folder: string;
let remove: () => void;
beforeAll(() => {
  ({ folder, remove } = makeFolder());
  writeFileSync(join(folder, 'empty.txt'), '');
  writeFileSync(join(folder, 'short.txt'), 'Call me.\n');
  writeFileSync(join(folder, 'file'), 'not a folder');
  writeFileSync(join(folder, 'typo.yaml'), 'model:\n  layer: 3\n');
  writeFileSync(join(folder, 'broken.yaml'), 'model: [unclosed\n');
  mkdirSync(join(folder, 'no-run'));
});
afterAll(() => remove());

const train = (...args: string[]): string[] => ['train', ...TINY, ...args];

const cases: [string, string[], RegExp][] = [
  [
    'an unknown controller',
    train('--controller', 'q-lerning'),
    /q-lerning.*known: .*Did you mean "q-learning"/s,
  ],
  [
    'an unknown controller in a list',
    ['compare', ...TINY, '--controllers', 'none,cylce'],
    /"cylce".*"cycle"/s,
  ],
  ['an unknown dataset', train('--dataset', 'mobby-dick'), /mobby-dick.*moby-dick/s],
  ['an unknown tokenizer', train('--tokenizer', 'bytes'), /"bytes".*byte/s],
  ['an unknown task', train('--task', 'causal-ml'), /"causal-ml".*known: causal-lm/s],
  ['an unknown model', train('--model', 'gtp2'), /"gtp2".*known: .*Did you mean "gpt2"/s],
  ['an unknown optimizer', train('--optimizer', 'adam'), /"adam".*known: adamw, muon, sgd/s],
  [
    'an option that the model lacks',
    train('--set', 'model.gadgets=3'),
    /--set model\.gadgets=3.*known: layers/s,
  ],
  ['a field that has moved', train('--set', 'training.beta1=0.5'), /training\.beta1.*optimizer\.beta1/s],
  ['an unknown backend', train('--backend', 'wsam'), /"wsam".*wasm/s],
  ['an unknown plug-in', train('--plugins', './nowhere.mjs'), /nowhere\.mjs/],
  ['an unknown command', ['trian'], /trian.*train/s],
  ['an unknown option', train('--lairs', '3'), /--lairs.*--layers/s],
  [
    'an unknown option of a controller',
    train('--controller', 'none', '--set', 'controller.options.x=1'),
    /x/,
  ],
  ['no layers', train('--layers', '0'), /--layers 0.*at least 1/s],
  ['steps that are no number', train('--steps', 'abc'), /abc/],
  ['a negative batch', train('--batch=-1'), /batch/],
  ['a seed that is no number', train('--seed', '1.5'), /seed/],
  ['heads that do not divide the width', train('--heads', '3'), /3 .*8|8.*3/s],
  ['an empty text', train('--dataset', 'empty.txt'), /empty/],
  ['a missing text', train('--dataset', './missing.txt'), /missing\.txt/],
  ['a text shorter than a context', train('--dataset', 'short.txt', '--context', '64'), /text|token|context/],
  ['a forward reference in a tie map', train('--controller', '0-2-2'), /layer 1 points at 2, a later layer/],
  ['a tie map of another depth', train('--controller', '0-0'), /2 entries/],
  ['an unwritable run folder', train('--out', 'file/runs'), /file\/runs.*--out/s],
  ['a configuration with a wrong field', ['train', '--config', 'typo.yaml'], /typo\.yaml.*layer/s],
  ['a configuration that is no YAML', ['train', '--config', 'broken.yaml'], /broken\.yaml/],
  ['a missing configuration', ['train', '--config', 'none.yaml'], /none\.yaml/],
  ['evaluating no run', ['evaluate', 'no-run'], /no-run/],
  ['generating from no run', ['generate', 'missing-run'], /missing-run/],
  ['details of an unknown plug-in', ['plugins', 'q-lerning'], /q-learning/],
];

describe('bad input', () => {
  it.concurrent.each(cases)('%s', async (_name, args, message) => {
    const { status, stdout, stderr } = await ligature(args, folder);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });

  it('leaves no run behind', () => {
    const runs = join(folder, 'runs');
    expect(existsSync(runs) ? readdirSync(runs) : []).toEqual([]);
  });
});
