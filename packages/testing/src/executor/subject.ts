/** An executor with a store, orders for it, and what became of them. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginHost, runConfigSchema } from '@ligature/core';
import type {
  Executor,
  LigatureEvent,
  OrderedPlugin,
  Plugin,
  RunConfigInput,
  TrialOrder,
  TrialResult,
  TrialSignal,
  TrialStore,
} from '@ligature/core';
import { emptyFolder } from '../dataset/subject.js';
import { assertFunctions } from '../entry/entry-rules.js';
import { PLAYS_THROUGH } from '../harness/calls.js';
import { broken, Finding } from '../harness/finding.js';
import { Lent } from '../harness/lent.js';
import { once } from '../harness/once.js';
import { show } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import { storeElsewhere, storeHere } from './stores.js';

export interface CheckExecutorOptions extends CheckOptions {
  /** How long one trial may take, its process or machine included; 60 seconds if left out. */
  readonly timeoutSeconds?: number;
  /** A small run, trained a dozen times; long enough that it is not over before a stop arrives at its first step. */
  readonly config?: RunConfigInput;
  /** Plug-ins that a trial in this process finds in its host. */
  readonly plugins?: readonly Plugin[];
  /** The same as orders name them, for executors that load them elsewhere. */
  readonly ordered?: readonly OrderedPlugin[];
  /** Relative paths of `config` are resolved against it; an empty folder if left out. */
  readonly cwd?: string;
  /** As executors get it: the module that answers orders in a process of its own. */
  readonly program?: URL;
}

/** One trial, however it ended. */
export interface Ran {
  readonly order: Lent<TrialOrder>;
  readonly signals: readonly TrialSignal[];
  /** Of one that was answered. */
  readonly result?: TrialResult;
  /** Of one that was refused, or failed. */
  readonly error?: unknown;
  /** What was heard after it was settled. */
  readonly late: readonly TrialSignal[];
  /** The words of whatever it was rejected with. */
  readonly found: string;
}

export interface Inside {
  readonly store: TrialStore;
  readonly executor: Executor;
  /** Has one trial carried out. @throws Finding (of `answers`) */
  run(order: TrialOrder, stop?: AbortController, hear?: (signal: TrialSignal) => void): Promise<Ran>;
}

export interface ExecutorSubject extends Subject<'executors'> {
  order(id: string, seed?: number, change?: Partial<TrialOrder>): TrialOrder;
  /** Gives a fresh executor, and lets go of it. @param store a fresh one elsewhere if left out */
  within<T>(use: (inside: Inside) => Promise<T>, store?: (folder: string) => TrialStore): Promise<T>;
  /** A trial of each seed, carried out by itself in a store of its own. @throws Finding (of `plays-through`) */
  alone(seed: 1 | 2): Promise<Whole & { readonly store: TrialStore }>;
}

/** A trial that came to its end. */
export type Whole = Ran & { readonly result: TrialResult };

export const SEEDS = [1, 2] as const;
export { storeElsewhere, storeHere };

/** Long enough for what was sent before the end and is still on its way. */
const LATE_MS = 50;

export function executorSubject(
  plugin: Plugin,
  name: string,
  options: CheckExecutorOptions = {},
): ExecutorSubject {
  const subject = subjectOf('executors', plugin, name, { timeoutSeconds: 60, ...options });
  const { plugins = [], ordered = [], program } = options;
  const { calls } = subject;
  const order: ExecutorSubject['order'] = (id, seed = 1, change = {}) => ({
    ...{ id, label: 'contract', seed, resume: false, backend: null, plugins: ordered },
    config: runConfigSchema.parse({ ...options.config, seed }),
    ...change,
  });
  const within: ExecutorSubject['within'] = async (use, storeIn = storeElsewhere) => {
    const folder = await emptyFolder();
    try {
      const host = new PluginHost();
      calls.now('the host', () => [plugin, ...plugins].forEach((one) => host.register(one)), 'registers');
      const store = storeIn(join(folder, 'study'));
      const made: Executor = await subject.create({
        ...{ store, host, cwd: options.cwd ?? folder, cacheFolder: join(folder, 'cache') },
        now: () => performance.now(),
        ...(program && { program }),
      });
      assertFunctions(made, 'executor', ['run']);
      try {
        return await use({ store, executor: made, run: (...given) => carryOut(made, ...given) });
      } finally {
        await calls.wait('dispose', async () => made.dispose?.());
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  async function carryOut(
    executor: Executor,
    given: TrialOrder,
    stop = new AbortController(),
    hear: (signal: TrialSignal) => void = () => undefined,
  ): Promise<Ran> {
    // As it is on the other side of a network.
    const lent = new Lent('the order', JSON.parse(JSON.stringify(given)) as TrialOrder);
    const [signals, late]: [TrialSignal[], TrialSignal[]] = [[], []];
    let over = false;
    const on = (signal: TrialSignal): void => {
      (over ? late : signals).push(signal);
      hear(signal);
    };
    const ran = { order: lent, signals, late };
    try {
      const result = await calls.wait('run', () => executor.run(lent.copy, on, stop.signal));
      return { ...ran, result, found: resultInWords(result) };
    } catch (error) {
      if (error instanceof Finding && error.cause !== undefined)
        return { ...ran, error: error.cause, found: error.found };
      // Nobody waits for it any longer.
      stop.abort();
      throw error;
    } finally {
      over = true;
      await new Promise((resolve) => setTimeout(resolve, LATE_MS));
    }
  }

  const runs = SEEDS.map((seed) =>
    once(() =>
      within(async ({ store, run }) => {
        const ran = await run(order(`alone-seed-${seed}`, seed));
        return { ...whole(ran), store };
      }),
    ),
  );
  return { ...subject, order, within, alone: (seed) => runs[seed - 1]!() };
}

function resultInWords(result: unknown): string {
  if (typeof result !== 'object' || result === null) return `it gave ${show(result)}`;
  return `it gave a result with the outcome ${show((result as Partial<TrialResult>).outcome)}`;
}

/** @throws Finding (of `plays-through`) unless it came to its end */
export function whole(ran: Ran): Whole {
  const { result, found } = ran;
  if (result?.outcome !== 'completed') throw new Finding(found, PLAYS_THROUGH);
  return { ...ran, result };
}

export const eventsOf = ({ signals }: Pick<Ran, 'signals'>): readonly LigatureEvent[] =>
  signals.flatMap((signal) => (signal.kind === 'event' ? [signal.event] : []));

/** What the same order comes to wherever it is carried out: how long that took is left out. */
export const substance = ({ result }: Whole) => {
  const { seed, steps, tokens, losses, tieMap, tieMaps, validation, test } = result;
  return { seed, steps, tokens, losses, tieMap, tieMaps, validation, test };
};

/** Losses of the steps that were heard. */
export const heardLosses = (ran: Pick<Ran, 'signals'>) =>
  eventsOf(ran).flatMap((event) =>
    event.type === 'step.completed' ? [{ step: event.step, loss: event.loss }] : [],
  );

const decoder = new TextDecoder();

/** The text of a file of a trial. */
export async function textIn(store: TrialStore, trial: string, file: string): Promise<string | undefined> {
  const content = await store.read(trial, file);
  return content && decoder.decode(content);
}

/** The result that the store has of a trial. @throws Finding of the rule that is being checked */
export async function storedResult(store: TrialStore, trial: string): Promise<unknown> {
  const text = await textIn(store, trial, 'result.json');
  if (text === undefined) {
    const files = await store.files(trial);
    return broken(`the store has no result.json of "${trial}", but ${show(files)}`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return broken(`result.json of "${trial}" is ${show(text)}`);
  }
}
