/**
 * Rapidly oscillating perplexity: the log perplexity of windows (their mean training loss) keeps reversing its
 * direction by more than noise. Only looked at once a controller has decided: with a fixed map it would be the
 * optimizer's business.
 */
import type { DiagnosticsOptions } from './options.js';
import { z } from 'zod';
import { mean, percent, Recent, restoring, type Detector, type Verdict } from './detector.js';

export function oscillationDetector(options: DiagnosticsOptions['oscillation']): Detector {
  const code = 'perplexity-oscillates';
  const nats = new Recent<number>(options.windows, z.number());
  let decided = false;
  return {
    codes: [code],
    observe(event): readonly Verdict[] {
      if (event.type === 'tying.decided' && event.kind !== 'keep') decided = true;
      if (event.type !== 'window.closed' || event.losses.length === 0) return [];
      nats.push(mean(event.losses));
      if (!decided || !nats.full) return [];
      const changes = nats.items.slice(1).map((value, i) => value - (nats.items[i] as number));
      const reversals = mean(
        changes.slice(1).map((change, i) => (change * (changes[i] as number) < 0 ? 1 : 0)),
      );
      const amplitude = mean(changes.map(Math.abs));
      return [
        {
          code,
          failing: reversals >= options.reversals && amplitude >= options.amplitude,
          message:
            `The perplexity oscillates: over ${options.windows} windows ${percent(reversals)} of the changes ` +
            `reverse the one before, by ${amplitude.toFixed(2)} nats on average`,
          evidence: { windows: options.windows, reversals, amplitude },
        },
      ];
    },
    snapshot: () => ({ nats: nats.snapshot(), decided }),
    restore: restoring(
      'oscillation',
      z.strictObject({ nats: nats.schema, decided: z.boolean() }),
      (saved) => {
        nats.restore(saved.nats);
        ({ decided } = saved);
      },
    ),
  };
}
