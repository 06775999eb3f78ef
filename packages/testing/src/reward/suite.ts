/** What a reward promises, beyond what everything does that lives through a run. */
import { entryRules } from '../entry/entry-rules.js';
import { broken, Finding } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { show, showError } from '../harness/show.js';
import { createSuite } from '../harness/suite.js';
import { lifeRules } from '../life/life-rules.js';
import { rewardSubject, windowOf, type CheckRewardOptions, type RewardSubject } from './stage.js';

const creates: RuleSpec<RewardSubject> = {
  id: 'creates',
  must: 'create gives a reward',
  why: 'Every run with a controller that learns makes one before its first step',
  mend: 'Return { measure, snapshot, restore }',
  check: async ({ make }) => void (await make()),
};

const measurementForm: RuleSpec<RewardSubject> = {
  id: 'measurement-form',
  must: 'measure gives { reward, raw, saturated }: two numbers, and true exactly if clipping made them differ',
  why: 'The event log and the diagnostics read them; a saturated reward that is not marked hides that it says nothing',
  mend: 'Compute raw, clip it to reward, and set saturated to reward !== raw',
  check: async ({ played }) => void (await played()),
};

const finite: RuleSpec<RewardSubject> = {
  id: 'finite',
  must: 'finite losses from 0.01 to 20 nats give finite rewards, in any order',
  why: 'A reward that is not finite stops the run; training starts above 10 nats and jumps',
  mend: 'Guard divisions, logarithms and powers where losses are equal, tiny or large',
  check: async ({ make, measure, played }) => {
    await played();
    const reward = await make();
    const levels = [11, 11, 11, 0.01, 20, 20, 0.01, 3, 3, 2.9, 0.01];
    for (const [window, level] of levels.entries()) {
      const { reward: value, raw } = await measure(reward, {
        window,
        losses: [level, level],
        heldOut: level,
      });
      if (!Number.isFinite(value) || !Number.isFinite(raw)) {
        broken(
          `losses of ${levels.slice(0, window + 1).join(', ')} nats gave ${value} (${raw} before clipping)`,
        );
      }
    }
  },
};

const higherIsBetter: RuleSpec<RewardSubject> = {
  id: 'higher-is-better',
  must: 'after the same past, a window in which every loss is lower and every metric better never earns less, whichever way the metric goes',
  why: 'Controllers seek high rewards: with the sign turned round they learn to make the model worse',
  mend: 'Turn the sign: rewards rise when losses fall; take the direction of a metric from `improvement` of @ligature/core',
  check: async ({ make, measure, played }) => {
    await played();
    for (const better of ['lower', 'higher'] as const) {
      for (let past = 0; past < 6; past += 1) {
        const earned: number[] = [];
        for (const gain of [0, 0.5, 1.5]) {
          const reward = await make();
          const before = Array.from({ length: past }, (_, window) => windowOf(past, window));
          for (const closed of before) await measure(reward, { ...closed, better });
          const { window, losses, heldOut } = windowOf(past, past);
          const lower = { window, losses: losses.map((loss) => loss - gain), heldOut: heldOut - gain };
          earned.push((await measure(reward, { ...lower, better })).reward);
        }
        if (earned.some((value, index) => index > 0 && value < earned[index - 1]!)) {
          broken(
            `with a metric of which ${better} is better, after ${past} windows, losses lower by 0, 0.5 and 1.5 nats earned ${earned.map((value) => value.toPrecision(4)).join(', ')}`,
          );
        }
      }
    }
  },
};

const divergenceShown: RuleSpec<RewardSubject> = {
  id: 'divergence-shown',
  must: 'losses that are not finite give a reward that is not finite, or an error, in the same window',
  why: 'A run stops with a clear message at a reward that is not finite; one that looks fine hides that the model is gone',
  mend: 'Let NaN pass through instead of replacing it, also where there is no baseline yet',
  check: async ({ make, measure, played }) => {
    await played();
    for (const past of [0, 1, 4]) {
      for (const bad of [Number.NaN, Infinity]) {
        const reward = await make();
        for (let window = 0; window < past; window += 1) await measure(reward, windowOf(past, window));
        const shown = await measure(reward, { window: past, losses: [bad, bad], heldOut: bad }).catch(
          (error: unknown) => {
            if (error instanceof Finding && isRefusal(error.cause)) return undefined;
            return broken(`in window ${past}, losses of ${bad} ended in ${showError(error)}`);
          },
        );
        if (shown && Number.isFinite(shown.reward) && Number.isFinite(shown.raw)) {
          broken(`in window ${past}, losses of ${bad} gave ${show(shown)}`);
        }
      }
    }
  },
};

const specs: readonly RuleSpec<RewardSubject>[] = [
  ...entryRules(),
  creates,
  ...lifeRules<RewardSubject>({ thing: 'reward', acts: 'rewards', chance: '', time: '' }),
  measurementForm,
  finite,
  higherIsBetter,
  divergenceShown,
];

export const rewardSuite = createSuite('rewards', specs, rewardSubject);
export type { CheckRewardOptions };
