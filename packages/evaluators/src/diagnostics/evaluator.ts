/**
 * Watches a run for the known failure signatures of learned tying and publishes `diagnostic.raised`: once when a
 * signature appears, and again only after it had gone. Without decisions (a fixed map) only a gradient spike is.
 */
import { defineEvaluator } from '@ligature/core';
import type { Evaluator, LigatureEvent, Publish, Snapshot } from '@ligature/core';
import { z } from 'zod';
import { readState } from '../read-state.js';
import type { Detector, Verdict } from './detector.js';
import { habitDetector } from './habit.js';
import { diagnosticsOptionsSchema, type DiagnosticsOptions } from './options.js';
import { oscillationDetector } from './oscillation.js';
import { reductionDetector } from './reduction.js';
import { saturationDetector } from './saturation.js';
import { spikeDetector } from './spike.js';

const WATCHED = [
  'tying.decided',
  'tying.applied',
  'step.completed',
  'window.closed',
  'reward.measured',
] as const;
/** What checkpoints called a code before it was renamed. */
const RENAMED: Readonly<Record<string, string>> = { 'perplexity-oscillates': 'loss-oscillates' };

type Watched = Extract<LigatureEvent, { readonly type: (typeof WATCHED)[number] }>;

export function createDiagnostics(options: DiagnosticsOptions, layers: number): Evaluator {
  const detectors: Readonly<Record<string, Detector>> = {
    oscillation: oscillationDetector(options.oscillation),
    habit: habitDetector(options.habit, layers),
    reduction: reductionDetector(options.reduction, layers),
    saturation: saturationDetector(options.saturation),
    spike: spikeDetector(options.spike),
  };
  const codes = Object.values(detectors).flatMap((detector) => detector.codes);
  const counts = new Map(codes.map((code) => [code, 0]));
  const failing = new Set<string>();

  function judge(verdict: Verdict, window: number, publish: Publish): void {
    const { code, message, evidence } = verdict;
    if (!verdict.failing) {
      failing.delete(code);
    } else if (!failing.has(code)) {
      failing.add(code);
      counts.set(code, (counts.get(code) ?? 0) + 1);
      publish({ type: 'diagnostic.raised', code, window, message, evidence });
    }
  }

  return {
    name: 'diagnostics',
    attach: (bus) =>
      bus.handle({
        type: WATCHED,
        phase: 'observe',
        name: 'diagnostics',
        handle: (event: Watched, publish) => {
          for (const detector of Object.values(detectors)) {
            for (const verdict of detector.observe(event)) judge(verdict, event.window, publish);
          }
        },
      }),
    /** How often each one was raised. */
    summary: () => Object.fromEntries(counts),
    snapshot: () => ({
      counts: Object.fromEntries(counts),
      failing: [...failing],
      detectors: Object.fromEntries(
        Object.entries(detectors).map(([name, detector]) => [name, detector.snapshot()]),
      ),
    }),
    restore(state) {
      const saved = readState('the diagnostics', stateSchema(codes, Object.keys(detectors)), state);
      for (const [name, detector] of Object.entries(detectors)) {
        const state = saved.detectors[name];
        if (state !== undefined) detector.restore(state);
      }
      for (const code of codes) counts.set(code, 0);
      for (const [code, count] of Object.entries(saved.counts)) counts.set(RENAMED[code] ?? code, count ?? 0);
      failing.clear();
      for (const code of saved.failing) failing.add(RENAMED[code] ?? code);
    },
  };
}

/** A checkpoint of before there was a detector says nothing of it. */
function stateSchema(codes: readonly string[], detectors: readonly string[]) {
  const code = z.enum([...codes, ...Object.keys(RENAMED)]);
  return z.strictObject({
    counts: z.partialRecord(code, z.int().min(0)),
    failing: z.array(code),
    detectors: z.partialRecord(z.enum(detectors), z.custom<Snapshot>()),
  });
}

export const diagnostics = defineEvaluator({
  meta: {
    summary:
      'Warns of an oscillating loss, always or never tying, little reduction, saturated rewards, gradient spikes',
    options: diagnosticsOptionsSchema,
    reference: 'Hay and Wolf 2024, arXiv 2401.12819: failure signatures of learned tying',
  },
  create: (options, { layers }) => createDiagnostics(options, layers),
});
