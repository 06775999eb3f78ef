import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  foldRun,
  lastMetrics,
  parseEventLine,
  RunFold,
  type LigatureEvent,
  type RunState,
  type Snapshot,
} from '../src/index.js';
import { ledger, madeRun, turns, type Turn } from './made-events.js';

const quiet: Turn = {
  ...{ tie: 0, loss: 1, durationMs: 100, evaluates: false, warns: false, saves: false, diverges: false },
};

/** Everything but the list of roll-backs, which says that there were some. */
const without = ({ rollBacks: _, ...state }: RunState): unknown => state;

describe('the fold of a run', () => {
  it('knows nothing of a run that has said nothing', () => {
    expect(foldRun([])).toEqual({
      ...{ started: undefined, plannedSteps: undefined, step: 0, tieMap: [], outcome: 'running' },
      totals: { tokens: 0, seconds: 0, flops: 0 },
      ...{ steps: [], windows: [], tieMaps: [], ledgers: [], evaluations: [], diagnostics: [] },
      ...{ diagnosticCount: 0, rollBacks: [] },
    });
  });

  it('adds up a run by hand', () => {
    const state = foldRun(
      madeRun([
        { ...quiet, tie: 0, loss: 8 },
        { ...quiet, loss: 6, evaluates: true },
        { ...quiet, loss: 4, warns: true },
        { ...quiet, tie: 2, loss: 2 },
      ]).all,
      { accumulation: 2 },
    );
    // Two blocks after the first window's tie, and still two operations each for two batches: 4 a step.
    expect(state.steps.map(({ flops }) => flops)).toEqual([4, 8, 12, 16]);
    expect(state).toMatchObject({
      step: 4,
      plannedSteps: 99,
      totals: { tokens: 40, seconds: 0.4, flops: 16 },
    });
    expect(state.tieMaps).toEqual([
      { step: 0, window: 0, tieMap: [0, 1, 2] },
      { step: 0, window: 0, tieMap: [0, 0, 2] },
    ]);
    expect(state.windows).toMatchObject([
      {
        ...{ window: 0, sweep: 0, layer: 1, from: 0, to: 3, tieMap: [0, 0, 2] },
        decision: { kind: 'layer', source: 0, notes: { epsilon: 1 } },
        ...{ reward: { reward: 4, raw: 4, saturated: false }, report: { loss: 4 } },
      },
      { window: 1, sweep: 0, layer: 2, from: 3, to: 4, tieMap: [0, 0, 2] },
    ]);
    expect(lastMetrics(state, 'validation')).toEqual({ nats: 3 });
    expect(lastMetrics(state, 'test')).toEqual({});
    expect(state.diagnostics).toMatchObject([{ code: 'w', window: 0, message: 'm' }]);
  });

  it('makes of a log of the first version what its result said then', () => {
    const read = (name: string): string =>
      readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
    const lines = read('events-first-version.jsonl').trimEnd().split('\n');
    const events = lines.map(parseEventLine).map((one) => (one.kind === 'event' ? one.event : one));
    expect(events).toEqual(lines.map((line) => JSON.parse(line) as unknown));
    const state = foldRun(events as LigatureEvent[]);
    expect({
      steps: state.step,
      tokens: state.totals.tokens,
      validation: lastMetrics(state, 'validation'),
      test: lastMetrics(state, 'test'),
      tieMaps: state.tieMaps,
      losses: state.steps.map(({ step, loss }) => ({ step, loss })),
      diagnostics: state.diagnostics,
      trainingSeconds: state.totals.seconds,
      trainingFlops: state.totals.flops,
    }).toEqual(JSON.parse(read('result-first-version.json')));
    expect(state).toMatchObject({ outcome: 'completed', windows: { length: 4 } });
  });

  it('is after roll-backs as if what was rolled back had never been', () => {
    let rolledBack = 0;
    fc.assert(
      fc.property(turns(), (chances) => {
        const { all, kept } = madeRun(chances);
        rolledBack += all.length > kept.length ? 1 : 0;
        expect(without(foldRun(all))).toEqual(without(foldRun(kept)));
      }),
    );
    // Or the property would say nothing.
    expect(rolledBack).toBeGreaterThan(10);
  });

  it('goes on from a checkpoint as if it had heard all that was before, roll-backs among what comes', () => {
    // Windows and ledgers of before are not kept: no result is made of them.
    const kept = ({ windows: _, ledgers: __, ...state }: RunState): unknown => state;
    let rolledBack = 0;
    fc.assert(
      fc.property(turns(), (chances) => {
        const { all, saves } = madeRun(chances);
        for (const at of saves) {
          const before = new RunFold({ accumulation: 2 });
          for (const event of all.slice(0, at)) before.observe(event);
          const after = new RunFold({ accumulation: 2 });
          after.restore(structuredClone(before.snapshot()));
          expect(after.snapshot()).toEqual(before.snapshot());
          for (const event of all.slice(at)) after.observe(event);
          const whole = foldRun(all, { accumulation: 2 });
          expect(kept(after.state)).toEqual(kept(whole));
          expect(after.state.windows.at(-1)?.to).toBe(whole.windows.at(-1)?.to);
          rolledBack += after.state.rollBacks.length > before.state.rollBacks.length ? 1 : 0;
        }
      }),
    );
    expect(rolledBack).toBeGreaterThan(10);
  });

  it('takes no state that is none', () => {
    const fold = new RunFold();
    for (const event of madeRun([quiet]).all) fold.observe(event);
    const good = fold.snapshot() as Record<string, Snapshot>;
    const steps = good['steps'] as Record<string, Snapshot>;
    const wrong: Snapshot[] = [
      null,
      {},
      { ...good, format: 2 },
      { ...good, steps: { ...steps, loss: new Float64Array(7) } },
      { ...good, steps: { ...steps, durationMs: [-1] } },
      { ...good, tieMap: [1] },
      { ...good, evaluations: [{ step: 1, split: '__proto__', metrics: {} }] },
    ];
    for (const state of wrong) {
      expect(() => new RunFold().restore(state)).toThrow(expect.objectContaining({ code: 'state-invalid' }));
    }
  });

  it('counts no step, second or operation of what was rolled back', () => {
    const { all } = madeRun([
      { ...quiet, saves: true },
      quiet,
      { ...quiet, durationMs: 5000, diverges: true },
      quiet,
    ]);
    expect(foldRun(all)).toMatchObject({
      ...{ step: 2, totals: { tokens: 20, seconds: 0.2 }, rollBacks: [{ step: 4, resumedStep: 1 }] },
    });
  });

  it('ends as its events say, with a run that stops at a divergence as it was', () => {
    const { all } = madeRun([quiet, quiet]);
    const stop: LigatureEvent[] = [
      {
        ...{ type: 'run.diverged', step: 3, window: 0, loss: 'NaN', gradientNorm: 1, learningRate: 1 },
        ...{ action: 'stop', resumedStep: null },
      },
      { type: 'run.failed', step: 2, code: 'diverged', message: 'NaN' },
    ];
    const failed = foldRun([...all, ...stop]);
    expect(failed).toMatchObject({
      ...{ step: 2, outcome: 'failed', failure: { code: 'diverged', message: 'NaN' }, rollBacks: [] },
    });
    expect(failed.steps).toHaveLength(2);
    const completed = { step: 2, tokens: 20, tieMap: [0, 0, 2], ledger, durationMs: 1 };
    expect(foldRun([...all, { type: 'run.completed', ...completed }]).outcome).toBe('completed');
    // It goes on: the failure was before.
    const again: LigatureEvent = { type: 'run.resumed', step: 2, steps: 99, tieMap: [0, 0, 2] };
    const resumed = foldRun([...all, ...stop, again]);
    expect(resumed).toMatchObject({ outcome: 'running', step: 2 });
    expect(resumed).not.toHaveProperty('failure');
  });

  it('is told nothing new by a resumption after its log, and all there is by one alone', () => {
    const { all } = madeRun([quiet, { ...quiet, saves: true }]);
    const resumed: LigatureEvent = { type: 'run.resumed', step: 2, steps: 99, tieMap: [0, 0, 2] };
    expect(foldRun([...all, resumed])).toEqual(foldRun(all));
    expect(foldRun([resumed])).toMatchObject({
      ...{ step: 2, plannedSteps: 99, tieMap: [0, 0, 2], totals: { tokens: 0 } },
      tieMaps: [{ step: 2, tieMap: [0, 0, 2] }],
    });
  });

  it('takes sweep and layer from the window where the decision says nothing, and its components', () => {
    const map = { previous: [0, 1], tieMap: [0, 1], state: [0, 1], tied: 0, untied: 0, ledger };
    const tieMaps = { mlp: [0, 0], attention: [0, 1] };
    const { windows } = foldRun([
      { type: 'window.opened', window: 0, sweep: 3, layer: 1, step: 0 },
      { type: 'tying.decided', window: 0, layer: null, source: null, kind: 'map', notes: {} },
      { type: 'tying.applied', window: 0, ...map, tieMaps },
      { type: 'window.opened', window: 1, step: 0 },
      {
        ...{ type: 'tying.decided', window: 1, layer: 1, source: 0, kind: 'layer', sweep: 4, notes: {} },
        component: 'mlp',
      },
    ]);
    expect(windows).toMatchObject([
      { window: 0, sweep: 3, layer: 1, decision: { kind: 'map' }, tieMaps },
      { window: 1, sweep: 4, layer: 1, decision: { component: 'mlp' } },
    ]);
  });
});

describe('a bounded fold', () => {
  const limits = { steps: 8, windows: 4 };

  it('shows what an unbounded one shows, of the newest', () => {
    fc.assert(
      fc.property(turns(200), (chances) => {
        const { kept } = madeRun(chances);
        const [few, all] = [foldRun(kept, { limits }), foldRun(kept)];
        expect(few.totals).toEqual(all.totals);
        expect(few).toMatchObject({
          step: all.step,
          tieMap: all.tieMap,
          diagnosticCount: all.diagnosticCount,
        });
        expect(few.steps).toEqual(all.steps.slice(all.steps.length - few.steps.length));
        expect(few.steps.length).toBeLessThanOrEqual(2 * limits.steps);
        expect(few.steps.length).toBeGreaterThanOrEqual(Math.min(all.steps.length, limits.steps));
        expect(few.windows.length).toBeLessThanOrEqual(2 * limits.windows);
      }),
    );
  });

  it('goes back to an announced checkpoint however far it is', () => {
    const first = madeRun([quiet, { ...quiet, tie: 0 }]).all;
    const saved: LigatureEvent = { type: 'checkpoint.saved', step: 2, path: 'x' };
    const fold = new RunFold({ limits });
    for (const event of [...first, saved]) fold.observe(event);
    const before = fold.state;
    for (const event of madeRun(
      Array.from({ length: 100 }, (_, at) => ({ ...quiet, tie: at % 3 })),
    ).all.slice(1))
      fold.observe(event);
    expect(fold.state.steps[0]?.step).toBeGreaterThan(2);
    fold.observe({
      ...{ type: 'run.diverged', step: 101, window: 30, loss: 'NaN', gradientNorm: 1, learningRate: 1 },
      ...{ action: 'rollback', resumedStep: 2 },
    });
    expect(fold.state).toMatchObject({ step: 2, totals: before.totals, tieMap: before.tieMap });
  });
});
