/** Flags that are made of the options of the model that is chosen, and the other choices of a command line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunConfig } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { run } from '../src/index.js';
import { fakeIo, type FakeIo } from './fake-io.js';

const PLUGIN = fileURLToPath(new URL('fixtures/gadget-model.mjs', import.meta.url));
const GADGET = ['--plugins', PLUGIN, '--model', 'gadget'];

const call = async (argv: string[], io: FakeIo = fakeIo()) => {
  const status = await run(argv, io);
  return { io, status, out: io.out(), err: io.err() };
};

const printed = async (argv: string[], io?: FakeIo): Promise<RunConfig> => {
  const { status, out, err } = await call([...argv, '--print-config', '--json'], io);
  expect(status, err).toBe(0);
  return JSON.parse(out) as RunConfig;
};

const refusal = async (argv: string[], io?: FakeIo): Promise<string> => {
  const { status, out, err } = await call(argv, io);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  return err;
};

describe('flags of the options of a model', () => {
  it('are those of the model that is chosen, and in the help', async () => {
    for (const command of ['train', 'compare', 'sweep', 'landscape', 'audit']) {
      const { out } = await call([command, ...GADGET, '--help']);
      expect(out).toMatch(/^ {2}--gadgets <n> +gadgets in a row$/m);
      expect(out).toMatch(/^ {2}--teeth-per-wheel <n> +option teethPerWheel of the model$/m);
      expect(out).not.toContain('--width');
      // Neither reads back as it is set.
      expect(out).not.toContain('--no-oil');
      for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    }
    expect((await call(['train', '--help'])).out).not.toContain('--gadgets');
  });

  it('are those of the architecture that the task takes, where none is named', async () => {
    const { out } = await call(['train', '--task', 'masked-lm', '--help']);
    expect(out).toMatch(/^ {2}--type-vocabulary-size <n> /m);
    const bert = await printed([
      'train',
      '--task',
      'masked-lm',
      '--layers',
      '3',
      '--type-vocabulary-size',
      '1',
    ]);
    expect(bert.model).toMatchObject({ name: 'bert', options: { layers: 3, typeVocabularySize: 1 } });
    const named = await printed(['train', '--task', 'masked-lm', '--model', 'gpt2', '--layers', '3']);
    expect(named.model).toMatchObject({ name: 'gpt2', options: { layers: 3 } });
    const set = await printed(['train', '--task', 'masked-lm', '--set', 'model=gpt2']);
    expect(set.model.name).toBe('gpt2');
    const audit = await printed(['audit', 'rewards', '--task', 'masked-lm']);
    expect(audit.model).toMatchObject({ name: 'bert', options: { layers: 6, width: 32 } });
    expect((await printed(['train'])).model.name).toBe('gpt2');
  });

  it('set what they stand for, before --set', async () => {
    const flags = [...GADGET, '--gadgets', '5', '--teeth-per-wheel', '7', '--set', 'model.noOil=true'];
    expect((await printed(['train', ...flags])).model).toEqual({
      name: 'gadget',
      options: { gadgets: 5, teethPerWheel: 7, noOil: true, help: 'none' },
    });
    const set = await printed(['train', ...GADGET, '--gadgets', '5', '--set', 'model.gadgets=6']);
    expect(set.model.options['gadgets']).toBe(6);
  });

  it.each([
    ['run.yaml', 'model: { name: gadget, gadgets: 4 }\nplugins: [./plugin.mjs]\n'],
    ['run.ts', 'export default { model: { name: "gadget", gadgets: 4 }, plugins: ["./plugin.mjs"] };\n'],
  ])('are known where %s names the model, with a plug-in beside it', async (name, text) => {
    const io = fakeIo();
    mkdirSync(join(io.cwd, 'deep'));
    writeFileSync(join(io.cwd, 'deep', name), text);
    writeFileSync(join(io.cwd, 'deep', 'plugin.mjs'), `export { default } from ${JSON.stringify(PLUGIN)};\n`);
    const { model } = await printed(['train', '--config', join('deep', name), '--teeth-per-wheel', '20'], io);
    expect(model.options).toMatchObject({ gadgets: 4, teethPerWheel: 20 });
  });

  it('are known where --set names the model', async () => {
    const set = ['--set', 'model.name=gadget', '--set', `plugins=[${PLUGIN}]`];
    expect((await printed(['train', ...set, '--gadgets', '8'])).model.options['gadgets']).toBe(8);
  });

  it('are short names of --vary', async () => {
    const { sweep } = await printed(['sweep', ...GADGET, '--vary', 'gadgets=2,4']);
    expect(sweep?.vary).toEqual({ gadgets: '2,4' });
    expect(await refusal(['sweep', ...GADGET, '--vary', 'gadgets=2,10'])).toContain(
      'error: Use --vary model.gadgets=10\n  found: model.gadgets must be at most 9, not 10',
    );
    expect(await refusal(['sweep', ...GADGET, '--vary', 'layers=2,4'])).toContain(
      'error: Use --vary layers=2\n  found: there is no field "layers"',
    );
  });

  it.each<[string[], RegExp]>([
    [['--gadgets', '0'], /Use --gadgets 0\n {2}found: model\.gadgets must be at least 1, not 0/],
    [['--gadgets', 'many'], /model\.gadgets must be a number, not "many"/],
    [['--gadgets', ''], /Use --gadgets\n {2}found: its value is empty/],
    [['--gadget', '3'], /Did you mean --gadgets\?/],
    // An option that the chosen model does not have is refused, and not carried along.
    [['--layers', '3'], /unknown option '--layers'[^]*the model "gadget" has --gadgets, --teeth-per-wheel/],
    [['--set', 'model.layers=3'], /no field "model\.layers" \(known: gadgets, teethPerWheel, noOil, help\)/],
    [['--controller', '0-0'], /Use the tie map \[0, 0\] for 3 layers/],
  ])('are refused with what is wrong: %j', async (flags, text) => {
    expect(await refusal(['train', ...GADGET, ...flags])).toMatch(text);
  });

  it('lose against those of a study of the same name', async () => {
    // random-ratio reads a list; the model of the other audits takes one number.
    expect(await refusal(['audit', 'random-ratio', '--layers', '4,1'])).toContain(
      '--layers must be at least 2',
    );
    expect(await refusal(['audit', 'storages', '--layers', '4,8'])).toContain(
      'model.layers must be a number',
    );
  });
});

describe('choices of the command line', () => {
  it('carry options, and print a configuration that reads back the same', async () => {
    const io = fakeIo();
    const argv = ['train', '--optimizer', 'sgd:momentum=0.9:nesterov=true', '--set', 'adapters=[lora]'];
    const config = await printed(argv, io);
    expect(config.optimizer).toEqual({
      name: 'sgd',
      options: { momentum: 0.9, nesterov: true, weightDecay: 0 },
    });
    expect(config.adapters[0]).toMatchObject({ name: 'lora', options: { rank: 8 } });
    writeFileSync(join(io.cwd, 'printed.json'), io.out());
    const again = fakeIo();
    expect(await printed(['train', '--config', join(io.cwd, 'printed.json')], again)).toEqual(config);
  });

  it.each<[string[], string[]]>([
    [
      ['--task', 'causal-ml'],
      ['Use the task "causal-ml"', 'known: causal-lm', 'Did you mean "causal-lm"?'],
    ],
    [
      ['--model', 'nope'],
      ['Use the model "nope"', 'known: bert, gpt2, llama, vit', 'add its plug-in to --plugins'],
    ],
    // Not that the flag is unknown: which flags there are depends on the model.
    [
      ['--model', 'nope', '--gadgets', '3'],
      ['there is no model of that name; known: bert, gpt2, llama, vit'],
    ],
    [
      ['--optimizer', 'adam'],
      ['Use the optimizer "adam"', 'known: adamw, muon, sgd', 'Did you mean "adamw"?'],
    ],
    [['--optimizer', 'sgd:momentun=0.9'], ['no field "optimizer.momentun" (did you mean "momentum"?)']],
    [
      ['--optimizer', 'sgd:momentum=2'],
      ['Use --optimizer sgd:momentum=2', 'optimizer.momentum must be less than 1'],
    ],
    [
      ['--set', 'adapters=[{name: lora, rnk: 2}]'],
      ['adapter "lora"', 'no option "rnk" (did you mean "rank"?)'],
    ],
    [
      ['--set', 'weights.from=nope'],
      ['Use the weights source "nope"', 'known: run, stored'],
    ],
    [
      ['--plugins', PLUGIN, '--task', 'sums', '--dataset', 'moby-dick'],
      ['Learn the task "sums" with the dataset "moby-dick"', 'the task uses no dataset'],
    ],
    [
      ['--plugins', PLUGIN, '--task', 'sums', '--tokenizer', 'byte'],
      ['with the tokenizer "byte"', 'the task uses no tokenizer', 'Leave the tokenizer out'],
    ],
  ])('are refused with what there is: %j', async (flags, texts) => {
    const err = await refusal(['train', ...flags]);
    for (const text of texts) expect(err).toContain(text);
  });

  it('takes neither dataset nor tokenizer for a task that makes its own data', async () => {
    const config = await printed(['train', '--plugins', PLUGIN, '--task', 'sums']);
    expect(config).toMatchObject({ task: { name: 'sums' }, dataset: null, tokenizer: null });
  });

  it('say where fields of earlier configurations went', async () => {
    const io = fakeIo();
    writeFileSync(join(io.cwd, 'old.yaml'), 'training: { weightDecay: 0.1, steps: 3 }\n');
    expect(await refusal(['train', '--config', 'old.yaml'], io)).toMatch(
      /Use the configuration old\.yaml\n {2}found: .*"training\.weightDecay": it is optimizer\.weightDecay now/,
    );
    expect(await refusal(['train', '--set', 'training.beta1=0.8'])).toContain('it is optimizer.beta1 now');
    expect(await refusal(['sweep', '--vary', 'training.weightDecay=0,0.1'])).toContain(
      'it is optimizer.weightDecay now',
    );
    expect(await refusal(['train', '--set', 'evaluation.evaluators=[perplexity]'])).toContain(
      'Leave "perplexity" out of evaluation.evaluators',
    );
  });
});

describe('plugins', () => {
  it.each([
    ['adamw', 'adamw (optimizer of @ligature/trainer)', 'weightDecay'],
    ['run', 'run (weights source of @ligature/run)', 'path'],
    ['lora', 'lora (adapter of @ligature/adapters)', 'rank'],
    ['causal-lm', 'causal-lm (task of @ligature/tasks)', 'context'],
    ['gpt2', 'gpt2 (model of @ligature/transformer)', 'layers'],
    ['comparison', 'comparison (study of @ligature/studies)', 'takes no options'],
    ['in-process', 'in-process (executor of @ligature/studies)', 'takes no options'],
  ])('describes %s', async (name, head, text) => {
    const { status, out } = await call(['plugins', name]);
    expect(status).toBe(0);
    expect(out).toContain(head);
    expect(out).toContain(text);
  });
});
