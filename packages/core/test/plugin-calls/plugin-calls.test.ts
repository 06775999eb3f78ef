/** Every call into a plug-in has a name, a time limit and an end, whatever the plug-in does. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import {
  createEventBus,
  createRunContainer,
  everyPlatform,
  InputError,
  PluginError,
  PluginHost,
  TOKENS,
  type EventBus,
  type Plugin,
  type PluginKind,
} from '../../src/index.js';
import { pluginGuard } from '../../src/node/index.js';
import { badPlugin, KINDS, METHODS, NAMED_BY_CALLER, THROWN } from './throwing.js';

const SINGULAR: Partial<Record<PluginKind, string>> = { studies: 'study', weights: 'weights source' };
const singular = (kind: PluginKind): string => SINGULAR[kind] ?? kind.slice(0, -1);

async function make(
  host: PluginHost,
  kind: PluginKind,
): Promise<Record<string, (...args: unknown[]) => unknown>> {
  return (await host.create(kind, 'bad', {}, {} as never)) as never;
}

/** What a call throws, at once or later; in a box, as looking at it may throw in its turn. */
async function boxed(call: () => unknown): Promise<{ readonly thrown: unknown }> {
  try {
    await call();
  } catch (thrown) {
    return { thrown };
  }
  throw new Error('it did not throw');
}

const thrownBy = async (call: () => unknown): Promise<unknown> => (await boxed(call)).thrown;

const rejecting = (thrown: unknown) => () => Promise.reject(thrown as Error);
const throwing = (thrown: unknown) => () => {
  throw thrown;
};

describe.each([
  ['in every place', everyPlatform],
  ['in Node', pluginGuard],
])('a plug-in that fails, %s', (_where, platform) => {
  describe.each(KINDS)('%s', (kind) => {
    it.each(['create', ...METHODS[kind]])('are named with the call: %s', async (method) => {
      for (const [what, thrown, said] of THROWN) {
        for (const later of [false, true]) {
          const fail = later ? rejecting(thrown) : throwing(thrown);
          const host = new PluginHost({ platform }).register(badPlugin(kind, fail, method !== 'create'));
          const call = async (): Promise<unknown> => {
            const made = await make(host, kind);
            return made[method]?.();
          };
          const { thrown: error } = await boxed(call);
          const isRaw = Object.is(error, thrown);
          if (NAMED_BY_CALLER.includes(`${kind}.${method}`)) {
            expect(isRaw, what).toBe(true);
            continue;
          }
          if (isRaw) {
            // What is called for every batch answers at once: its promise is no answer, and nobody waits for it.
            expect(later, what).toBe(true);
            continue;
          }
          if (!(error instanceof PluginError)) throw error;
          expect(error.code).toBe('plugin-threw');
          expect(error.parts.asked).toBe(
            `Call ${method} of the ${singular(kind)} "bad" of the plug-in "hostile"`,
          );
          expect(error.parts.found).toContain(said);
          expect(Object.is(error.cause, thrown)).toBe(true);
        }
      }
    });
  });

  it('keeps an error that says for itself what was asked', async () => {
    const own = new InputError('mine', { asked: 'a', found: 'b', todo: 'c' });
    const host = new PluginHost({ platform }).register(badPlugin('datasets', throwing(own)));
    const made = await make(host, 'datasets');
    expect(await thrownBy(() => made['split']?.())).toBe(own);
  });

  it.each([undefined, null, 7, 'text'])('is named when it makes %s', async (nothing) => {
    const host = new PluginHost({ platform }).register(badPlugin('rewards', () => nothing, false));
    expect(await thrownBy(() => make(host, 'rewards'))).toMatchObject({ code: 'plugin-made-nothing' });
  });

  it('is named when the schema of its options fails', () => {
    const schema = z.object({}).transform(throwing(new Error('boom')));
    const plugin = badPlugin('rewards', () => undefined);
    const host = new PluginHost({ platform }).register({
      ...plugin,
      rewards: { bad: { ...plugin.rewards?.['bad'], meta: { summary: 's', options: schema } } },
    } as Plugin);
    expect(() => host.options('rewards', 'bad', {})).toThrow(
      'Call the schema of the options of the reward "bad" of the plug-in "hostile": it threw Error: boom',
    );
  });
});

describe('what a plug-in made', () => {
  class Reward {
    #count = 0;
    static readonly made: Reward[] = [];
    constructor() {
      Reward.made.push(this);
    }
    get count(): number {
      return this.#count;
    }
    measure(): this {
      this.#count += 1;
      return this;
    }
  }

  const hostOf = (kind: PluginKind, create: () => unknown): PluginHost =>
    new PluginHost().register({
      name: 'mine',
      version: '1.0.0',
      [kind]: { bad: { meta: { summary: 's', options: z.object({}) }, create } },
    } as unknown as Plugin);

  it('is used as it is: private fields, getters, its class, its properties, its methods by identity', async () => {
    const made = (await make(
      hostOf('rewards', () => new Reward()),
      'rewards',
    )) as unknown as Reward & {
      extra?: number;
    };
    made.measure();
    expect(made.count).toBe(1);
    expect(made).toBeInstanceOf(Reward);
    expect(made.measure).toBe(made.measure);
    made.extra = 3;
    expect(Reward.made.at(-1)).toMatchObject({ extra: 3 });
    expect(Object.keys(made)).toEqual(['extra']);
    expect({ ...made }).toEqual({ extra: 3 });
    expect('measure' in made && !('other' in made)).toBe(true);
  });

  it('may be frozen', async () => {
    const frozen = Object.freeze({ split: () => Promise.resolve({ text: 'a' }), name: 'd' });
    const made = await make(
      hostOf('datasets', () => frozen),
      'datasets',
    );
    expect(await made['split']?.()).toEqual({ text: 'a' });
    expect(made['name']).toBe('d');
  });

  it.each<[string, PluginKind, unknown, (made: never) => unknown]>([
    [
      'the head of a model',
      'models',
      { heads: { lm: () => ({ project: throwing(1) }) } },
      (m: { heads: { lm: () => { project: () => void } } }) => m.heads.lm().project(),
    ],
    [
      'a decoder',
      'models',
      { decoder: () => ({ step: throwing(1) }) },
      (m: { decoder: () => { step: () => void } }) => m.decoder().step(),
    ],
    [
      'the batches of a task',
      'tasks',
      { prepare: async () => ({ batches: () => ({ next: throwing(1) }) }) },
      async (m: { prepare: () => Promise<{ batches: () => { next: () => void } }> }) =>
        (await m.prepare()).batches().next(),
    ],
    [
      'a metric',
      'evaluators',
      { metrics: [{ fold: () => ({ add: throwing(1) }) }] },
      (m: { metrics: { fold: () => { add: () => void } }[] }) => m.metrics[0]?.fold().add(),
    ],
    [
      'adapted weights',
      'adapters',
      { wrap: () => ({ view: throwing(1) }) },
      (m: { wrap: () => { view: () => void } }) => m.wrap().view(),
    ],
    [
      'a getter',
      'datasets',
      {
        get name() {
          return throwing(1)();
        },
      },
      (m: { name: string }) => m.name,
    ],
    [
      'what detaches',
      'recorders',
      { attach: () => throwing(1) },
      (m: { attach: (bus: unknown) => () => void }) => m.attach(createEventBus())(),
    ],
    [
      'an attach that gives nothing',
      'recorders',
      { attach: () => undefined },
      (m: { attach: (bus: unknown) => void }) => m.attach(createEventBus()),
    ],
  ] as never)('has a name further down, too: %s', async (_what, kind, made, call) => {
    const host = hostOf(kind, () => made);
    const error = await thrownBy(async () => call((await make(host, kind)) as never));
    expect(error).toBeInstanceOf(PluginError);
    expect((error as Error).message).toMatch(/of the plug-in "mine": it (threw 1|returned undefined)/);
  });

  it.each([
    ['attach', (bus: EventBus, made: { attach: (bus: EventBus) => void }) => made.attach(bus)],
    ['its context', () => undefined],
  ])('names its handlers on the bus that it has from %s', async (from, attach) => {
    const bus = createEventBus();
    const container = createRunContainer();
    container.provide(TOKENS.bus, bus);
    const add = (mine: EventBus): (() => void) =>
      mine.handle({ type: 'notice.raised', phase: 'record', name: 'mine', handle: throwing(undefined) });
    const host = new PluginHost().register({
      name: 'mine',
      version: '1.0.0',
      recorders: {
        bad: {
          meta: { summary: 's', options: z.object({}) },
          create: (_options: unknown, context: { get: typeof container.get }) => {
            if (from !== 'attach') add(context.get(TOKENS.bus));
            return { name: 'bad', attach: add };
          },
        },
      },
    } as unknown as Plugin);
    const made = await host.create('recorders', 'bad', {}, { folder: '.', get: container.get });
    attach(bus, made);
    await expect(bus.publish({ type: 'notice.raised', message: 'm' })).rejects.toThrow(
      'Call the handler "mine" of notice.raised of the recorder "bad" of the plug-in "mine": it threw undefined',
    );
  });
});

describe('a plug-in that does not answer', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  const hanging = (kind: PluginKind, creates = true): PluginHost =>
    new PluginHost().register(badPlugin(kind, () => new Promise(() => undefined), creates));
  const quick: [PluginKind, string][] = [
    ...KINDS.filter((kind) => !['tokenizers', 'datasets', 'backends'].includes(kind)).map(
      (kind): [PluginKind, string] => [kind, 'create'],
    ),
    ['controllers', 'initial'],
    ['controllers', 'snapshot'],
    ['controllers', 'restore'],
    ['controllers', 'dispose'],
    ['evaluators', 'attach'],
    ['evaluators', 'summary'],
    ['rewards', 'measure'],
    ['recorders', 'close'],
    ['executors', 'dispose'],
  ];

  it.each(quick)('is given up after its time: %s %s', async (kind, method) => {
    const limits = { seconds: 2 };
    const host = hanging(kind, method !== 'create');
    const call = async (): Promise<unknown> => {
      const made = await host.create(kind, 'bad', {}, {} as never, limits);
      return (made as unknown as Record<string, () => unknown>)[method]?.();
    };
    const failure = thrownBy(call);
    await vi.advanceTimersByTimeAsync(1999);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    const error = await failure;
    expect(error).toMatchObject({ code: 'plugin-late' });
    expect((error as Error).message).toContain(`Call ${method} of the ${singular(kind)} "bad"`);
  });

  it('is waited for as long as what it asks of others takes', async () => {
    const plugin = {
      name: 'mine',
      version: '1.0.0',
      rewards: {
        bad: {
          meta: { summary: 's', options: z.object({}) },
          create: () => ({
            measure: async (probe: { heldOutLoss: () => Promise<number> }) => probe.heldOutLoss(),
          }),
        },
      },
    };
    const host = new PluginHost().register(plugin as never);
    const reward = await host.create('rewards', 'bad', {}, {} as never, { seconds: 1 });
    const slow = vi.fn(() => new Promise<number>((resolve) => setTimeout(() => resolve(3), 60_000)));
    const answer = reward.measure({ window: 0, losses: [], heldOutLoss: slow } as never);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await answer).toBe(3);
  });
});

describe('a plug-in that does not return, in Node', () => {
  it.each(['create', 'initial', 'snapshot', 'decide', 'dispose'])('is ended: %s', async (method) => {
    const loop = (): never => {
      for (;;);
    };
    const act = (called: string): unknown => (called === method ? loop() : undefined);
    const host = new PluginHost({ platform: pluginGuard });
    host.register(badPlugin('controllers', act, method !== 'create'));
    const error = await thrownBy(async () => {
      const made = await host.create('controllers', 'bad', {}, {} as never, { seconds: 0.2 });
      return (made as unknown as Record<string, () => unknown>)[method]?.();
    });
    expect(error).toMatchObject({ code: 'plugin-late' });
    expect((error as Error).message).toContain(`Call ${method} of the controller "bad"`);
    // What was ended is not taken for being at work.
    expect(pluginGuard.executing()).toBeUndefined();
  });
});
