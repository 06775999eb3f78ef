/** Everything that can be thrown, and a plug-in whose every method throws it. */
import { z } from 'zod';
import type { Plugin, PluginKind } from '../../src/index.js';

const hostile = {
  get message(): string {
    throw new Error('get');
  },
  toString(): string {
    throw new Error('toString');
  },
  toJSON(): string {
    throw new Error('toJSON');
  },
};

const hostileError = Object.defineProperty(new Error('x'), 'message', {
  get() {
    throw new Error('get');
  },
});

const opaque = new Proxy(
  {},
  {
    get() {
      throw new Error('get');
    },
    getPrototypeOf() {
      throw new Error('getPrototypeOf');
    },
  },
);

/** What is thrown, and what an error says of it. */
export const THROWN: readonly (readonly [name: string, thrown: unknown, said: string])[] = [
  ['an error', new TypeError('boom.'), 'it threw TypeError: boom'],
  ['an error without a message', new Error(), 'it threw Error'],
  [
    'an error whose message is no text',
    Object.assign(new Error(), { message: {} }),
    'an error whose message is no text',
  ],
  ['nothing', undefined, 'it threw undefined'],
  ['null', null, 'it threw null'],
  ['a text', 'oops', 'it threw "oops"'],
  ['a symbol', Symbol('s'), 'it threw Symbol(s)'],
  ['a big integer', 3n, 'that cannot be shown'],
  ['a function', () => 1, 'it threw a function'],
  ['a frozen object', Object.freeze({ a: 1 }), 'it threw {"a":1}'],
  ['an object that throws when it is looked at', hostile, 'that cannot be shown'],
  ['an error that throws when it is read', hostileError, 'that cannot be shown'],
  ['an object that hides what it is', opaque, 'that cannot be shown'],
];

/** Every method of what each kind makes; those of what these give stand behind a colon. */
export const METHODS: Readonly<Record<PluginKind, readonly string[]>> = {
  controllers: ['initial', 'turn', 'wants', 'decide', 'learn', 'snapshot', 'restore', 'dispose'],
  evaluators: ['attach', 'summary', 'snapshot', 'restore'],
  rewards: ['measure', 'snapshot', 'restore'],
  tokenizers: ['encode', 'decode', 'byteLength', 'toJSON'],
  datasets: ['split'],
  models: ['encode', 'hidden', 'decoder', 'cost', 'blockParameterName'],
  tasks: ['prepare', 'open', 'loss', 'score'],
  adapters: ['wrap'],
  optimizers: ['slots', 'scalars', 'common', 'shared', 'update'],
  weights: ['open'],
  backends: ['prepare'],
  recorders: ['attach', 'close', 'snapshot', 'restore'],
  studies: ['plan', 'introduction', 'work', 'summarize', 'present'],
  executors: ['run', 'dispose'],
};

/** Those that whoever calls gives their names: the process that asks a controller, the trial of a backend. */
export const NAMED_BY_CALLER = [
  'controllers.turn',
  'controllers.wants',
  'controllers.decide',
  'controllers.learn',
  'backends.create',
  'backends.prepare',
];

export const KINDS = Object.keys(METHODS) as PluginKind[];

/** A plug-in with one entry `bad` of a kind. @param act what `create`, or each method of what it makes, does */
export function badPlugin(kind: PluginKind, act: (method: string) => unknown, creates = true): Plugin {
  const made = Object.fromEntries(METHODS[kind].map((method) => [method, () => act(method)]));
  const command = {
    description: 'Asks nothing',
    configured: false,
    flags: [],
    common: {},
    misplaced: { verb: 'Ask', found: 'nothing', todo: 'Ask nothing' },
  };
  return {
    name: 'hostile',
    version: '1.0.0',
    [kind]: {
      bad: {
        meta: { summary: 'Fails', options: z.object({}) },
        ...(kind === 'studies' && { command }),
        create: () => (creates ? made : act('create')),
      },
    },
  } as unknown as Plugin;
}
