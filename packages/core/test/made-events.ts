/** One event of every type with every field, and runs made by chance. */
import fc from 'fast-check';
import type { Ledger, LigatureEvent, TieMap } from '../src/index.js';

export const ledger: Ledger = {
  ...{ layers: 2, independentLayers: 1, distinctStorages: { mlp: 1 }, uniqueParameters: 10 },
  ...{ trainableParameters: 10, loggedTrainableParameters: 10, totalParameters: 20 },
  bytes: { weights: 40, gradients: 40, moments: 80, activations: 7 },
  flops: { forward: 1, backward: 2, step: 3 },
};

export const oneOfEach: readonly LigatureEvent[] = [
  {
    ...{ type: 'run.started', seed: 1, layers: 2, steps: 4, controller: 'x', tieMap: [0, 1], ledger },
    ...{ task: 'causal-lm', unit: 'token', lossUnit: 'nats' },
    metrics: [{ name: 'nats', unit: 'nats', better: 'lower', label: 'Loss' }],
  },
  { type: 'window.opened', window: 0, sweep: 0, layer: 1, step: 0, progress: 0.5 },
  {
    ...{ type: 'layers.measured', window: 0, kind: 'tie-cost', layers: 2, values: [0.5], pairs: [[0, 1]] },
    ...{ loss: 4, substitute: 'first', batches: 4, tokens: 8, flops: 24 },
  },
  {
    ...{ type: 'tying.decided', window: 0, layer: 1, source: 0, kind: 'layer', sweep: 0, component: 'mlp' },
    notes: {
      explored: true,
      epsilon: 0.5,
      values: [1, 2],
      costs: { '0+1': 0.5 },
      agreements: { '0+1': 0.5 },
    },
  },
  {
    ...{ type: 'tying.applied', window: 0, previous: [0, 1], tieMap: [0, 0], state: [0, 0], tied: 1 },
    ...{ untied: 0, ledger, tieMaps: { mlp: [0, 0], attention: [0, 1] } },
  },
  {
    ...{ type: 'step.completed', step: 1, window: 0, loss: 4, gradientNorm: 1, learningRate: 0.1 },
    ...{ tokens: 8, durationMs: 2.5, spent: 0.25 },
  },
  { type: 'window.closed', window: 0, layer: 1, step: 1, losses: [4], truncated: false },
  { type: 'reward.measured', window: 0, reward: 1, raw: 2, saturated: true, tokens: 8, flops: 24 },
  { type: 'controller.learned', window: 0, report: { loss: 0.5 } },
  {
    ...{ type: 'evaluation.completed', step: 1, split: 'validation', metrics: { nats: 4 }, durationMs: 1 },
    weightsOf: 1,
  },
  { type: 'diagnostic.raised', code: 'a', window: 0, message: 'b', evidence: { share: 1 } },
  { type: 'checkpoint.saved', step: 1, path: 'checkpoints/step-000001' },
  {
    ...{ type: 'run.completed', step: 1, tokens: 8, tieMap: [0, 0], ledger, durationMs: 3 },
    best: { step: 1, value: 4, tieMap: [0, 1], ledger },
  },
  { type: 'run.failed', step: 1, code: 'x', message: 'y' },
  {
    ...{ type: 'run.diverged', step: 2, window: 0, loss: 'NaN', gradientNorm: 1, learningRate: 1 },
    ...{ action: 'rollback', resumedStep: 1 },
  },
  { type: 'tying.frozen', window: 1, step: 2, tieMap: [0, 0] },
  { type: 'controller.failed', window: 0, controller: 'x', call: 'decide', code: 'late', message: 'y' },
  { type: 'listener.failed', listener: 'x', event: 'step.completed', message: 'y' },
  { type: 'stage.entered', message: 'Reading …' },
  { type: 'notice.raised', message: 'cpu is used instead' },
  { type: 'evaluation.progressed', split: 'test', done: 1, total: 3 },
  { type: 'run.resumed', step: 1, steps: 4, tieMap: [0, 1] },
];

/** What happens at one place of a made run. */
export interface Turn {
  readonly tie: number;
  readonly loss: number;
  readonly durationMs: number;
  readonly evaluates: boolean;
  readonly warns: boolean;
  /** Whether a checkpoint is taken after the step. */
  readonly saves: boolean;
  /** Whether the next step diverges and the run goes back to its last checkpoint. */
  readonly diverges: boolean;
}

export const turns = (most = 40): fc.Arbitrary<Turn[]> =>
  fc.array(
    fc.record({
      tie: fc.nat(2),
      loss: fc.integer({ min: 1, max: 64 }),
      // Sums of whole numbers are the same in every order.
      durationMs: fc.integer({ min: 1, max: 1000 }),
      evaluates: fc.boolean(),
      warns: fc.boolean(),
      saves: fc.boolean(),
      diverges: fc.integer({ min: 0, max: 5 }).map((chance) => chance === 0),
    }),
    { maxLength: most },
  );

const LAYERS = 3;
const STEPS_PER_WINDOW = 3;
const TOKENS = 10;

const ledgerOf = (tieMap: TieMap): Ledger => {
  const blocks = new Set(tieMap).size;
  return {
    ...ledger,
    layers: LAYERS,
    independentLayers: blocks,
    flops: { forward: 1, backward: 1, step: blocks },
  };
};

/** Where a made run stands: what a checkpoint would hold. */
interface Place {
  readonly step: number;
  readonly window: number;
  /** Steps done in the open window; `null`: none is open. */
  readonly done: number | null;
  readonly tieMap: TieMap;
}

/**
 * A run as the trainer would publish it: windows of three steps, checkpoints inside them, roll-backs that skip nothing.
 *
 * @returns all events, those of the same run without what was rolled back, and how many of all had come at each
 *   checkpoint
 */
export function madeRun(chances: readonly Turn[]): {
  all: LigatureEvent[];
  kept: LigatureEvent[];
  saves: number[];
} {
  const all: LigatureEvent[] = [];
  let kept: LigatureEvent[] = [];
  const say = (event: LigatureEvent): void => {
    all.push(event);
    kept.push(event);
  };
  let at: Place = { step: 0, window: 0, done: null, tieMap: [0, 1, 2] };
  const started = { seed: 1, layers: LAYERS, steps: 99, controller: 'made', ledger: ledgerOf(at.tieMap) };
  say({ type: 'run.started', ...started, tieMap: at.tieMap });
  let saved = { place: at, events: kept.length };
  const saves = [all.length];
  for (const turn of chances) {
    if (at.done === null) {
      const layer = 1 + (at.window % (LAYERS - 1));
      const source = Math.min(turn.tie, layer);
      const previous = at.tieMap;
      const tieMap = previous.with(layer, source === layer ? layer : (previous[source] as number));
      const { window, step } = at;
      const decided = { window, layer, source, kind: 'layer', sweep: window >> 1 } as const;
      say({ type: 'window.opened', window, step });
      say({
        type: 'tying.decided',
        ...decided,
        notes: { epsilon: 1 / (1 + window), values: [turn.tie, turn.loss] },
      });
      const change = { previous, tieMap: canonical(tieMap), state: tieMap, tied: 1, untied: 0 };
      say({ type: 'tying.applied', window, ...change, ledger: ledgerOf(change.tieMap) });
      at = { ...at, done: 0, tieMap: change.tieMap };
    }
    const step = at.step + 1;
    at = { ...at, step, done: (at.done ?? 0) + 1 };
    const numbers = { gradientNorm: 1, learningRate: 1, tokens: TOKENS, durationMs: turn.durationMs };
    say({ type: 'step.completed', step, window: at.window, loss: turn.loss, ...numbers });
    if (turn.evaluates) {
      const metrics = { nats: turn.loss / 2 };
      say({ type: 'evaluation.completed', step, split: 'validation', metrics, durationMs: 1 });
    }
    if (turn.saves) {
      saved = { place: at, events: kept.length };
      saves.push(all.length);
    }
    if (turn.diverges) {
      const { place } = saved;
      const numbers = { window: at.window, loss: 'NaN', gradientNorm: 1, learningRate: 1 };
      all.push({
        ...{ type: 'run.diverged', step: step + 1, ...numbers, action: 'rollback', resumedStep: place.step },
      });
      kept = kept.slice(0, saved.events);
      at = place;
      // The numbers of a skipped window are not used again.
      if (at.done === null) at = { ...at, window: at.window + 1 };
      continue;
    }
    if (at.done !== STEPS_PER_WINDOW) continue;
    const { window } = at;
    say({ type: 'window.closed', window, step, losses: [turn.loss], truncated: false });
    if (turn.warns) say({ type: 'diagnostic.raised', code: 'w', window, message: 'm', evidence: {} });
    say({ type: 'reward.measured', window, reward: turn.loss, raw: turn.loss, saturated: false });
    say({ type: 'controller.learned', window, report: { loss: turn.loss } });
    at = { ...at, window: window + 1, done: null };
  }
  return { all, kept, saves };
}

const canonical = (map: TieMap): number[] => {
  const owners: number[] = [];
  for (const [layer, owner] of map.entries())
    owners.push(owner === layer ? layer : (owners[owner] as number));
  return owners;
};
