/**
 * A rapidly oscillating loss (of language models: perplexity): the mean training loss of windows keeps reversing its
 * direction by more than noise. Only looked at once a controller has decided: with a fixed map it would be the
 * optimizer's business.
 */
import type { DiagnosticsOptions } from './options.js';
import { z } from 'zod';
import { mean, percent, Recent, restoring, type Detector, type Verdict } from './detector.js';

export function oscillationDetector(options: DiagnosticsOptions['oscillation']): Detector {
  const code = 'loss-oscillates';
  const losses = new Recent<number>(options.windows, z.number());
  let decided = false;
  return {
    codes: [code],
    observe(event): readonly Verdict[] {
      if (event.type === 'tying.decided' && event.kind !== 'keep') decided = true;
      if (event.type !== 'window.closed' || event.losses.length === 0) return [];
      losses.push(mean(event.losses));
      if (!decided || !losses.full) return [];
      const changes = losses.items.slice(1).map((value, i) => value - (losses.items[i] as number));
      const reversals = mean(
        changes.slice(1).map((change, i) => (change * (changes[i] as number) < 0 ? 1 : 0)),
      );
      const amplitude = mean(changes.map(Math.abs));
      return [
        {
          code,
          failing: reversals >= options.reversals && amplitude >= options.amplitude,
          message:
            `The loss oscillates: over ${options.windows} windows ${percent(reversals)} of the changes reverse the one ` +
            `before, by ${amplitude.toFixed(2)} on average`,
          evidence: { windows: options.windows, reversals, amplitude },
        },
      ];
    },
    // The field keeps its first name: checkpoints hold it.
    snapshot: () => ({ nats: losses.snapshot(), decided }),
    restore: restoring(
      'oscillation',
      z.strictObject({ nats: losses.schema, decided: z.boolean() }),
      (saved) => {
        losses.restore(saved.nats);
        ({ decided } = saved);
      },
    ),
  };
}
