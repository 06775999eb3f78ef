import { createRandomStream } from '@ligature/core';
import type {
  Batch,
  BatchScores,
  Dataset,
  Json,
  Metric,
  Plugin,
  Prepared,
  Projection,
  SplitName,
  Task,
  TensorBatch,
  Tokenizer,
} from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { assertFunctions } from '../entry/entry-rules.js';
import type { Calls } from '../harness/calls.js';
import { Finding } from '../harness/finding.js';
import { show } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import type { MetricSubject } from '../metrics/metric-rules.js';
import type { Pass } from '../metrics/passes.js';
import { onBackend } from '../model/batches.js';
import { assertBackend } from '../model/subject.js';
import { smallDataset, smallTokenizer } from './data.js';

export interface CheckTaskOptions extends CheckOptions {
  /**
   * The data to learn from, with one split changed where that is asked for; a small English text if left out. `null`: the
   * task reads none.
   */
  readonly dataset?: ((changed?: SplitName) => Dataset) | null;
  /** Makes the tokenizer of the configuration; bytes if left out. */
  readonly tokenizer?: (trainingText: string, saved?: Json) => Promise<Tokenizer>;
  /** Relative paths in options are resolved against it; the working directory if left out. */
  readonly folder?: string;
  /** Rows of a batch, 4 if left out, and the longest sequence of the model, 8 if left out. */
  readonly batch?: number;
  readonly context?: number;
  /** Targets of a batch; as many as the field `labels` has numbers if left out, or as there are rows. */
  readonly targets?: (batch: Batch) => number;
  /**
   * Rows of the model's outputs for a batch, each target's together, where a target is judged by several of them, as the
   * positions of a sequence; one for each target if left out.
   */
  readonly rows?: (batch: Batch) => number;
  /** Metrics that depend on how targets are cut into batches, such as means of batch means. */
  readonly batchMetrics?: readonly string[];
}

/** A projection as numbers. */
export interface Numbers {
  readonly features: Float32Array;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly targets: number;
  /** Of the features. */
  readonly rows: number;
  readonly outputs: number;
}

export interface TaskSubject extends Subject<'tasks'>, MetricSubject {
  readonly shape: { readonly batch: number; readonly context: number };
  readonly dataset: CheckTaskOptions['dataset'];
  readonly tokenizer: (trainingText: string, saved?: Json) => Promise<Tokenizer>;
  make(): Promise<Task>;
  /** @throws Finding (of `prepares`) */
  prepare(task: Task, given?: PrepareSetting): Promise<Prepared>;
  /** A fresh task and its data, made once for rules that only read. */
  shared(): Promise<{ readonly task: Task; readonly prepared: Prepared }>;
  /** What a model without a meaning makes of a batch: the same for the same seed. */
  projection(prepared: Prepared, batch: Batch, seed?: number): Numbers;
  /** @throws Finding (of `score-form`) */
  score(task: Task, batch: Batch, numbers: Numbers, calls?: Calls): BatchScores;
  loss(task: Task, batch: Batch, numbers: Numbers, calls?: Calls): number;
}

export interface PrepareSetting {
  readonly changed?: SplitName;
  readonly saved?: Json;
  readonly calls?: Calls;
}

/** Of the features of a projection. */
const WIDTH = 5;

export function taskSubject(plugin: Plugin, name: string, options: CheckTaskOptions = {}): TaskSubject {
  const subject = subjectOf('tasks', plugin, name, options);
  const { dataset = smallDataset, tokenizer = smallTokenizer, folder = process.cwd() } = options;
  const { batch: size = 4, context = 8, targets = targetsOf, batchMetrics = [] } = options;
  const { rows = targets } = options;

  const make: TaskSubject['make'] = async () => {
    await assertBackend('Check a task');
    const task = await subject.create({});
    assertFunctions(task, 'task', ['prepare', 'open', 'loss', 'score']);
    assertForm(task);
    return task;
  };

  const prepare: TaskSubject['prepare'] = async (task, { changed, saved, calls = subject.calls } = {}) => {
    const prepared = await calls.wait('prepare', () =>
      task.prepare({
        dataset: dataset?.(changed),
        tokenizer,
        cache: undefined,
        folder,
        stage: () => Promise.resolve(),
        ...(saved !== undefined && { saved }),
      }),
    );
    assertPrepared(prepared);
    return prepared;
  };

  let made: Promise<{ task: Task; prepared: Prepared }> | undefined;
  const shared: TaskSubject['shared'] = () =>
    (made ??= make().then(async (task) => ({ task, prepared: await prepare(task) })));

  const score: TaskSubject['score'] = (task, batch, numbers, calls = subject.calls) =>
    withTensors(batch, numbers, (projection, fields) => {
      const found: unknown = calls.now('score', () => task.score(projection, fields));
      const wanted = `[${task.scores.length}, ${numbers.targets}] float32`;
      const form = found instanceof tf.Tensor ? `[${found.shape.join(', ')}] ${found.dtype}` : show(found);
      if (form !== wanted) throw new Finding(`score gave ${form} where ${wanted} belongs`, 'score-form');
      const values = (found as Tensor2D).dataSync().slice() as Float32Array;
      const columns = task.scores.map((column, row): [string, Float32Array] => [
        column,
        values.slice(row * numbers.targets, (row + 1) * numbers.targets),
      ]);
      return { weight: batch.weight, columns: Object.fromEntries(columns) };
    });

  const projection: TaskSubject['projection'] = (prepared, batch, seed = 1) => {
    const [count, { outputs }] = [rows(batch), prepared.head];
    const drawn = (what: string, size: number): Float32Array => {
      const random = createRandomStream(seed, what);
      return Float32Array.from({ length: size }, () => random.normal());
    };
    return {
      features: drawn('features', count * WIDTH),
      weight: drawn('weight', outputs * WIDTH),
      bias: drawn('bias', outputs),
      ...{ targets: targets(batch), rows: count, outputs },
    };
  };

  return {
    ...subject,
    ...{ shape: { batch: size, context }, dataset, tokenizer, batchMetrics },
    ...{ make, prepare, shared, projection, score },
    loss: (task, batch, numbers, calls = subject.calls) =>
      withTensors(batch, numbers, (given, fields) => {
        const loss: unknown = calls.now('loss', () => task.loss(given, fields));
        const scalar = loss instanceof tf.Tensor && loss.size === 1 && loss.dtype === 'float32';
        const value = scalar ? loss.dataSync()[0]! : Number.NaN;
        if (!Number.isFinite(value)) throw new Finding(`loss gave ${show(value)}`, 'loss-consistent');
        return value;
      }),
    // What a metric judges may stand in the data, so they are those of a task that has seen them, as in a run.
    metrics: async (): Promise<readonly Metric[]> => {
      const task = await make();
      await prepare(task);
      return task.metrics;
    },
    async pass(seed): Promise<Pass> {
      const { task, prepared } = await shared();
      const set = evaluationOf(prepared, 'validation', { batch: size, context });
      const scores = set.batches.map((one, at) =>
        score(task, one, projection(prepared, one, seed + 100 * at)),
      );
      return { scores, scope: set.scope };
    },
  };
}

export const evaluationOf = (
  prepared: Prepared,
  split: SplitName,
  shape: { readonly batch: number; readonly context: number; readonly maxBatches?: number },
): ReturnType<Prepared['evaluation']> => prepared.evaluation(split, shape);

const targetsOf = ({ fields }: Batch): number =>
  fields['labels']?.data.length ?? Object.values(fields)[0]?.shape[0] ?? 0;

/** Everything that is made on the way is gone afterwards. */
export function withTensors<T>(
  batch: Batch,
  { features, weight, bias, rows, outputs }: Numbers,
  use: (projection: Projection, fields: TensorBatch) => T,
): T {
  const made: T[] = [];
  tf.tidy(() => {
    const projection: Projection = {
      features: tf.tensor2d(features, [rows, WIDTH]),
      weight: tf.tensor2d(weight, [outputs, WIDTH]),
      bias: tf.tensor1d(bias) as Tensor1D,
    };
    made.push(use(projection, onBackend(batch.fields)));
  });
  return made[0]!;
}

/** @throws Finding (of `creates`) */
function assertForm({ name, unit, lossUnit, scores }: Task): void {
  for (const [what, text] of Object.entries({ name, unit, lossUnit })) {
    if (typeof text !== 'string' || text === '') throw new Finding(`its ${what} is ${show(text)}`, 'creates');
  }
  const named =
    Array.isArray(scores) &&
    scores.length > 0 &&
    scores.every((one) => typeof one === 'string') &&
    new Set(scores).size === scores.length;
  if (!named) throw new Finding(`its scores are ${show(scores)}`, 'creates');
}

const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];

/** @throws Finding (of `prepares`) */
function assertPrepared(prepared: Prepared): void {
  const refuse = (found: string): never => {
    throw new Finding(`prepare gave ${found}`, 'prepares');
  };
  const { head, inputs, saved, facts, digests, batches, evaluation } = (prepared ?? {}) as Partial<Prepared>;
  const kind = typeof head?.kind === 'string' && head.kind !== '';
  if (!kind || !Number.isInteger(head?.outputs) || head!.outputs < 1) refuse(`the head ${show(head)}`);
  const plain = (value: unknown): value is object => typeof value === 'object' && value !== null;
  if (!plain(inputs) || Object.values(inputs).some((value) => !Number.isFinite(value)))
    refuse(`the inputs ${show(inputs)}`);
  if (saved === undefined) refuse('nothing to save');
  const fact = (value: unknown): boolean => typeof value === 'string' || Number.isFinite(value);
  if (!plain(facts) || !Object.values(facts).every(fact)) refuse(`the facts ${show(facts)}`);
  const digest = (split: SplitName): boolean => typeof digests?.[split] === 'string' && digests[split] !== '';
  if (!SPLITS.every(digest)) refuse(`the digests ${show(digests)}`);
  if (typeof batches !== 'function' || typeof evaluation !== 'function') refuse('no batches');
}
