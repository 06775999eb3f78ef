import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, runConfigSchema, type RunConfig } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { parseController, parseControllers } from '../src/config/choice.js';
import { parseAssignment, setPath } from '../src/config/paths.js';
import { builtConfig, type GivenFlags } from './built-config.js';
import { fakeIo } from './fake-io.js';

const build = (flags: GivenFlags, files: Record<string, string> = {}, file?: string): Promise<RunConfig> => {
  const { cwd } = fakeIo();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cwd, name, '..'), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return builtConfig({ flags, file, cwd });
};

const refusal = async (work: Promise<unknown>): Promise<InputError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
};

describe('controllers on the command line', () => {
  it.each([
    ['none', { name: 'none', options: {} }],
    ['cycle:blocks=4', { name: 'cycle', options: { blocks: 4 } }],
    ['q-learning:doubleQ=true:decide=all', { name: 'q-learning', options: { doubleQ: true, decide: 'all' } }],
    ['map:map=[0,0,1]', { name: 'map', options: { map: [0, 0, 1] } }],
    ['0-0-2-2', { name: 'map', options: { map: [0, 0, 2, 2] } }],
    ['0', { name: 'map', options: { map: [0] } }],
    [
      'q-learning:replay.capacity=10:replay.batch=2:targetNetwork={every: 3}',
      { name: 'q-learning', options: { replay: { capacity: 10, batch: 2 }, targetNetwork: { every: 3 } } },
    ],
  ])('%s', (text, choice) => {
    expect(parseController(text, '--controller')).toEqual(choice);
  });

  it('come in lists, in which brackets protect commas', () => {
    expect(
      parseControllers('none, map:map=[0,0],0-1', '--controllers').map(({ options }) => options),
    ).toEqual([{}, { map: [0, 0] }, { map: [0, 1] }]);
  });

  it.each(['', 'none,,random', ':blocks=2', 'cycle:blocks', 'cycle:=2', 'a:b..c=1', 'a:__proto__.x=1'])(
    'are refused: "%s"',
    (text) => {
      expect(() => parseControllers(text, '--controllers')).toThrow(InputError);
    },
  );

  it('refuse a tie map with a forward reference', () => {
    expect(() => parseController('0-2-1', '--controller')).toThrow(/layer 1 points at 2, a later layer/);
  });
});

describe('flags', () => {
  it('fill the fields they stand for and leave the defaults of the others', async () => {
    const config = await build({
      ...{
        dataset: 'a.txt',
        tokenizer: 'bpe:vocabularySize=300',
        controller: '0-0',
        controllers: 'none,random',
      },
      ...{
        layers: '2',
        width: '24',
        heads: '3',
        context: '32',
        batch: '5',
        steps: '7',
        window: '2',
        seed: '9',
      },
      ...{
        seeds: '4',
        backend: 'onnxruntime:provider=webgpu',
        threads: '3',
        plugins: ['a,b', './c.js'],
        out: 'elsewhere',
      },
    });
    expect(config.dataset).toEqual({ name: 'a.txt', options: {} });
    expect(config.tokenizer).toEqual({ name: 'bpe', options: { vocabularySize: 300 } });
    expect(config.controller).toEqual({ name: 'map', options: { map: [0, 0] } });
    expect(config.compare).toEqual({
      control: null,
      datasets: null,
      margin: null,
      controllers: [
        { name: 'none', options: {} },
        { name: 'random', options: {} },
      ],
      parallel: 1,
      seeds: 4,
    });
    expect(config.model).toMatchObject({
      name: 'gpt2',
      options: { layers: 2, width: 24, heads: 3, context: 32, dropout: 0 },
    });
    expect(config.training).toMatchObject({ batch: 5, steps: 7, accumulation: 1 });
    expect(config.tying.window).toBe(2);
    expect(config).toMatchObject({
      seed: 9,
      backend: { name: 'onnxruntime', options: { provider: 'webgpu' } },
      threads: 3,
      plugins: ['a', 'b', './c.js'],
      out: 'elsewhere',
    });
  });

  it('take a budget in place of steps', async () => {
    const { training } = await build({ budget: 'flops:1e12' });
    expect(training.budget).toEqual({ kind: 'flops', amount: 1e12 });
    expect((await build({ parallel: 'auto' })).compare.parallel).toBe('auto');
    // As --print-config writes it.
    const written = await build({ budget: 'tokens:10240' });
    expect(runConfigSchema.parse(JSON.parse(JSON.stringify(written)))).toEqual(written);
  });

  it('take a list of seeds, and a path for a tokenizer', async () => {
    const config = await build({ seeds: '3,1,2', tokenizer: 'x/tokenizer.json' });
    expect(config.compare.seeds).toEqual([3, 1, 2]);
    expect(config.tokenizer).toEqual({ name: 'file', options: { path: 'x/tokenizer.json' } });
  });

  it.each<[GivenFlags, string, RegExp]>([
    [{ layers: '0' }, '--layers 0', /model\.layers must be at least 1, not 0/],
    [{ steps: 'abc' }, '--steps abc', /"abc" is not a number/],
    [{ steps: '' }, '--steps ', /is not a number/],
    [{ steps: '2.5' }, '--steps 2.5', /training\.steps must be a whole number, not 2\.5/],
    [{ context: '0' }, '--context 0', /model\.context must be at least 1, not 0/],
    [{ batch: '1e9' }, '--batch 1e9', /training\.batch must be at most 65536/],
    [{ budget: 'lightyears:3' }, '--budget lightyears:3', /kind must be one of tokens, flops, seconds, not/],
    [{ budget: 'tokens:0' }, '--budget tokens:0', /amount must be more than 0/],
    [{ budget: '1000' }, '--budget 1000', /not a kind and an amount/],
    [{ budget: 'tokens:many' }, '--budget many', /"many" is not a number/],
    [{ budget: 'tokens:9', steps: '3' }, '--steps 3', /a budget of 9 tokens too/],
    [
      { budget: 'seconds:9', set: ['training.steps=3'] },
      '--set training.steps=3',
      /a budget of 9 seconds too/,
    ],
    [{ parallel: '0' }, '--parallel 0', /compare\.parallel/],
    [{ seeds: '1,-2' }, '--seeds 1,-2', /compare\.seeds/],
    [{ set: ['compare.seeds=few'] }, '--set compare.seeds=few', /must be a number or a list, not "few"/],
    [{ set: ['controller=3'] }, '--set controller=3', /layer 0 points at 3/],
    [{ dataset: ' ' }, '--dataset', /empty/],
    [{ set: ['model.activation=relu'] }, '--set model.activation=relu', /must be one of gelu_new, gelu/],
    [
      { set: ['model.layres=3'] },
      '--set model.layres=3',
      /no field "model\.layres" \(did you mean "layers"\?\)/,
    ],
    [{ set: ['training'] }, '--set training', /no "="/],
  ])('are refused with what was asked: %j', async (flags, asked, found) => {
    const { parts } = await refusal(build(flags));
    expect(parts.asked).toBe(`Use ${asked}`);
    expect(parts.found).toMatch(found);
  });
});

describe('--set', () => {
  it('reads YAML values and reaches every field', async () => {
    const config = await build({
      set: [
        'training.learningRate=1e-3',
        'tying.components=[mlp]',
        'training.clip=null',
        'optimizer.name=sgd',
      ],
    });
    expect(config.training).toMatchObject({ learningRate: 0.001, clip: null });
    expect(config.tying.components).toEqual(['mlp']);
    expect(config.optimizer).toMatchObject({ name: 'sgd', options: { momentum: 0.9 } });
  });

  it('gives options to the controller that is chosen, and to the default one', async () => {
    const chosen = await build({ controller: 'cycle', set: ['controller.options.blocks=2'] });
    expect(chosen.controller).toEqual({ name: 'cycle', options: { blocks: 2 } });
    const preset = await build({ set: ['controller.options.gamma=0.5'] });
    expect(preset.controller).toEqual({ name: 'q-learning', options: { gamma: 0.5 } });
    const bare = await build(
      { set: ['controller.options.blocks=2'] },
      { 'a.yaml': 'controller: cycle' },
      'a.yaml',
    );
    expect(bare.controller).toEqual({ name: 'cycle', options: { blocks: 2 } });
  });

  it('enters lists by index', () => {
    expect(setPath({ list: [{ a: 1 }, { a: 2 }] }, ['list', '1', 'a'], 3)).toEqual({
      list: [{ a: 1 }, { a: 3 }],
    });
  });

  it('cannot reach prototypes', () => {
    expect(() => parseAssignment('__proto__.polluted=1')).toThrow(InputError);
    expect(() => parseAssignment('model.constructor.prototype.x=1')).toThrow(InputError);
  });
});

describe('the official profile', () => {
  const values = {
    tying: { window: 4, gradient: 'source-only' },
    training: { learningRate: 1e-4, warmup: 0 },
  };

  it('puts its values below what was written, whether a flag or a file asks for it', async () => {
    const flag = await build({ steps: '8', set: ['tying.profile=official'] });
    expect(flag).toMatchObject({ ...values, reward: { name: 'negative-perplexity' } });
    expect(flag.training.steps).toBe(8);
    const file = { 'a.yaml': 'tying: { profile: official, moments: reset }\ntraining: { warmup: 3 }' };
    const mixed = await build({ window: '7' }, file, 'a.yaml');
    expect(mixed.tying).toMatchObject({ window: 7, gradient: 'source-only', moments: 'reset' });
    expect(mixed.training).toMatchObject({ learningRate: 1e-4, warmup: 3 });
  });

  it('gives its reward the options that flags set', async () => {
    const { reward } = await build({ set: ['reward.options.clip=10', 'tying.profile=official'] });
    expect(reward).toEqual({ name: 'negative-perplexity', options: { clip: 10 } });
  });

  it('leaves no value behind when a flag takes the profile of the file back', async () => {
    const file = { 'a.yaml': 'tying: { profile: official }' };
    const config = await build({ set: ['tying.profile=clean'] }, file, 'a.yaml');
    expect(config).toEqual(await build({}));
  });
});

describe('configuration files', () => {
  const yaml =
    'model: { layers: 3, width: 12 }\ntraining: { steps: 5 }\ncontroller: { name: cycle, options: { blocks: 2 } }\n';

  it('lose against flags and win over defaults', async () => {
    const config = await build({ steps: '9' }, { 'a.yaml': yaml }, 'a.yaml');
    expect(config.training.steps).toBe(9);
    expect(config.model.options).toMatchObject({ layers: 3, width: 12, heads: 4 });
  });

  it('keep the options of a controller that a flag only names again', async () => {
    const same = await build({ controller: 'cycle' }, { 'a.yaml': yaml }, 'a.yaml');
    expect(same.controller.options).toEqual({ blocks: 2 });
    const other = await build({ controller: 'random' }, { 'a.yaml': yaml }, 'a.yaml');
    expect(other.controller).toEqual({ name: 'random', options: {} });
  });

  it.each([
    ['c.json', '{"model": {"layers": 3}}'],
    ['c.yml', 'model:\n  layers: 3\n'],
    ['c.ts', 'const layers: number = 3;\nexport default { model: { layers } };\n'],
    // Far from any installed package.
    [
      'd.ts',
      'import { defineConfig } from "@ligature/cli";\nexport default defineConfig({ model: { layers: 3 } });\n',
    ],
    [
      'e.mjs',
      'import { defineConfig } from "@ligature/cli";\nexport default defineConfig({ model: { layers: 3 } });\n',
    ],
    ['c.mjs', 'export default async () => ({ model: { layers: 3 } });\n'],
    ['c.js', 'export default () => ({ model: { layers: 3 } });\n'],
  ])('may be %s', async (name, text) => {
    expect((await build({}, { [name]: text }, name)).model.options['layers']).toBe(3);
  });

  it('resolve paths that begin with a dot from their own folder', async () => {
    const text =
      'dataset: ./book.txt\nplugins: [../p.js, some-package]\nout: ./runs\n' +
      'weights: { from: { name: run, path: ./before } }\n';
    const { dataset, plugins, out, weights } = await build({}, { 'deep/a.yaml': text }, 'deep/a.yaml');
    expect(dataset?.name).toMatch(/ligature-cli-[^/]+\/deep\/book\.txt$/);
    expect(plugins[0]).toMatch(/ligature-cli-[^/]+\/p\.js$/);
    expect(plugins[1]).toBe('some-package');
    expect(out).toMatch(/\/deep\/runs$/);
    expect(weights.from?.options['path']).toMatch(/\/deep\/before$/);
  });

  it.each([
    ['none.yaml', {}, 'config-unreadable', /no such file/],
    ['a.toml', { 'a.toml': '' }, 'config-unreadable', /ends in "\.toml"/],
    ['a.yaml', { 'a.yaml': 'a: [1\n' }, 'config-unreadable', /line 2/],
    ['a.yaml', { 'a.yaml': '- 1\n' }, 'config-unreadable', /no object/],
    ['a.mjs', { 'a.mjs': 'throw new Error("no luck")' }, 'config-unreadable', /no luck/],
    [
      'a.yaml',
      { 'a.yaml': 'model: { layers: many }' },
      'config-invalid',
      /model\.layers must be a number, not "many"/,
    ],
    [
      'a.yaml',
      { 'a.yaml': 'trainin: {}' },
      'config-invalid',
      /no field "trainin" \(did you mean "training"\?\)/,
    ],
    [
      'a.yaml',
      { 'a.yaml': 'controller: { nam: x }' },
      'config-invalid',
      /controller must be a name, or an object/,
    ],
  ])('are refused by name: %s %j', async (name, files, code, found) => {
    const error = await refusal(build({}, files, name));
    expect(error.code).toBe(code);
    expect(error.parts.asked).toContain(name);
    expect(error.parts.found).toMatch(found);
  });
});
