/** An evaluator that folds, listens and warns, and what can be wrong with one. */
import {
  ContractError,
  defineEvaluator,
  definePlugin,
  type Evaluator,
  type EvaluatorContext,
  type EventBus,
  type LigatureEvent,
  type Plugin,
  type Publish,
  type Snapshot,
} from '@ligature/core';
import type { CheckEvaluatorOptions } from '@ligature/testing';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { entryFaults, type EntryFault } from './entry-faults.js';
import { meanNats, metricFaults } from './metric-faults.js';
import { ALONE, NAME, type Violator } from './violators.js';

const fields = { limit: z.number().positive().default(3).describe('loss in nats above which it warns') };
const options = z.strictObject(fields);

interface Memory {
  /** Losses above the limit, and the sum of all. */
  state: { high: number; steps: number; sum: number };
}

type Watch = (event: LigatureEvent, publish: Publish) => void;

/** Counts losses above the limit and warns of every fourth. */
function highLosses(limit: number, memory: Memory): { evaluator: Evaluator; watch: Watch } {
  const watch: Watch = (event, publish) => {
    if (event.type !== 'step.completed') return;
    const { state } = memory;
    memory.state = {
      high: state.high + Number(event.loss > limit),
      steps: state.steps + 1,
      sum: state.sum + event.loss,
    };
    if (event.loss > limit && memory.state.high % 4 === 0) {
      const { high } = memory.state;
      publish({
        type: 'diagnostic.raised',
        code: 'high-loss',
        window: event.window,
        message: `${high} high losses`,
        evidence: { high },
      });
    }
  };
  const evaluator: Evaluator = {
    name: 'high-losses',
    metrics: [meanNats],
    attach: (bus) => bus.handle({ type: '*', phase: 'observe', name: 'high-losses', handle: watch }),
    summary: () =>
      memory.state.steps === 0
        ? {}
        : { high: memory.state.high, mean: memory.state.sum / memory.state.steps },
    snapshot: () => ({ ...memory.state }),
    restore(saved) {
      const count = z.int().min(0);
      const parsed = z.strictObject({ high: count, steps: count, sum: z.number() }).safeParse(saved);
      if (!parsed.success) {
        throw new ContractError('state-invalid', {
          asked: 'Restore',
          found: 'no state of it',
          todo: 'Check the file',
        });
      }
      memory.state = parsed.data;
    },
  };
  return { evaluator, watch };
}

interface Inside {
  readonly good: Evaluator;
  readonly watch: Watch;
  readonly memory: Memory;
  readonly context: EvaluatorContext;
}
type Change = (inside: Inside) => Partial<Evaluator>;

function evaluatorPlugin(change: Change = () => ({}), meta: EntryFault['meta'] = {}): Plugin {
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    evaluators: {
      [NAME]: defineEvaluator({
        meta: { summary: 'Counts high losses', options, ...meta },
        create({ limit }: z.output<typeof options>, context) {
          const memory: Memory = { state: { high: 0, steps: 0, sum: 0 } };
          const { evaluator: good, watch } = highLosses(limit, memory);
          return { ...good, ...change({ good, watch, memory, context }) };
        },
      }),
    },
  });
}

export const goodEvaluator = evaluatorPlugin();

const violator = (
  rule: string,
  fault: string,
  found: RegExp,
  change: Change,
  more: Pick<Violator<CheckEvaluatorOptions>, 'also' | 'maybe' | 'only' | 'options'> = {},
): Violator<CheckEvaluatorOptions> => ({ rule, fault, found, plugin: evaluatorPlugin(change), ...more });

/** The good one, and something more at every event. */
const watching =
  (more: (event: LigatureEvent, publish: Publish, inside: Inside) => unknown): Change =>
  (inside) => ({
    attach: (bus: EventBus) =>
      bus.handle({
        type: '*',
        phase: 'observe',
        name: 'high-losses',
        async handle(event, publish) {
          inside.watch(event, publish);
          await more(event, publish, inside);
        },
      }),
  });

const shared = { state: { high: 0, steps: 0, sum: 0 }, made: 0 };

export const evaluatorViolators: readonly Violator<CheckEvaluatorOptions>[] = [
  ...entryFaults(fields).map(({ meta, ...fault }) => ({
    ...fault,
    plugin: evaluatorPlugin(undefined, meta),
  })),
  violator('creates', 'has no name', /its name is ""/, () => ({ name: '' })),
  violator(
    'creates',
    'measures nothing',
    /none of metrics, attach and summary/,
    () => ({ metrics: undefined, attach: undefined, summary: undefined }) as never,
  ),
  violator(
    'creates',
    'can be saved, but not restored',
    /has snapshot, but no restore/,
    () => ({ restore: undefined }) as never,
  ),
  violator(
    'plays-through',
    'throws at the end of a window',
    /handling window.closed was rejected with Error: boom/,
    watching(({ type }) => {
      if (type === 'window.closed') throw new Error('boom');
    }),
  ),
  violator(
    'plays-through',
    'throws in a listener',
    /its listener of run.completed threw "boom"/,
    ({ good }) => ({
      attach(bus) {
        const detach = good.attach!(bus);
        const listening = bus.on('run.completed').subscribe(() => {
          throw new Error('boom');
        });
        return () => {
          detach();
          listening.unsubscribe();
        };
      },
    }),
  ),
  violator(
    'answers',
    'never finishes with an event',
    /gave no answer/,
    watching(() => new Promise(() => undefined)),
    {
      options: { timeoutSeconds: 0.3 },
      only: ALONE,
    },
  ),
  violator(
    'deterministic',
    'depends on how many were made before it',
    /its summary: number/,
    ({ good }) => {
      const number = (shared.made += 1);
      return { summary: () => ({ ...good.summary!(), number }) };
    },
    { also: ['independent', 'resumes'] },
  ),
  violator('independent', 'keeps its counts in the module', /beside another one/, ({ memory }) => {
    shared.state = { high: 0, steps: 0, sum: 0 };
    Object.defineProperty(memory, 'state', {
      get: () => shared.state,
      set: (state: Memory['state']) => (shared.state = state),
    });
    return {};
  }),
  violator(
    'inputs-untouched',
    'rounds the losses of an event',
    /tried to change the event window.closed, which is frozen: .*property '0'/,
    watching((event) => {
      if (event.type === 'window.closed') (event.losses as number[])[0] = 1;
    }),
  ),
  violator(
    'inputs-untouched',
    'keeps sums in the scores that it was given',
    /changed the scores/,
    () => ({
      metrics: [
        {
          ...meanNats,
          fold() {
            const fold = meanNats.fold();
            return {
              ...fold,
              add(scores) {
                fold.add(scores);
                scores.columns['nats']!.fill(0);
              },
            };
          },
        },
      ],
    }),
    { also: ['folds-independent'] },
  ),
  violator(
    'no-math-random',
    'listens to a sample of the steps',
    /Math.random\(\)/,
    watching(() => {
      // eslint-disable-next-line no-restricted-properties -- the fault itself
      void Math.random();
    }),
  ),
  violator(
    'no-clock',
    'measures time by itself',
    /performance.now\(\)/,
    watching(() => void performance.now()),
  ),
  violator('snapshot-plain', 'saves a Set', /snapshot is a Set/, () => ({
    snapshot: () => new Set([1]) as unknown as Snapshot,
  })),
  violator('snapshot-detached', 'goes on counting in what it saved', /after it was taken/, ({ memory }) => {
    const state = { ...memory.state };
    Object.defineProperty(memory, 'state', {
      get: () => state,
      set: (next: Memory['state']) => Object.assign(state, next),
    });
    return { snapshot: () => memory.state };
  }),
  violator(
    'resumes',
    'has counts, but no snapshot',
    /with it/,
    () => ({ snapshot: undefined, restore: undefined }) as never,
    {
      also: [],
    },
  ),
  violator('rolls-back', 'adds the saved counts to its own', /after going back/, ({ good, memory }) => ({
    restore(saved) {
      const { high } = memory.state;
      good.restore!(saved);
      memory.state = { ...memory.state, high: memory.state.high + high };
    },
  })),
  violator('restore-refuses', 'takes any state', /without a word/, ({ memory }) => ({
    restore: (saved) => void (memory.state = { high: 0, steps: 0, sum: 0, ...(saved as object) }),
  })),
  violator(
    'tensors-released',
    'keeps a tensor',
    /tensor/,
    watching(({ type }) => type === 'run.started' && tf.scalar(1)),
  ),
  violator(
    'timers-released',
    'leaves a timer running',
    /timer runs on/,
    watching(({ type }) => {
      if (type === 'run.started') setInterval(() => undefined, 60_000);
    }),
  ),
  violator(
    'summary-finite',
    'divides by the steps before there are any',
    /summary gave \{"high":0,"mean":"NaN"\}/,
    ({ memory }) => ({
      summary: () => ({ high: memory.state.high, mean: memory.state.sum / memory.state.steps }),
    }),
  ),
  violator('attach-detaches', 'stays on the bus', /1 of its handlers is still on the bus/, ({ good }) => ({
    attach(bus) {
      good.attach!(bus);
      return () => undefined;
    },
  })),
  violator('attach-detaches', 'goes on warning', /it still published diagnostic.raised/, ({ watch }) => ({
    attach(bus) {
      bus.events$.subscribe((event) => watch(event, (said) => void bus.publish(said)));
      return () => undefined;
    },
  })),
  violator('attach-detaches', 'goes on counting in silence', /it still listens: summary.h/, ({ watch }) => ({
    attach(bus) {
      bus.events$.subscribe((event) => watch(event, () => undefined));
      return () => undefined;
    },
  })),
  violator('attach-detaches', 'returns nothing to detach it with', /attach gave undefined/, ({ good }) => ({
    attach: (bus) => void good.attach!(bus) as never,
  })),
  violator(
    'publishes-own',
    'publishes the end of a run',
    /it published run.failed/,
    watching((event, publish) => {
      if (event.type === 'run.completed') publish({ type: 'run.failed', step: 1, code: 'x', message: 'y' });
    }),
  ),
  violator(
    'publishes-own',
    'warns with evidence that is no number',
    /evidence of high-loss/,
    watching((event, publish) => {
      if (event.type === 'run.completed')
        publish({
          type: 'diagnostic.raised',
          code: 'high-loss',
          window: 1,
          message: 'm',
          evidence: { mean: Number.NaN },
        });
    }),
  ),
  ...metricFaults.map(({ rule, fault, found, metrics, ...more }) =>
    violator(rule, fault, found, () => ({ metrics }), more),
  ),
];
