/**
 * A gradient that suddenly is many times as long as those before it, whoever decides on the map, and if nobody does. Clipping
 * bounds the step, not its direction: after such steps the loss may fall back to where it was long before. Wide use of
 * one block makes them likelier (decision 0030).
 *
 * Nothing is looked at before there are enough steps for a median: that covers warm-up, when norms fall fast.
 */
import type { DiagnosticsOptions } from './options.js';
import { median } from 'simple-statistics';
import { z } from 'zod';
import { Recent, restoring, type Detector, type Verdict } from './detector.js';

/** Three digits, whatever the size. */
const short = (value: number): string =>
  Number(value.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 });

const taken = z.strictObject({ norm: z.number(), loss: z.number() });

export function spikeDetector(options: DiagnosticsOptions['spike']): Detector {
  const code = 'gradient-spike';
  const { steps, factor } = options;
  const before = new Recent(steps, taken);
  /** Steps in a row that were calm; a spell is over after as many as are looked at. */
  let calm = 0;
  let spell = false;
  return {
    codes: [code],
    observe(event): readonly Verdict[] {
      if (event.type !== 'step.completed') return [];
      const { step, gradientNorm, loss } = event;
      const usual = before.full ? median(before.items.map(({ norm }) => norm)) : 0;
      const usualLoss = before.full ? median(before.items.map((one) => one.loss)) : loss;
      before.push({ norm: gradientNorm, loss });
      // Too early, or nothing moved.
      if (usual === 0) return [];
      const times = gradientNorm / usual;
      // Half of what begins a spell does not end it: a norm that hovers about the threshold is one spell.
      calm = times < factor / 2 ? calm + 1 : 0;
      spell = times > factor || (spell && calm < steps);
      return [
        {
          code,
          failing: spell,
          message:
            `The gradient norm of step ${step} is ${short(gradientNorm)}, ${short(times)} times the median of the ` +
            `${steps} steps before (${short(usual)}); the loss is ${loss.toFixed(2)}, theirs was ${usualLoss.toFixed(2)}`,
          evidence: { step, gradientNorm, median: usual, factor: times, loss },
        },
      ];
    },
    snapshot: () => ({ before: before.snapshot(), calm, spell }),
    restore: restoring(
      'gradient spikes',
      z.strictObject({ before: before.schema, calm: z.int().min(0), spell: z.boolean() }),
      (saved) => {
        before.restore(saved.before);
        ({ calm, spell } = saved);
      },
    ),
  };
}
