/** Configurations: their grammar, what a profile fills in, what plug-ins settle, and how earlier ones are read. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  dataLabel,
  defineModel,
  defineOptimizer,
  definePlugin,
  defineTask,
  PluginHost,
  runConfigSchema,
  savedConfigSchema,
  settleConfig,
  withProfile,
  type RunConfigInput,
} from '../src/index.js';

const never = (): never => {
  throw new Error('nothing is made here');
};
const options = (shape: Record<string, z.ZodType>) => ({ summary: 'toy', options: z.strictObject(shape) });

/** A model and an optimizer with a few options, a task that reads a text and one that makes its own data. */
const host = new PluginHost().register(
  definePlugin({
    name: 'toy',
    version: '1',
    models: {
      gpt2: defineModel({
        meta: {
          ...options({ layers: z.int().min(1).default(8), dropout: z.number().default(0) }),
          official: { dropout: 0.2 },
        },
        create: never,
      }),
      flat: defineModel({ meta: options({ width: z.int().default(4) }), create: never }),
    },
    optimizers: {
      adamw: defineOptimizer({
        meta: { ...options({ beta2: z.number().default(0.99) }), official: { beta2: 0.999 } },
        create: never,
      }),
    },
    tasks: {
      'causal-lm': defineTask({
        meta: {
          ...options({ chunking: z.string().default('contiguous'), mean: z.string().default('token') }),
          data: { dataset: 'moby-dick', tokenizer: 'bpe' },
        },
        create: never,
      }),
      numbers: defineTask({ meta: options({ rows: z.int().default(9) }), create: never }),
    },
  }),
);
const settled = (written: RunConfigInput) => settleConfig(runConfigSchema.parse(withProfile(written)), host);

describe('the grammar', () => {
  it('fills in every default, and its own output is valid input', () => {
    const config = runConfigSchema.parse({});
    expect(config).toMatchObject({
      task: { name: 'causal-lm', options: {} },
      model: { name: 'gpt2', options: {} },
      optimizer: { name: 'adamw', options: {} },
      weights: { from: null },
      dataset: null,
    });
    expect(config.compare.controllers.map(({ name }) => name)).toEqual([
      'none',
      'all-tied',
      'cycle',
      'random',
      'q-learning',
    ]);
    expect(runConfigSchema.parse(config)).toEqual(config);
  });

  it.each([
    ['a name', 'gpt2', {}],
    ['name and options', { name: 'gpt2', options: { layers: 3 } }, { layers: 3 }],
    ['options beside the name', { name: 'gpt2', layers: 3 }, { layers: 3 }],
    ['options without a name, where there is a usual one', { layers: 3 }, { layers: 3 }],
    ['both, of which those inside count', { layers: 2, options: { layers: 3 } }, { layers: 3 }],
  ])('takes a choice as %s', (_what, model, expected) => {
    expect(runConfigSchema.parse({ model }).model).toEqual({ name: 'gpt2', options: expected });
  });

  it('refuses what is no choice, and fields that it does not know', () => {
    for (const wrong of [{ controller: { options: {} } }, { controller: 3 }, { modle: 'gpt2' }]) {
      expect(runConfigSchema.safeParse(wrong).success).toBe(false);
    }
  });
});

describe('settling', () => {
  it('writes out what the entries take where nothing was written, and what the task reads', () => {
    expect(settled({ model: { layers: 3 } })).toMatchObject({
      task: { name: 'causal-lm', options: { chunking: 'contiguous', mean: 'token' } },
      dataset: { name: 'moby-dick', options: {} },
      tokenizer: { name: 'bpe', options: {} },
      model: { name: 'gpt2', options: { layers: 3, dropout: 0 } },
      optimizer: { name: 'adamw', options: { beta2: 0.99 } },
    });
  });

  it('changes nothing the second time', () => {
    const once = settled({ model: { layers: 3 }, tying: { profile: 'official' } });
    expect(settleConfig(once, host)).toEqual(once);
    expect(settleConfig(runConfigSchema.parse(once), host)).toEqual(once);
  });

  it('refuses options that the entry does not have, by name', () => {
    expect(() => settled({ model: { name: 'flat', layers: 3 } })).toThrow(/there is no option "layers"/);
    expect(() => settled({ model: { layers: 0 } })).toThrow(/layers must be at least 1/);
    expect(() => settled({ model: 'gtp2' })).toThrow(/Did you mean "gpt2"/);
  });

  it('refuses data that the task makes nothing of', () => {
    const own = settled({ task: 'numbers' });
    expect([own.dataset, own.tokenizer, dataLabel(own)]).toEqual([null, null, 'numbers']);
    for (const field of ['dataset', 'tokenizer'] as const) {
      expect(() => settled({ task: 'numbers', [field]: 'some' })).toThrow(
        expect.objectContaining({ code: 'data-unused' }),
      );
    }
  });

  it('puts the official options below what was written, under that profile alone', () => {
    const official = settled({ tying: { profile: 'official', window: 15 }, training: { steps: 5 } });
    expect(official.tying).toMatchObject({ window: 15, gradient: 'source-only', probe: 'fresh-train' });
    expect(official.training).toMatchObject({ steps: 5, learningRate: 1e-4 });
    expect(official.reward.name).toBe('negative-perplexity');
    expect([official.model.options, official.optimizer.options]).toEqual([
      { layers: 8, dropout: 0.2 },
      { beta2: 0.999 },
    ]);
    expect(settled({ tying: { profile: 'official' }, model: { dropout: 0.1 } }).model.options).toEqual({
      layers: 8,
      dropout: 0.1,
    });
    expect(withProfile({ tying: { window: 15 } })).toEqual({ tying: { window: 15 } });
  });
});

describe('earlier configurations', () => {
  const first = {
    model: { name: 'gpt2', layers: 4, width: 8, options: { extra: 1 } },
    training: { steps: 3, chunking: 'bos-eos', beta1: 0.8, weightDecay: 0.1, decay: 'all' },
    evaluation: {
      evaluators: [
        { name: 'perplexity', options: { mean: 'batch' } },
        { name: 'accuracy', options: {} },
        { name: 'memory', options: {} },
      ],
    },
  };

  it('are read with every field in its new place', () => {
    const config = savedConfigSchema.parse(first);
    expect(config.model).toEqual({ name: 'gpt2', options: { layers: 4, width: 8, extra: 1 } });
    expect(config.task).toEqual({ name: 'causal-lm', options: { chunking: 'bos-eos', mean: 'batch' } });
    expect(config.optimizer).toEqual({
      name: 'adamw',
      options: { beta1: 0.8, weightDecay: 0.1, decay: 'all' },
    });
    expect(config.evaluation.evaluators).toEqual([{ name: 'memory', options: {} }]);
  });

  it('keep the steps that they were trained with, from before those of shared blocks were a choice', () => {
    const before: Record<string, unknown> = { ...runConfigSchema.parse({}).tying };
    delete before['stepSize'];
    expect(savedConfigSchema.parse({ tying: before }).tying.stepSize).toBe('none');
    expect(savedConfigSchema.parse({ tying: { ...before, stepSize: 'inverse' } }).tying.stepSize).toBe(
      'inverse',
    );
    expect(runConfigSchema.parse({}).tying.stepSize).toBe('inverse-sqrt');
  });

  it('go on with the defaults of their time, except under the official profile', () => {
    const learner = { name: 'q-learning', options: { gamma: 0.9 } };
    const compare = { controllers: ['none', learner] };
    const of = (profile: string, more = {}) =>
      savedConfigSchema.parse({ tying: { profile, ...more }, controller: learner, compare });
    const old = { name: 'q-learning', options: { preset: 'first', gamma: 0.9 } };
    expect(of('clean').controller).toEqual(old);
    expect(of('clean').compare.controllers).toEqual([{ name: 'none', options: {} }, old]);
    expect(of('clean').reward.options).toEqual({ decay: 0.5 });
    expect(savedConfigSchema.parse({}).controller.options).toEqual({ preset: 'first' });
    expect(of('official').controller).toEqual(learner);
    // Every configuration that this version saves says until when there is tying.
    const today = of('clean', { until: 1 });
    expect([today.controller, today.reward.options]).toEqual([learner, {}]);
  });

  it('are left as they were given, and those of today are read as they are', () => {
    const before = structuredClone(first);
    savedConfigSchema.parse(first);
    expect(first).toEqual(before);
    const today = runConfigSchema.parse({ model: { layers: 2 }, optimizer: { beta1: 0.5 } });
    expect(savedConfigSchema.parse(today)).toEqual(today);
  });

  it('are refused for what is wrong in them, by the place', () => {
    const { error } = savedConfigSchema.safeParse({ training: { steps: 0 } });
    expect(error?.issues[0]?.path).toEqual(['training', 'steps']);
    expect(savedConfigSchema.safeParse(null).success).toBe(false);
  });
});
