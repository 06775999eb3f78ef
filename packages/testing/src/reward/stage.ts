/** Windows that close, for a reward to measure. */
import { createRandomStream } from '@ligature/core';
import type { Plugin, Reward, RewardMeasurement, RewardProbe } from '@ligature/core';
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
}

const WINDOWS = 24;

export function rewardSubject(plugin: Plugin, name: string, options: CheckRewardOptions = {}): RewardSubject {
  const subject = subjectOf('rewards', plugin, name, options);
  const make: RewardSubject['make'] = async (calls = subject.calls) => {
    const reward = await subject.create({}, calls);
    assertFunctions(reward, 'reward', ['measure', 'snapshot', 'restore']);
    return reward;
  };
  const measure: RewardSubject['measure'] = async (reward, closed, calls = subject.calls) => {
    const { window, losses, heldOut } = closed;
    const lent = new Lent('the losses of the window', { window, losses });
    const probe: RewardProbe = { ...lent.copy, heldOutLoss: () => Promise.resolve(heldOut) };
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
