/** A reward with a baseline, and what can be wrong with one. */
import {
  ContractError,
  definePlugin,
  defineReward,
  type Plugin,
  type Reward,
  type Snapshot,
} from '@ligature/core';
import type { CheckRewardOptions } from '@ligature/testing';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { entryFaults, type EntryFault } from './entry-faults.js';
import { ALONE, NAME, type Violator } from './violators.js';

const fields = { clip: z.number().positive().default(2).describe('largest reward') };
const options = z.strictObject(fields);

interface Memory {
  /** Mean of the held-out losses so far, and their number. */
  past: { mean: number; count: number };
}

const measured = (raw: number, clip: number) => {
  const reward = Math.min(clip, Math.max(-clip, raw));
  return { reward, raw, saturated: reward !== raw };
};

/** How far the held-out loss lies below the mean of those before. */
function falling(clip: number, memory: Memory): Reward {
  return {
    async measure({ heldOutLoss }) {
      const nats = await heldOutLoss();
      const { mean, count } = memory.past;
      const raw = (count === 0 ? nats : mean) - nats;
      memory.past = { mean: (mean * count + nats) / (count + 1), count: count + 1 };
      return measured(raw, clip);
    },
    snapshot: () => ({ ...memory.past }),
    restore(state) {
      const parsed = z.strictObject({ mean: z.number(), count: z.int().min(0) }).safeParse(state);
      if (!parsed.success) {
        throw new ContractError('state-invalid', {
          asked: 'Restore',
          found: 'no state of it',
          todo: 'Check the file',
        });
      }
      memory.past = parsed.data;
    },
  };
}

type Change = (inside: { good: Reward; memory: Memory }) => Partial<Reward>;

function rewardPlugin(change: Change = () => ({}), meta: EntryFault['meta'] = {}): Plugin {
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    rewards: {
      [NAME]: defineReward({
        meta: { summary: 'Fall below the mean', options, ...meta },
        create({ clip }: z.output<typeof options>) {
          const memory: Memory = { past: { mean: 0, count: 0 } };
          const good = falling(clip, memory);
          return { ...good, ...change({ good, memory }) };
        },
      }),
    },
  });
}

export const goodReward = rewardPlugin();

const violator = (
  rule: string,
  fault: string,
  found: RegExp,
  change: Change,
  more: Pick<Violator<CheckRewardOptions>, 'also' | 'only' | 'options'> = {},
): Violator<CheckRewardOptions> => ({ rule, fault, found, plugin: rewardPlugin(change), ...more });

const shared = { past: { mean: 0, count: 0 }, made: 0 };

export const rewardViolators: readonly Violator<CheckRewardOptions>[] = [
  ...entryFaults(fields).map(({ meta, ...fault }) => ({ ...fault, plugin: rewardPlugin(undefined, meta) })),
  violator('creates', 'has no snapshot', /no function snapshot/, () => ({ snapshot: undefined }) as never),
  violator('plays-through', 'throws in a window', /measure was rejected with Error: boom/, ({ good }) => ({
    measure: async (probe) => {
      if (probe.window === 4) throw new Error('boom');
      return good.measure(probe);
    },
  })),
  violator(
    'answers',
    'never answers',
    /measure gave no answer/,
    () => ({
      measure: () => new Promise(() => undefined),
    }),
    { options: { timeoutSeconds: 0.3 }, only: ALONE },
  ),
  violator(
    'deterministic',
    'depends on how many were made before it',
    /measure in window 0/,
    () => {
      const number = (shared.made += 1);
      return {
        measure: async ({ heldOutLoss }) => measured(-(await heldOutLoss()) * (1 + 1e-9 * number), 100),
        snapshot: () => null,
        restore: () => undefined,
      };
    },
    { also: ['independent', 'resumes'] },
  ),
  violator('independent', 'keeps its baseline in the module', /beside another one/, ({ memory }) => {
    shared.past = { mean: 0, count: 0 };
    Object.defineProperty(memory, 'past', {
      get: () => shared.past,
      set: (past: Memory['past']) => (shared.past = past),
    });
    return {};
  }),
  violator(
    'inputs-untouched',
    'sorts the losses in place',
    /changed the losses of the window: losses/,
    ({ good }) => ({
      measure(probe) {
        (probe.losses as number[]).sort((a, b) => b - a);
        return good.measure(probe);
      },
    }),
  ),
  violator('no-math-random', 'rolls dice', /Math.random\(\)/, ({ good }) => ({
    async measure(probe) {
      const measurement = await good.measure(probe);
      // eslint-disable-next-line no-restricted-properties -- the fault itself
      void Math.random();
      return measurement;
    },
  })),
  violator('no-clock', 'looks at the clock', /process.hrtime\(\)/, ({ good }) => ({
    measure(probe) {
      void process.hrtime();
      return good.measure(probe);
    },
  })),
  violator('snapshot-plain', 'saves a function', /snapshot at next is a function/, ({ good }) => ({
    snapshot: () => ({ ...(good.snapshot() as object), next: () => 0 }) as unknown as Snapshot,
  })),
  violator('snapshot-detached', 'changes what it saved', /after it was taken/, ({ good, memory }) => ({
    async measure(probe) {
      const { past } = memory;
      const measurement = await good.measure(probe);
      memory.past = Object.assign(past, memory.past);
      return measurement;
    },
    snapshot: () => memory.past,
  })),
  violator(
    'resumes',
    'does not save its baseline',
    /with it/,
    () => ({ snapshot: () => null, restore: () => undefined }),
    {
      also: ['rolls-back'],
    },
  ),
  violator('rolls-back', 'takes the larger count', /after going back/, ({ good, memory }) => ({
    restore(state) {
      const { count } = memory.past;
      good.restore(state);
      memory.past = { ...memory.past, count: Math.max(count, memory.past.count) };
    },
  })),
  violator('restore-refuses', 'takes any state', /without a word/, ({ memory }) => ({
    restore(state) {
      const given = state as Partial<Memory['past']> | null;
      memory.past = { mean: Number(given?.mean ?? 0), count: Number(given?.count ?? 0) };
    },
  })),
  violator('tensors-released', 'keeps a tensor each window', /24 tensors are left/, ({ good }) => ({
    measure(probe) {
      tf.scalar(probe.window);
      return good.measure(probe);
    },
  })),
  violator('timers-released', 'leaves a timer running', /timer runs on/, ({ good }) => ({
    measure(probe) {
      setTimeout(() => undefined, 60_000);
      return good.measure(probe);
    },
  })),
  violator('measurement-form', 'gives a bare number', /measure gave/, () => ({ measure: () => 1 as never }), {
    also: [],
  }),
  violator('measurement-form', 'never says that it clipped', /clipping changed it/, ({ good }) => ({
    measure: async (probe) => ({ ...(await good.measure(probe)), saturated: false }),
  })),
  violator(
    'finite',
    'divides by the change of the loss',
    /nats gave (-?Infinity|NaN)/,
    ({ good, memory }) => ({
      async measure(probe) {
        const before = memory.past.mean;
        const { raw } = await good.measure(probe);
        return measured(raw === 0 && before === 0 ? 0 : raw / (before - (await probe.heldOutLoss())), 1e9);
      },
    }),
  ),
  violator('higher-is-better', 'punishes progress', /earned/, ({ good }) => ({
    async measure(probe) {
      const { raw } = await good.measure(probe);
      return measured(-raw, 2);
    },
  })),
  violator(
    'higher-is-better',
    'takes the sign of every metric for that of a loss',
    /with a metric of which higher is better, after 0 windows/,
    () => ({
      async measure(probe) {
        const { value } = await probe.heldOutMetric();
        return measured(-value, 100);
      },
    }),
  ),
  violator(
    'divergence-shown',
    'begins with 0 whatever the loss',
    /in window 0, losses of NaN gave/,
    ({ good, memory }) => ({
      async measure(probe) {
        const first = memory.past.count === 0;
        const measurement = await good.measure(probe);
        return first ? { reward: 0, raw: 0, saturated: false } : measurement;
      },
    }),
  ),
];
