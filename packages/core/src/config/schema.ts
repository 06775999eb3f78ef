/**
 * The configuration of a run: what files and flags fill in, what a run folder keeps. Names are checked against
 * the plug-ins and options against their entries' schemas when the run is composed, not here.
 */
import { z } from 'zod';
import type { PluginKind } from '../contracts/plugin.js';
import { planSchema } from './plan.js';
import { sweepSchema } from './sweep.js';

/**
 * A name with options: `q-learning`, `{ name: q-learning, options: { epsilon: 0.1 } }`, or the options beside the name,
 * `{ name: q-learning, epsilon: 0.1 }`. Which options there are is for the entry of that name to say.
 */
const choice = (kind: PluginKind, what: string) => choiceBy(kind, what, z.string().min(1));

/** The same, where an object may leave out the name. */
const choiceOr = (kind: PluginKind, usual: string, what: string) =>
  choiceBy(kind, what, z.string().min(1).default(usual));

const kinds = z.registry<{ readonly kind: PluginKind }>();

/** What a schema chooses among, if it is that of a choice. */
export const kindOfChoice = (schema: z.core.$ZodType): PluginKind | undefined => kinds.get(schema)?.kind;

/** Two schemas and not one of either: whether the name may be left out is part of what a person may write. */
const choiceBy = <Name extends z.ZodType<string>>(kind: PluginKind, what: string, name: Name) =>
  z
    .union([
      z.string().min(1),
      z.looseObject({ name, options: z.record(z.string(), z.unknown()).default({}) }),
    ])
    .transform((value) => asChoice(value as Parameters<typeof asChoice>[0]))
    .describe(what)
    .register(kinds, { kind });

/** Of an option that stands in both places the one in `options` counts. */
function asChoice(value: string | { readonly name: string; readonly options: Record<string, unknown> }): {
  name: string;
  options: Record<string, unknown>;
} {
  if (typeof value === 'string') return { name: value, options: {} };
  const { name, options, ...beside } = value;
  return { name, options: { ...beside, ...options } };
}

const count = (what: string) => z.number().int().positive().describe(what);
const rate = (what: string) => z.number().min(0).max(1).describe(what);

export const tyingSchema = z
  .strictObject({
    window: count('training steps under one tie map, k').default(5),
    profile: z
      .enum(['clean', 'official'])
      .default('clean')
      .describe("official: replays the paper's code, storage, gradient, moments and Q-update, bug for bug"),
    gradient: z
      .enum(['accumulate', 'mean', 'source-only'])
      .default('accumulate')
      .describe('gradient of a shared block: sum over its uses, their mean, or the owner only'),
    stepSize: z
      .enum(['inverse-sqrt', 'inverse', 'none'])
      .default('inverse-sqrt')
      .describe(
        'learning rate of a block that n layers use: times 1/sqrt(n), times 1/n, or as it is; decoupled weight ' +
          'decay stays as it is, and the official profile knows only none',
      ),
    untie: z
      .enum(['clone', 'reinitialize', 'alias'])
      .default('clone')
      .describe(
        'weights of a layer that becomes independent: a copy of what it used, fresh ones, or none of its own: it ' +
          'goes on with the shared block, as in the official code',
      ),
    moments: z
      .enum(['copy', 'reset', 'keep'])
      .default('copy')
      .describe(
        "optimizer moments of a layer that becomes independent: a copy, zero, or the layer's own old ones",
      ),
    follow: z
      .enum(['root', 'snapshot'])
      .default('root')
      .describe(
        'when a shared owner is tied: its followers go with it, or the first of them inherits the block',
      ),
    components: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('parts of a block that are tied (attention, mlp, norms); default: all'),
    order: z
      .enum(['ascending', 'descending'])
      .default('ascending')
      .describe('in which order a sweep decides on the layers, for controllers that have none of their own'),
    decide: z
      .enum(['blocks', 'components'])
      .default('blocks')
      .describe(
        'what a decision is about: a whole block, or one component of it after the other, each with a map of its own',
      ),
    until: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe(
        'share of the budget at which tying ends: the first window that opens at or after it is the last that is decided ' +
          'on, the map stays, and no reward is measured any more; 1: to the end',
      ),
    probe: z
      .enum(['set-apart', 'held-out', 'fresh-train'])
      .default('set-apart')
      .describe(
        'what rewards are measured on; set-apart: batches evenly over the validation split, at most half of it, that no ' +
          'validation measures, the same ones whatever the controller; held-out: the first batches of that split, which validation measures too; ' +
          'fresh-train: new training batches each time',
      ),
    probeBatches: count('batches that a reward is measured on').default(2),
    timeoutSeconds: z
      .number()
      .positive()
      .nullable()
      .default(60)
      .describe(
        'how long a controller may take to decide or learn, and any plug-in for a call that keeps books; null: for ever',
      ),
    onMisbehaviour: z
      .enum(['stop', 'keep-map'])
      .default('stop')
      .describe(
        'when a controller throws, is late or decides nonsense: stop the run, or keep the map and go on',
      ),
  })
  .describe('how layers share weights');

export const trainingSchema = z
  .strictObject({
    steps: count('training steps').default(1000),
    budget: z
      .strictObject({
        kind: z.enum(['tokens', 'flops', 'seconds']),
        amount: z.number().positive().describe('how many of them'),
      })
      .nullable()
      .default(null)
      .describe(
        'what is spent instead of steps: tokens, or whatever the task counts (steps follow from them), FLOPs by the ledger, both of training and of ' +
          'what is measured for controllers and rewards, ' +
          'or seconds of training, which no run repeats; null: steps',
      ),
    batch: count('rows of a micro-batch').max(65_536).default(8),
    accumulation: count('micro-batches per step').max(65_536).default(1),
    learningRate: z.number().positive().max(10).default(3e-3).describe('peak learning rate'),
    schedule: z.enum(['cosine', 'constant']).default('cosine'),
    warmup: z
      .number()
      .min(0)
      .refine((steps) => steps < 1 || Number.isInteger(steps), 'expected whole steps, or a share below 1')
      .default(0.2)
      .describe('linear warm-up: steps, or below 1 a share of all steps'),
    minimumLearningRate: rate('floor of the cosine, as a share of the peak').default(0.1),
    onDivergence: z
      .enum(['stop', 'rollback'])
      .default('stop')
      .describe('when a loss is not finite: stop, or go back to the last checkpoint and skip the window'),
    clip: z
      .number()
      .positive()
      .nullable()
      .default(1)
      .describe('largest global gradient norm; null: no clipping'),
    freeze: z
      .array(z.string().min(1))
      .default([])
      .describe('parameters that stay as they are: full names, * for any part: transformer.wte.*, *.ln_1.*'),
  })
  .describe('steps, learning rate and budget');

export const evaluationSchema = z
  .strictObject({
    every: count('steps between validations')
      .nullable()
      .default(null)
      .describe('steps between validations; null: only at the end'),
    batches: count('validation batches of an intermediate pass').default(8),
    batch: count('rows of an evaluation batch').default(8),
    final: z
      .strictObject({
        splits: z
          .array(z.enum(['validation', 'test']))
          .min(1)
          .default(['validation', 'test'])
          .describe('what is measured after training; studies need both'),
        batches: z
          .union([count('batches of each split, evenly over it'), z.enum(['auto', 'all'])])
          .default('auto')
          .describe(
            'batches of each split, evenly over it and the same for every run on the same data; auto: as many as cost a tenth ' +
              'of the training, at most; all: the whole splits',
          ),
        of: z
          .enum(['last', 'best'])
          .default('last')
          .describe(
            "whose weights and tie map are measured: the last step's, or those of the step whose validation on the way was " +
              "best by the task's first metric, of equals the earliest (needs evaluation.every)",
          ),
      })
      .prefault({})
      .describe('the measurement that ends a run'),
    evaluators: z.array(choice('evaluators', 'an evaluator')).default([
      { name: 'memory', options: {} },
      { name: 'throughput', options: {} },
      { name: 'diagnostics', options: {} },
    ]),
  })
  .refine(({ every, final }) => every !== null || final.of === 'last', {
    path: ['final', 'of'],
    error:
      'best is the best of the validations on the way, and there are none: set evaluation.every to the steps between them',
  })
  .describe('what is measured, and when');

export const checkpointSchema = z
  .strictObject({
    every: count('steps between checkpoints; null: none by steps').nullable().default(100),
    everyMinutes: z
      .number()
      .positive()
      .nullable()
      .default(5)
      .describe('minutes between checkpoints; null: none by time'),
    keepLast: count('newest checkpoints that are kept').default(2),
    keepBest: z
      .boolean()
      .default(false)
      .describe("keep the best one too, by the task's first metric on validation (needs evaluation.every)"),
  })
  .describe('how often a run is saved so that it can be resumed');

export const eventLogSchema = z
  .strictObject({
    rotateMegabytes: z
      .number()
      .positive()
      .max(4096)
      .default(64)
      .describe('size at which events.jsonl becomes events-000001.jsonl and a new one begins'),
    keepFiles: count('rotated files that are kept; older ones are deleted, unless a checkpoint needs them')
      .max(100_000)
      .default(16),
  })
  .describe("the run's event log");

export const compareSchema = z
  .strictObject({
    controllers: z
      .array(choice('controllers', 'a controller'))
      .min(1)
      .default(['none', 'all-tied', 'cycle', 'random', 'q-learning'].map((name) => ({ name, options: {} })))
      .describe('the controllers to compare, on the same tokens, order and initialization'),
    seeds: z
      .union([count('number of seeds').max(1000), z.array(z.number().int().min(0)).min(1)])
      .default(1)
      .describe('how many seeds, counted up from `seed`, or a list of them'),
    control: choice('controllers', 'a controller')
      .nullable()
      .default(null)
      .describe('what the others are set against; null: `none` where it is compared, else the first'),
    margin: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe(
        "the largest difference that counts as none, in units of the task's first metric, named before the trials: " +
          'what is shown to lie within it is called equivalent; null: nothing is',
      ),
    datasets: z
      .array(choice('datasets', 'a dataset by name, or a path to a text file or folder'))
      .min(1)
      .nullable()
      .default(null)
      .describe('several datasets, each with every controller and seed; null: `dataset` alone'),
    parallel: z
      .union([count('trials at once').max(1024), z.literal('auto')])
      .default(1)
      .describe('trials side by side, each in a process of its own; auto: as cores and free memory allow'),
  })
  .describe('what `ligature compare` runs');

export const runConfigSchema = z.strictObject({
  seed: z
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(1)
    .describe('one seed for every random stream'),
  task: choiceOr('tasks', 'causal-lm', 'what is learnt, by name').default({ name: 'causal-lm', options: {} }),
  dataset: choice(
    'datasets',
    'a dataset by name, or a path to a text file or folder; null: the one that the task takes',
  )
    .nullable()
    .default(null),
  tokenizer: choice('tokenizers', 'a tokenizer by name; null: the one that the task takes')
    .nullable()
    .default(null),
  model: choiceOr('models', 'gpt2', 'an architecture by name').default({ name: 'gpt2', options: {} }),
  adapters: z
    .array(choice('adapters', 'an adapter by name'))
    .default([])
    .describe('adapters around the model, inner first'),
  weights: z
    .strictObject({
      from: choice('weights', 'where weights start: run, or another kind of source by name')
        .nullable()
        .default(null)
        .describe('where weights start; null: they are initialized'),
    })
    .prefault({})
    .describe('where weights start'),
  controller: choice('controllers', 'a controller by name').default({ name: 'q-learning', options: {} }),
  reward: choice('rewards', 'a reward by name').default({ name: 'log-perplexity-improvement', options: {} }),
  optimizer: choiceOr('optimizers', 'adamw', 'an optimizer by name').default({ name: 'adamw', options: {} }),
  tying: tyingSchema.prefault({}),
  training: trainingSchema.prefault({}),
  evaluation: evaluationSchema.prefault({}),
  checkpoint: checkpointSchema.prefault({}),
  eventLog: eventLogSchema.prefault({}),
  compare: compareSchema.prefault({}),
  sweep: sweepSchema.optional(),
  plan: planSchema.optional(),
  recorders: z.array(choice('recorders', 'a recorder')).default([]).describe('extra recorders from plug-ins'),
  backend: choice('backends', 'a tfjs backend by name, or auto').default({ name: 'auto', options: {} }),
  threads: count('threads of the backend')
    .max(1024)
    .nullable()
    .default(null)
    .describe("threads of a backend that can be told; null: the backend's own choice"),
  plugins: z.array(z.string().min(1)).default([]).describe('npm packages or paths of plug-ins'),
  out: z.string().min(1).default('runs').describe('the folder of runs'),
});

/** A validated configuration with every default filled in. */
export type RunConfig = z.output<typeof runConfigSchema>;
/** What a person writes: every field optional. */
export type RunConfigInput = z.input<typeof runConfigSchema>;
/** A name with options, as configurations hold it. */
export type Choice = RunConfig['controller'];
