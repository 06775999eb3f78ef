/**
 * Watches a run for the known failure signatures of learned tying and publishes `diagnostic.raised`: once when a
 * signature appears, and again only after it had gone. Without decisions (a fixed map) nothing is raised.
 */
import { defineEvaluator } from '@ligature/core';
import type { Evaluator, LigatureEvent, Publish } from '@ligature/core';
import type { Detector, Verdict } from './detector.js';
import { habitDetector } from './habit.js';
import { diagnosticsOptionsSchema, type DiagnosticsOptions } from './options.js';
import { oscillationDetector } from './oscillation.js';
import { reductionDetector } from './reduction.js';
import { saturationDetector } from './saturation.js';

const WATCHED = ['tying.decided', 'tying.applied', 'window.closed', 'reward.measured'] as const;
type Watched = Extract<LigatureEvent, { readonly type: (typeof WATCHED)[number] }>;

export function createDiagnostics(options: DiagnosticsOptions, layers: number): Evaluator {
  const detectors: readonly Detector[] = [
    oscillationDetector(options.oscillation),
    habitDetector(options.habit, layers),
    reductionDetector(options.reduction, layers),
    saturationDetector(options.saturation),
  ];
  const counts = new Map(detectors.flatMap(({ codes }) => codes.map((code) => [code, 0])));
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
          for (const detector of detectors) {
            for (const verdict of detector.observe(event)) judge(verdict, event.window, publish);
          }
        },
      }),
    /** How often each one was raised. */
    summary: () => Object.fromEntries(counts),
  };
}

export const diagnostics = defineEvaluator({
  meta: {
    summary: 'Warns of oscillating perplexity, always or never tying, little reduction, saturated rewards',
    options: diagnosticsOptionsSchema,
    reference: 'Hay and Wolf 2024, arXiv 2401.12819: failure signatures of learned tying',
  },
  create: (options, { layers }) => createDiagnostics(options, layers),
});
