/**
 * Results, reports, the dashboard and progress lines are made of one fold: whatever happens to a run, roll-backs first
 * of all, they tell the same of it.
 */
import type { LigatureEvent } from '@ligature/core';
import { traceRun } from '@ligature/report';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RunProgress } from '../packages/cli/src/progress/state.js';
import { madeRun, turns } from '../packages/core/test/made-events.js';
import { RunHistory } from '../packages/dashboard/src/run-history.js';
import { Collector } from '../packages/run/src/collector.js';

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** What each of the four tells of the same numbers. */
function told(events: readonly LigatureEvent[]) {
  const collector = new Collector();
  const history = new RunHistory();
  const progress = new RunProgress('x');
  for (const event of events) {
    collector.observe(event);
    history.observe(event);
    progress.observe(event, 0);
  }
  const trace = traceRun(events);
  const [last, summary, detail] = [trace.steps.at(-1), history.told(), history.detail('a', 2000)];
  const smoothed = trace.steps.reduce(
    (before, { loss }, at) => (at === 0 ? loss : before + 0.1 * (loss - before)),
    0,
  );
  const validations = trace.evaluations.filter(({ split }) => split === 'validation');
  const maps = collector.tieMaps;
  return {
    step: [last?.step ?? 0, collector.losses.at(-1)?.step ?? 0, summary.step, progress.state.step],
    steps: [trace.plannedSteps, collector.announcedSteps, summary.steps, progress.state.steps],
    losses: [
      trace.steps.map(({ loss }) => loss),
      collector.losses.map(({ loss }) => loss),
      detail.curves.loss.values,
    ],
    tokens: [last?.tokens ?? 0, collector.tokens],
    seconds: [last?.seconds ?? 0, collector.trainingSeconds],
    recentLoss: [last ? mean(trace.steps.slice(-20).map(({ loss }) => loss)) : null, summary.loss],
    smoothedLoss: [last ? smoothed : null, progress.state.loss],
    validation: [
      ...[validations.at(-1)?.metrics['nats'] ?? null, collector.measured().validation['nats'] ?? null],
      summary.validation,
    ],
    validations: [validations.map(({ metrics }) => metrics['nats']), detail.validation.values],
    tieMap: [maps.at(-1)?.tieMap, progress.state.tieMap, mapOf(detail.stretches, detail.layers)],
    blocks: [new Set(maps.at(-1)?.tieMap).size, summary.ownBlocks],
    rewards: [
      trace.windows.flatMap(({ reward }) => (reward ? [reward.reward] : [])),
      detail.curves.reward.values,
    ],
    decision: [trace.windows.at(-1)?.decision?.source ?? null, detail.decision?.source ?? null],
    warnings: [trace.diagnostics.length, collector.diagnostics.length, summary.warnings],
  };
}

/** The owners at the right edge of the picture. */
function mapOf(stretches: readonly (readonly number[])[], layers: number): (number | undefined)[] {
  return Array.from({ length: layers }, (_, layer) => stretches.findLast(([of]) => of === layer)?.[1]);
}

it('four views of one run agree, with roll-backs and without', () => {
  const seen = { rollBacks: 0, rewards: 0 };
  fc.assert(
    fc.property(turns(60), (chances) => {
      const { all, kept } = madeRun(chances);
      const numbers = told(all);
      for (const [name, [first, ...others]] of Object.entries(numbers)) {
        for (const other of others) expect(other, name).toEqual(first);
      }
      // And it is the run as it would have been without what was rolled back.
      expect(numbers).toEqual(told(kept));
      seen.rollBacks += all.some(({ type }) => type === 'run.diverged') ? 1 : 0;
      seen.rewards += numbers.rewards[0]?.length ?? 0;
    }),
  );
  expect(seen.rollBacks).toBeGreaterThan(10);
  expect(seen.rewards).toBeGreaterThan(10);
});
