/**
 * Peak memory of a run, two ways: what the backend holds in tensors after a step (weights and moments; a step's
 * own intermediates are gone by then), and the most that the process ever had resident, which includes them.
 */
import { defineEvaluator } from '@ligature/core';
import type { Evaluator, EvaluatorContext } from '@ligature/core';
import { z } from 'zod';
import { readState } from '../read-state.js';

const bytes = z.number().min(0);
const stateSchema = z.strictObject({ peak: bytes, resident: bytes.nullable() });

/** @param peakResidentBytes the most bytes that the process had resident so far; `undefined` where unknown */
export function createMemoryEvaluator(
  { backendBytes }: Pick<EvaluatorContext, 'backendBytes'>,
  peakResidentBytes: () => number | undefined = processPeak,
): Evaluator {
  let peak = 0;
  /** Of the processes that the run had before this one. */
  let earlier: number | undefined;
  const residentPeak = (): number | undefined => {
    const now = peakResidentBytes();
    return now === undefined ? earlier : Math.max(now, earlier ?? 0);
  };
  return {
    name: 'memory',
    attach(bus) {
      const listening = bus.on('step.completed', 'memory').subscribe(() => {
        peak = Math.max(peak, backendBytes());
      });
      return () => listening.unsubscribe();
    },
    summary() {
      const resident = residentPeak();
      return { peakBackendBytes: peak, ...(resident !== undefined && { peakResidentBytes: resident }) };
    },
    snapshot: () => ({ peak, resident: residentPeak() ?? null }),
    restore(state) {
      const saved = readState('the evaluator memory', stateSchema, state);
      peak = saved.peak;
      earlier = saved.resident ?? undefined;
    },
  };
}

function processPeak(): number | undefined {
  // In KiB on every platform; absent outside Node.
  const kibibytes = globalThis.process?.resourceUsage?.().maxRSS;
  return kibibytes === undefined ? undefined : kibibytes * 1024;
}

export const memory = defineEvaluator({
  meta: {
    summary: 'Peak bytes: tensors of the backend after a step, resident memory of the process',
    options: z.strictObject({}),
  },
  create: (_, context) => createMemoryEvaluator(context),
});
