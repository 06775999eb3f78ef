/** A controller that learns, and what can be wrong with one. */
import {
  ContractError,
  defineController,
  definePlugin,
  sweepPosition,
  type Controller,
  type ControllerContext,
  type Observation,
  type Plugin,
  type RandomStream,
  type Snapshot,
  type Transition,
} from '@ligature/core';
import type { CheckControllerOptions } from '@ligature/testing';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { entryFaults, type EntryFault } from './entry-faults.js';
import { ALONE, NAME, type Violator } from './violators.js';

const fields = { rate: z.number().min(0).max(1).default(0.1).describe('weight of the newest reward') };
const options = z.strictObject(fields);
const saved = z.strictObject({ score: z.instanceof(Float64Array), updates: z.int().min(0) });

/** What it remembers: an average reward of each layer, and how often it has learned. */
export interface Memory {
  score: Float64Array;
  updates: number;
}

/** Ties where ties have paid off or layers are alike, by chance where nothing is known. */
function learner(rate: number, { layers }: ControllerContext, memory: Memory): Controller {
  return {
    initial: () => Array.from({ length: layers }, (_, layer) => layer),
    turn: (window, { layers: depth }) => ({ ...sweepPosition(window, depth), component: null }),
    wants: ({ window }) => (window % 4 === 3 ? 'hidden-cka' : undefined),
    decide({ layer, measured }, random) {
      if (layer === null) return { kind: 'keep' };
      const alike = measured?.kind === 'hidden-cka' && measured.matrix[layer]![0]! > 0.5;
      const paid = alike || (memory.score[layer]! > 0 && memory.updates % 3 !== 0);
      return { kind: 'layer', layer, source: paid ? 0 : random.integer(0, layer + 1) };
    },
    learn({ decision, reward }) {
      if (!Number.isFinite(reward)) {
        throw new ContractError('reward-invalid', {
          asked: 'Learn',
          found: `${reward}`,
          todo: 'Check the reward',
        });
      }
      if (decision.kind !== 'layer') return undefined;
      const { layer } = decision;
      memory.score[layer] = (1 - rate) * memory.score[layer]! + rate * Math.max(-1, Math.min(1, reward));
      memory.updates += 1;
      return { score: memory.score[layer], updates: memory.updates };
    },
    snapshot: () => ({ score: memory.score.slice(), updates: memory.updates }),
    restore(state) {
      const parsed = saved.safeParse(state);
      if (!parsed.success || parsed.data.score.length !== layers) {
        throw new ContractError('state-invalid', {
          asked: 'Restore',
          found: 'no state of it',
          todo: 'Check the file',
        });
      }
      memory.score = parsed.data.score.slice();
      memory.updates = parsed.data.updates;
    },
    dispose: () => undefined,
  };
}

interface Inside {
  readonly good: Controller;
  readonly memory: Memory;
  readonly context: ControllerContext;
}

type Change = (inside: Inside) => Partial<Controller> | Promise<Partial<Controller>>;

/** The good controller with some of its functions replaced. */
function controllerPlugin(change: Change = () => ({}), meta: EntryFault['meta'] = {}): Plugin {
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    controllers: {
      [NAME]: defineController({
        meta: { summary: 'Ties what has paid off', options, ...meta },
        async create({ rate }: z.output<typeof options>, context) {
          const memory: Memory = { score: new Float64Array(context.layers), updates: 0 };
          const good = learner(rate, context, memory);
          return { ...good, ...(await change({ good, memory, context })) };
        },
      }),
    },
  });
}

export const goodController = controllerPlugin();

export const violator = (
  rule: string,
  fault: string,
  found: RegExp,
  change: Change,
  more: Pick<Violator<CheckControllerOptions>, 'also' | 'only' | 'options'> = {},
): Violator<CheckControllerOptions> => ({ rule, fault, found, plugin: controllerPlugin(change), ...more });

const decideThen =
  (then: (observation: Observation, inside: Inside) => void): Change =>
  (inside) => ({
    decide(observation, random) {
      const decision = inside.good.decide!(observation, random);
      then(observation, inside);
      return decision;
    },
  });

const learnThen =
  (report: (transition: Transition) => Record<string, number>): Change =>
  ({ good }) => ({
    async learn(transition) {
      const learned = await good.learn!(transition);
      return { ...learned, ...report(transition) };
    },
  });

/** State of the module, where none belongs. */
const shared: Pick<Memory, 'score'> & { instances: number } = { score: new Float64Array(0), instances: 0 };

export const controllerViolators: readonly Violator<CheckControllerOptions>[] = [
  ...entryFaults(fields).map(({ meta, ...fault }) => ({
    ...fault,
    plugin: controllerPlugin(undefined, meta),
  })),
  violator('creates', 'has no restore', /no function restore/, () => ({ restore: undefined }) as never),
  violator('creates', 'fails for deep stacks', /TypeError: too deep/, ({ context }) => {
    if (context.layers > 24) throw new TypeError('too deep');
    return {};
  }),
  {
    ...violator('creates', 'refuses every depth', /no depth of 12, 4, 2, 1, 48 layers is accepted/, () => {
      throw new ContractError('layers', { asked: 'Make it', found: 'layers', todo: 'Use 13' });
    }),
  },
  violator(
    'plays-through',
    'throws in the fifth window',
    /decide threw Error: boom/,
    decideThen(({ window }) => {
      if (window === 5) throw new Error('boom');
    }),
  ),
  violator('plays-through', 'rejects while it learns', /learn was rejected with Error: boom/, ({ good }) => ({
    learn: (transition) =>
      transition.truncated ? Promise.reject(new Error('boom')) : good.learn!(transition),
  })),
  violator('plays-through', 'assumes that there is a second layer', /TypeError/, ({ good }) => ({
    decide: (observation, random) =>
      observation.tieMap[1]!.toFixed() === '' ? { kind: 'keep' } : good.decide!(observation, random),
  })),
  violator(
    'answers',
    'never answers',
    /decide gave no answer within 0.3 s/,
    () => ({
      decide: () => new Promise(() => undefined),
    }),
    { options: { timeoutSeconds: 0.3 }, only: ALONE },
  ),
  violator(
    'deterministic',
    'depends on how many were made before it',
    /decide in window \d+ of 12 layers: source is \d at first and \d then/,
    ({ good, context }) => {
      const number = (shared.instances += 1);
      return {
        decide: (observation, random) =>
          observation.layer !== null && context.layers > 2
            ? { kind: 'layer', layer: observation.layer, source: number % 2 }
            : good.decide!(observation, random),
      };
    },
    { also: ['independent', 'resumes'] },
  ),
  violator('independent', 'keeps its memory in the module', /beside another one/, ({ memory, context }) => {
    shared.score = new Float64Array(context.layers);
    Object.defineProperty(memory, 'score', {
      get: () => shared.score,
      set: (score: Float64Array) => (shared.score = score),
    });
    return {};
  }),
  violator(
    'resumes',
    'forgets what it has counted over many sweeps',
    /decide in window \d+ of 4 layers/,
    ({ good }) => {
      let sweeps = 0;
      return {
        decide(observation, random) {
          if (observation.layer === 1) sweeps += 1;
          return sweeps > 3 ? { kind: 'keep' } : good.decide!(observation, random);
        },
      };
    },
    { also: ['rolls-back'] },
  ),
  violator(
    'inputs-untouched',
    'sorts the losses in place',
    /changed the observation: recentLosses/,
    decideThen(({ recentLosses }) => {
      (recentLosses as number[]).sort((a, b) => a - b);
    }),
  ),
  violator(
    'inputs-untouched',
    'clips the reward in the transition',
    /changed the transition: reward/,
    ({ good }) => ({
      learn(transition) {
        (transition as { reward: number }).reward = 0;
        return good.learn!(transition);
      },
    }),
  ),
  violator(
    'no-math-random',
    'rolls dice of its own',
    /Math.random\(\) at .*controllers.ts/,
    decideThen(() => {
      // eslint-disable-next-line no-restricted-properties -- the fault itself
      void Math.random();
    }),
  ),
  violator(
    'no-clock',
    'looks at the clock',
    /performance.now\(\) at .*controllers.ts/,
    decideThen(() => void performance.now()),
  ),
  violator('no-clock', 'asks for the date after an await', /new Date\(\)/, ({ good }) => ({
    async learn(transition) {
      await Promise.resolve();
      void (Reflect.construct(Date, []) as Date);
      return good.learn!(transition);
    },
  })),
  violator('snapshot-plain', 'saves a Map', /snapshot at score is a Map/, ({ memory }) => ({
    snapshot: () =>
      ({ score: new Map(memory.score.entries()), updates: memory.updates }) as unknown as Snapshot,
  })),
  violator('snapshot-plain', 'saves nothing at all', /snapshot gave undefined/, () => ({
    snapshot: () => undefined as never,
  })),
  violator(
    'creates',
    'is never done with being made',
    /create gave no answer within 0.3 s/,
    () => new Promise(() => undefined),
    {
      options: { timeoutSeconds: 0.3 },
      only: ALONE,
    },
  ),
  violator('snapshot-plain', 'saves undefined', /snapshot at rest is undefined/, ({ good }) => ({
    snapshot: () => ({ ...(good.snapshot() as object), rest: undefined }) as unknown as Snapshot,
  })),
  violator(
    'snapshot-detached',
    'gives its living array away',
    /after it was taken, .*score/,
    ({ memory }) => ({
      snapshot: () => ({ score: memory.score, updates: memory.updates }),
    }),
  ),
  violator(
    'snapshot-detached',
    'goes on with the array that it was given',
    /after it was restored, .*score/,
    ({ good, memory }) => ({
      restore(state) {
        good.restore(state);
        memory.score = (state as unknown as Memory).score;
      },
    }),
  ),
  violator(
    'resumes',
    'forgets how often it has learned',
    /window \d+ .* with it/,
    ({ good, memory }) => ({
      snapshot: () => ({ score: memory.score.slice(), updates: 0 }),
      restore: (state) => good.restore(state),
    }),
    { also: ['rolls-back'] },
  ),
  violator('rolls-back', 'never counts down', /after going back/, ({ good, memory }) => ({
    restore(state) {
      const before = memory.updates;
      good.restore(state);
      memory.updates = Math.max(before, memory.updates);
    },
  })),
  violator(
    'restore-refuses',
    'takes any state',
    /took \{"no such":"state"\} without a word/,
    ({ memory, context }) => ({
      restore(state) {
        const given = state as Partial<Memory> | null;
        memory.score = given?.score?.slice() ?? new Float64Array(context.layers);
        memory.updates = given?.updates ?? 0;
      },
    }),
  ),
  violator('restore-refuses', 'stumbles over a foreign state', /restore threw TypeError/, ({ memory }) => ({
    restore(state) {
      memory.score = (state as unknown as Memory).score.slice();
      memory.updates = (state as unknown as Memory).updates;
    },
  })),
  violator('tensors-released', 'keeps a tensor', /1 tensor is left/, () => {
    tf.scalar(1);
    return {};
  }),
  violator('timers-released', 'leaves a timer running', /timer runs on, started at .*controllers.ts/, () => {
    setInterval(() => undefined, 60_000);
    return {};
  }),
  violator('decision-legal', 'always decides on layer 1', /layer 2 is to be decided on/, () => ({
    decide: () => ({ kind: 'layer', layer: 1, source: 0 }),
  })),
  violator('decision-legal', 'decides where there is nothing to decide', /of 1 layers/, ({ good }) => ({
    decide: (observation, random) =>
      observation.layer === null ? { kind: 'layer', layer: 0, source: 0 } : good.decide!(observation, random),
  })),
  violator('decision-legal', 'forgets the last layer of the map', /no list of 12 layers/, ({ context }) => ({
    decide: ({ tieMap }) =>
      context.layers === 1 ? { kind: 'keep' } : { kind: 'map', tieMap: tieMap.slice(1) },
  })),
  violator('no-forward-reference', 'ties to the layer above', /a later one/, ({ context }) => ({
    decide: ({ layer }) =>
      layer === null
        ? { kind: 'keep' }
        : { kind: 'layer', layer, source: Math.min(layer + 1, context.layers) },
  })),
  violator(
    'report-finite',
    'reports NaN',
    /"loss" is NaN/,
    learnThen(() => ({ loss: Number.NaN })),
  ),
  violator(
    'random-borrowed',
    'draws while it learns',
    /drew from the stream that decide was given/,
    ({ good }) => {
      let kept: RandomStream | undefined;
      return {
        decide(observation, random) {
          kept = random;
          return good.decide!(observation, random);
        },
        learn(transition) {
          kept?.uniform();
          return good.learn!(transition);
        },
      };
    },
  ),
  violator(
    'extreme-rewards',
    'overflows',
    /"power" is Infinity/,
    learnThen(({ reward }) => ({ power: reward ** 12 })),
  ),
  violator(
    'bad-rewards',
    'averages NaN',
    /after a reward of NaN its snapshot holds 1 NaN/,
    ({ good, memory }) => ({
      learn(transition) {
        const { decision, reward } = transition;
        if (Number.isFinite(reward)) return good.learn!(transition);
        if (decision.kind === 'layer') memory.score[decision.layer]! += reward;
        return undefined;
      },
    }),
  ),
];
