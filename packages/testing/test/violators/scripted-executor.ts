/** An executor that trains nothing: it says what a script says, and keeps it as a run would. */
import {
  defineExecutor,
  definePlugin,
  unknownName,
  type Executor,
  type LigatureEvent,
  type Plugin,
  type TrialOrder,
  type TrialResult,
  type TrialSignal,
  type TrialStore,
} from '@ligature/core';
import { z } from 'zod';
import { runEvents } from '../../src/run/events.js';
import type { EntryFault } from './entry-faults.js';
import { NAME } from './violators.js';

export const fields = { queue: z.string().default('trials').describe('where orders wait') };
const options = z.strictObject(fields);

const encoded = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const KNOWN = ['none', 'q-learning'];

/** What one order comes to; a fault replaces a part of it. */
export interface Parts {
  readonly store: TrialStore;
  events(order: TrialOrder): readonly LigatureEvent[];
  refuse(order: TrialOrder): void;
  /** The step after which a trial goes on; 0: from the beginning. */
  begun(order: TrialOrder): Promise<number>;
  stopped(stop: AbortSignal): boolean;
  keep(order: TrialOrder, file: string, value: unknown): Promise<void>;
  result(order: TrialOrder, events: readonly LigatureEvent[], step: number): TrialResult;
}

const parts = (store: TrialStore): Parts => ({
  store,
  events: ({ seed }) => runEvents({ layers: 3, windows: 3, seed }),
  refuse({ config: { controller } }) {
    if (!KNOWN.includes(controller.name))
      throw unknownName('controller', controller.name, KNOWN, 'see plugins');
  },
  async begun({ id, resume }) {
    const saved = resume ? await store.read(id, 'checkpoint.json') : undefined;
    return saved ? (JSON.parse(new TextDecoder().decode(saved)) as number) : 0;
  },
  stopped: ({ aborted }) => aborted,
  keep: ({ id }, file, value) => store.write(id, file, encoded(value)),
  result: (order, events, step) => resultOf(order, events, step),
});

export type Change = (good: Parts) => Partial<Parts>;
export type Wrap = (run: Executor['run'], parts: Parts) => Executor['run'];

function runBy({ events, refuse, begun, stopped, keep, result }: Parts): Executor['run'] {
  return async (order, on, stop) => {
    refuse(order);
    const all = events(order);
    const from = await begun(order);
    let step = from;
    for (const event of all) {
      // A trial that goes on has said the rest before.
      if (from > 0 && ('step' in event ? event.step <= from : true)) continue;
      if (event.type === 'run.completed') break;
      on({ kind: 'event', event });
      if (event.type === 'step.completed') step = event.step;
      // Others run in between.
      await new Promise((resolve) => setImmediate(resolve));
      if (stopped(stop)) {
        const early = { ...result(order, all, step), outcome: 'stopped' as const };
        await keep(order, 'checkpoint.json', step);
        await keep(order, 'result.json', early);
        return early;
      }
    }
    const last = all.find(({ type }) => type === 'run.completed')!;
    on({ kind: 'event', event: last });
    const whole = result(order, all, step);
    await keep(order, 'result.json', whole);
    return whole;
  };
}

function resultOf({ id, label, seed, config }: TrialOrder, all: readonly LigatureEvent[], step: number) {
  const last = all.find((event) => event.type === 'run.completed')!;
  const losses = all.flatMap((event) =>
    event.type === 'step.completed' && event.step <= step ? [{ step: event.step, loss: event.loss }] : [],
  );
  const result: TrialResult = {
    ...{ controller: label, seed, task: 'scripted', unit: 'token', lossUnit: 'nats', metrics: [] },
    ...{ steps: step, tokens: last.tokens, validation: { nats: 1 }, test: { nats: 2 } },
    ...{ ledger: last.ledger, tieMap: last.tieMap, tieMaps: [], losses, diagnostics: [] },
    memory: { backendBytes: 1, residentBytes: 1 },
    ...{ tokensPerSecond: 1, trainingSeconds: 1, trainingFlops: 1, data: {}, summary: {} },
    backend: { name: 'cpu', version: '1.0.0', detail: 'plain loops' },
    ...{ outcome: 'completed', folder: id, config },
  };
  return result;
}

interface Fault {
  readonly change?: Change;
  readonly wrap?: Wrap;
  readonly made?: Partial<Executor>;
  readonly meta?: EntryFault['meta'];
}

export function executorPlugin({ change = () => ({}), wrap, made, meta = {} }: Fault = {}): Plugin {
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    executors: {
      [NAME]: defineExecutor({
        meta: { summary: 'Trials by a script', options, ...meta },
        create(_: z.output<typeof options>, { store }) {
          const good = parts(store);
          const chosen = { ...good, ...change(good) };
          const run = runBy(chosen);
          return { run: wrap ? wrap(run, chosen) : run, ...made };
        },
      }),
    },
  });
}

/** With everything that is said gone through `change` first. */
export const saying =
  (change: (signal: TrialSignal, on: (signal: TrialSignal) => void) => void): Wrap =>
  (run) =>
  (order, on, stop) =>
    run(order, (signal) => change(signal, on), stop);
