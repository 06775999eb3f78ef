/** What there is to call in the entries of each kind and in what they make, and how each call is looked after. */
import type { PluginKind } from '../../contracts/plugin.js';
import type { CallRule } from './make-call.js';

export interface Shape {
  /** By method; one that is not named here is a hot one. */
  readonly calls?: Readonly<Record<string, CallRule & Gives>>;
  /** Objects below it that have methods of their own, by property; `*`: all of them. Lists stand for their items. */
  readonly parts?: Readonly<Record<string, Shape>>;
  /** For every method that is not named. */
  readonly others?: CallRule & Gives;
}

interface Gives {
  /** What its answer is, where that has methods. */
  readonly gives?: Shape;
  /** Its answer is a function, to be called once: to detach what was attached. */
  readonly givesCall?: string;
  /** Its first argument is a bus: handlers that are added to it are calls into the plug-in, too. */
  readonly takesBus?: boolean;
  /** Its second argument may have a `get`, which may give a bus. */
  readonly takesContext?: boolean;
  /** What it has to make. */
  readonly makes?: Shape;
}

const QUICK = { pace: 'quick' } as const;
const LONG = { pace: 'long' } as const;
export const HOT = { pace: 'hot' } as const;

/** The process that asks a controller says more of the call than its name: window, layer, decision. */
const ASKED = { pace: 'quick', namedByCaller: true } as const;

const SAVED = { snapshot: QUICK, restore: QUICK } as const;
const ATTACH = { ...QUICK, takesBus: true, givesCall: 'detach' } as const;

const METRIC: Shape = { others: { ...HOT, gives: {} } };
const HEAD: Shape = {};
const BATCHES: Shape = { calls: SAVED };
const PREPARED: Shape = { calls: { batches: { ...LONG, gives: BATCHES }, evaluation: LONG } };

/** What the `create` of a kind is, and what it makes. */
export const MADE: Readonly<Record<PluginKind, { readonly create: CallRule; readonly made: Shape }>> = {
  controllers: {
    create: QUICK,
    made: {
      calls: {
        ...{ initial: QUICK, turn: ASKED, wants: ASKED, decide: ASKED, learn: ASKED, dispose: QUICK },
        ...SAVED,
      },
    },
  },
  evaluators: {
    create: QUICK,
    made: { calls: { attach: ATTACH, summary: QUICK, ...SAVED }, parts: { metrics: METRIC } },
  },
  rewards: { create: QUICK, made: { calls: { measure: { ...QUICK, lends: true }, ...SAVED } } },
  tokenizers: { create: LONG, made: {} },
  datasets: { create: LONG, made: { calls: { split: LONG } } },
  models: {
    create: QUICK,
    made: {
      calls: { decoder: { ...HOT, gives: {} } },
      parts: { heads: { others: { ...HOT, gives: HEAD } } },
    },
  },
  tasks: {
    create: QUICK,
    made: {
      calls: { prepare: { ...LONG, gives: PREPARED }, open: LONG },
      parts: { metrics: METRIC },
    },
  },
  adapters: { create: QUICK, made: { calls: { wrap: { ...HOT, gives: {} } } } },
  optimizers: { create: QUICK, made: {} },
  weights: { create: QUICK, made: { calls: { open: LONG } } },
  // Whoever tries a backend says which one it was, and has another one to try.
  backends: {
    create: { ...LONG, namedByCaller: true },
    made: { calls: { prepare: { ...LONG, namedByCaller: true } } },
  },
  recorders: {
    create: QUICK,
    made: { calls: { attach: ATTACH, close: QUICK, ...SAVED } },
  },
  studies: { create: QUICK, made: { others: LONG } },
  executors: { create: QUICK, made: { calls: { run: LONG, dispose: QUICK } } },
};

/** What is asked of an entry before anything is made. */
export const BEFORE: Readonly<Partial<Record<PluginKind, Shape['calls']>>> = {
  studies: { defaults: QUICK, prepare: LONG, grow: LONG },
};
