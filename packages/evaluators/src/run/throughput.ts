/** Training tokens per second, from the duration that each step reports. */
import { defineEvaluator } from '@ligature/core';
import type { Evaluator } from '@ligature/core';
import { z } from 'zod';

const options = z.strictObject({
  warmup: z
    .int()
    .min(0)
    .default(2)
    .describe(
      'First steps left out: they compile kernels and grow memory. All count when there are no others',
    ),
});

/** `tokensPerSecond` is the median over steps; `tokensPerSecondMean` is all tokens over all time. */
export function createThroughputEvaluator({ warmup }: z.output<typeof options>): Evaluator {
  const steps: { readonly tokens: number; readonly seconds: number }[] = [];
  return {
    name: 'throughput',
    attach(bus) {
      const listening = bus.on('step.completed', 'throughput').subscribe(({ tokens, durationMs }) => {
        steps.push({ tokens, seconds: durationMs / 1000 });
      });
      return () => listening.unsubscribe();
    },
    summary() {
      const warm = steps.length > warmup ? steps.slice(warmup) : steps;
      // A clock that did not move between two events gives no rate.
      const timed = warm.filter(({ seconds }) => seconds > 0);
      if (timed.length === 0) return {};
      const total = (of: 'tokens' | 'seconds'): number => timed.reduce((sum, step) => sum + step[of], 0);
      return {
        tokensPerSecond: median(timed.map(({ tokens, seconds }) => tokens / seconds)),
        tokensPerSecondMean: total('tokens') / total('seconds'),
        secondsPerStep: median(timed.map(({ seconds }) => seconds)),
      };
    },
  };
}

/** Middle value, or the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}

export const throughput = defineEvaluator({
  meta: { summary: 'Training tokens per second, median and mean over steps after a warm-up', options },
  create: (chosen) => createThroughputEvaluator(chosen),
});
