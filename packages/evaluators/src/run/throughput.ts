/** Training tokens per second, from the duration that each step reports. */
import { defineEvaluator } from '@ligature/core';
import type { Evaluator } from '@ligature/core';
import { z } from 'zod';
import { readState } from '../read-state.js';

const options = z.strictObject({
  warmup: z
    .int()
    .min(0)
    .default(2)
    .describe(
      'First steps of the process left out: they compile kernels and grow memory. All count when there are no others',
    ),
});

const stateSchema = z
  .strictObject({
    tokens: z.instanceof(Float64Array),
    seconds: z.instanceof(Float64Array),
    /** 1 for a step after the warm-up. */
    warm: z.instanceof(Int32Array),
  })
  .refine(({ tokens, seconds, warm }) => tokens.length === seconds.length && tokens.length === warm.length);

interface Step {
  readonly tokens: number;
  readonly seconds: number;
  readonly warm: boolean;
}

/** `tokensPerSecond` is the median over steps; `tokensPerSecondMean` is all tokens over all time. */
export function createThroughputEvaluator({ warmup }: z.output<typeof options>): Evaluator {
  let steps: Step[] = [];
  /** Steps of this process; a resumed run warms up again. */
  let own = 0;
  return {
    name: 'throughput',
    attach(bus) {
      const listening = bus.on('step.completed', 'throughput').subscribe(({ tokens, durationMs }) => {
        own += 1;
        steps.push({ tokens, seconds: durationMs / 1000, warm: own > warmup });
      });
      return () => listening.unsubscribe();
    },
    summary() {
      const afterWarmup = steps.filter((step) => step.warm);
      const warm = afterWarmup.length > 0 ? afterWarmup : steps;
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
    snapshot: () => ({
      tokens: Float64Array.from(steps, (step) => step.tokens),
      seconds: Float64Array.from(steps, (step) => step.seconds),
      warm: Int32Array.from(steps, (step) => Number(step.warm)),
    }),
    restore(state) {
      const saved = readState('the evaluator throughput', stateSchema, state);
      steps = Array.from(saved.tokens, (tokens, at) => ({
        tokens,
        seconds: saved.seconds[at] as number,
        warm: saved.warm[at] === 1,
      }));
      own = 0;
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
