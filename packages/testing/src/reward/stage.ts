/** Windows that close, for a reward to measure. */
import { createRandomStream, InputError } from '@ligature/core';
import type { MetricSpec, Plugin, ProbeValue, Reward, RewardMeasurement, RewardProbe } from '@ligature/core';
import { assertFunctions } from '../entry/entry-rules.js';
import type { Calls } from '../harness/calls.js';
import { Finding } from '../harness/finding.js';
import { Lent } from '../harness/lent.js';
import { show } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import type { LifeSubject } from '../life/life-rules.js';
import { playEverything, snapshotOf, type Came, type Life, type Mark, type Stage } from '../life/life.js';

export type CheckRewardOptions = CheckOptions;

export interface RewardSubject extends Subject<'rewards'>, LifeSubject {
  make(calls?: Calls): Promise<Reward>;
  /** @throws Finding (of `measurement-form`) */
  measure(reward: Reward, window: ClosedWindow, calls?: Calls): Promise<RewardMeasurement>;
}

/** What a reward can learn of a window, in nats. */
export interface ClosedWindow {
  readonly window: number;
  readonly losses: readonly number[];
  readonly heldOut: number;
  /** Which way the task's first metric goes; left out: `lower`. */
  readonly better?: MetricSpec['better'];
}

/** Metrics of a task, each a function of the held-out loss. */
const METRICS: readonly (MetricSpec & { readonly of: (nats: number) => number })[] = [
  { name: 'nats', unit: 'nats', better: 'lower', of: (nats) => nats },
  {
    name: 'accuracy',
    unit: '',
    better: 'higher',
    of: (nats) => (Number.isFinite(nats) ? Math.exp(-nats) : Number.NaN),
  },
];

const WINDOWS = 24;

export function rewardSubject(plugin: Plugin, name: string, options: CheckRewardOptions = {}): RewardSubject {
  const subject = subjectOf('rewards', plugin, name, options);
  const make: RewardSubject['make'] = async (calls = subject.calls) => {
    const reward = await subject.create(subject.inRun(), calls);
    assertFunctions(reward, 'reward', ['measure', 'snapshot', 'restore']);
    return reward;
  };
  const measure: RewardSubject['measure'] = async (reward, closed, calls = subject.calls) => {
    const { window, losses, heldOut } = closed;
    const lent = new Lent('the losses of the window', { window, losses });
    const probe: RewardProbe = {
      ...lent.copy,
      heldOutLoss: () => Promise.resolve(heldOut),
      heldOutMetric: (metric) => Promise.resolve().then(() => valueOf(closed, metric)),
    };
    const given: unknown = await calls.wait('measure', () => reward.measure(probe));
    lent.assertUntouched();
    return wellFormed(given);
  };
  const stage = (): Promise<Stage> =>
    Promise.resolve({
      scripts: ['windows'],
      begin: async ({ seed, calls }, mark) => {
        const reward = await make(calls);
        const life = new RewardLife(reward, calls, (window) =>
          measure(reward, windowOf(seed, window), calls),
        );
        if (mark) life.rollBack(mark);
        return life;
      },
    });
  return { ...subject, make, measure, stage, played: playEverything(stage, subject.calls) };
}

/** @throws InputError (`metric-unknown`) */
function valueOf({ heldOut, better = 'lower' }: ClosedWindow, asked?: string): ProbeValue {
  const found = METRICS.find((one) => (asked === undefined ? one.better === better : one.name === asked));
  if (found) {
    const { of, ...metric } = found;
    return { metric, value: of(heldOut) };
  }
  throw new InputError('metric-unknown', {
    asked: `Reward the metric "${asked}"`,
    found: `the task has ${METRICS.map(({ name }) => name).join(', ')}`,
    todo: 'Name one of these',
  });
}

class RewardLife implements Life {
  at = 0;
  readonly length = WINDOWS;

  constructor(
    private readonly reward: Reward,
    private readonly calls: Calls,
    private readonly measure: (window: number) => Promise<RewardMeasurement>,
  ) {}

  async step(): Promise<Came> {
    const window = this.at;
    const what = await this.measure(window);
    this.at += 1;
    return { at: `measure in window ${window}`, what };
  }

  mark(): Mark {
    return { state: snapshotOf(this.reward, this.calls), place: this.at };
  }

  rollBack({ state, place }: Mark): void {
    if (state !== undefined) this.calls.now('restore', () => this.reward.restore(state));
    this.at = place as number;
  }

  end(): Promise<Came> {
    return Promise.resolve({ at: 'its end', what: null });
  }
}

/** Losses that fall from 8 nats with some noise, and now and then rise. */
export function windowOf(seed: number, window: number): ClosedWindow {
  const noise = createRandomStream(seed, `window ${window}`);
  const level = 2 + 6 * Math.exp(-window / 6);
  return {
    window,
    losses: [0, 1, 2].map(() => level + 0.1 * noise.normal()),
    heldOut: level + 0.3 + 0.2 * noise.normal(),
  };
}

/** @throws Finding (of `measurement-form`) */
function wellFormed(given: unknown): RewardMeasurement {
  const { reward, raw, saturated } = (given ?? {}) as Record<string, unknown>;
  if (typeof reward !== 'number' || typeof raw !== 'number' || typeof saturated !== 'boolean') {
    throw new Finding(`measure gave ${show(given)}`, 'measurement-form');
  }
  // Of values that are not finite nobody can say what clipping did; they stop the run anyway.
  const changed = reward !== raw;
  if (Number.isFinite(reward) && changed !== saturated) {
    const found = `measure gave ${show({ reward, raw, saturated })}, but clipping ${changed ? 'changed it' : 'changed nothing'}`;
    throw new Finding(found, 'measurement-form');
  }
  return { reward, raw, saturated };
}
