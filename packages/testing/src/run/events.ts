/** The events of a whole run, in the order and shape of a real one: what evaluators and recorders get to hear. */
import { createRandomStream, independentLayers, sweepPosition } from '@ligature/core';
import type { Ledger, LigatureEvent, MetricSpec, TieMap } from '@ligature/core';
import { applied, initialStack, tieMapOf } from '../controller/stack.js';

export interface RunShape {
  readonly layers: number;
  readonly windows: number;
  readonly seed: number;
}

const STEPS = 2;
const TOKENS = 64;
const BLOCK = 1200;
const GLOBALS = 500;

const METRICS: readonly MetricSpec[] = [
  { name: 'nats', unit: 'nats', better: 'lower' },
  { name: 'perplexity', unit: '', better: 'lower' },
  { name: 'accuracy', unit: '', better: 'higher' },
];

/** The same events for the same shape. Numbers are made up but agree with each other. */
export function runEvents({ layers, windows, seed }: RunShape): LigatureEvent[] {
  const random = createRandomStream(seed, 'script of events');
  let stack = initialStack('clean', layers, undefined);
  const tieMap = (): TieMap => tieMapOf(stack);
  const events: LigatureEvent[] = [
    {
      type: 'run.started',
      ...{ task: 'scripted', unit: 'tokens', lossUnit: 'nats per token', metrics: METRICS },
      seed,
      layers,
      steps: windows * STEPS,
      controller: 'scripted',
      tieMap: tieMap(),
      ledger: ledgerOf(tieMap()),
    },
  ];
  for (let window = 0; window < windows; window += 1) {
    const { sweep, layer } = sweepPosition(window, layers);
    const step = window * STEPS;
    events.push({ type: 'window.opened', window, step, progress: window / windows });
    const previous = tieMap();
    // Mostly ties, so that evaluators that watch for habits have one to see; now and then the whole map.
    const source = layer === null ? null : random.uniform() < 0.7 ? 0 : random.integer(0, layer + 1);
    const decision =
      layer === null || source === null
        ? ({ kind: 'keep' } as const)
        : window % 9 === 8
          ? ({ kind: 'map', tieMap: previous.map((_, at) => (at % 2 === 0 ? 0 : at)) } as const)
          : ({ kind: 'layer', layer, source } as const);
    stack = applied('clean', stack, decision);
    const { kind } = decision;
    const notes = { explored: random.uniform() < 0.5, epsilon: 0.5 };
    events.push(
      {
        type: 'tying.decided',
        window,
        sweep,
        component: null,
        layer: kind === 'map' ? null : layer,
        source: kind === 'layer' ? source : null,
        kind,
        notes,
      },
      { type: 'tying.applied', window, previous, ...changes(previous, tieMap()), ledger: ledgerOf(tieMap()) },
    );
    const losses: number[] = [];
    for (let at = 1; at <= STEPS; at += 1) {
      const loss = 2 + 4 * Math.exp(-window / 10) + 0.3 * random.normal();
      losses.push(loss);
      events.push({
        type: 'step.completed',
        step: step + at,
        window,
        loss,
        gradientNorm: 1 + random.uniform(),
        learningRate: 0.001,
        tokens: TOKENS,
        durationMs: 10 + random.uniform(),
      });
    }
    const truncated = window === windows - 1;
    const progress = (window + 1) / windows;
    events.push({ type: 'window.closed', window, step: step + STEPS, progress, losses, truncated });
    const raw = 4 * random.normal();
    const reward = Math.max(-1, Math.min(1, raw));
    events.push({ type: 'reward.measured', window, reward, raw, saturated: reward !== raw });
    events.push({
      type: 'controller.learned',
      window,
      report: { loss: random.uniform(), updates: window + 1 },
    });
    if (window % 8 === 7) {
      events.push(evaluation(step + STEPS, 'validation', random.uniform()));
      events.push({ type: 'checkpoint.saved', step: step + STEPS, path: `checkpoints/step-${step + STEPS}` });
    }
  }
  const step = windows * STEPS;
  events.push(evaluation(step, 'validation', random.uniform()), evaluation(step, 'test', random.uniform()), {
    type: 'run.completed',
    step,
    tokens: step * TOKENS,
    tieMap: tieMap(),
    ledger: ledgerOf(tieMap()),
    durationMs: 12 * step,
  });
  return events;
}

/** Events that an ordinary run has none of, with texts that are hard to write down. */
export const RARE_EVENTS: readonly LigatureEvent[] = [
  {
    type: 'diagnostic.raised',
    code: 'reward-saturated',
    window: 3,
    message: 'two\nlines, "quotes", a \\ and 🐋 \u2028 \u0000',
    evidence: { share: 1e-300, windows: 3 },
  },
  {
    type: 'layers.measured',
    window: 4,
    kind: 'hidden-cka',
    layers: 3,
    values: [0.999999, -0.000001, 0],
    tokens: 64,
    flops: 2_400_000,
  },
  { type: 'tying.frozen', window: 5, step: 10, tieMap: [0, 0, 2] },
  { type: 'listener.failed', listener: 'däshboard', event: 'step.completed', message: '\ud800 alone' },
  {
    type: 'controller.failed',
    window: 4,
    controller: 'someone else’s',
    call: 'decide',
    code: 'controller-late',
    message: 'it gave no answer within 60 s',
  },
  {
    type: 'run.diverged',
    step: 9,
    window: 4,
    loss: 'NaN',
    gradientNorm: 'Infinity',
    learningRate: 0.001,
    action: 'stop',
    resumedStep: null,
  },
  { type: 'run.failed', step: 9, code: 'diverged', message: 'The loss of step 9 is NaN' },
];

/** Events of a process and not of a run: to be heard, and not to be written down. */
export const TRANSIENT_EVENTS: readonly LigatureEvent[] = [
  { type: 'run.resumed', step: 4, steps: 20, tieMap: [0, 0, 2, 2] },
  { type: 'stage.entered', message: 'Reading "text" as tokens …' },
  { type: 'notice.raised', message: 'the backend "fast" does not work here' },
  { type: 'evaluation.progressed', split: 'validation', done: 0, total: 3 },
];

function evaluation(step: number, split: 'validation' | 'test', nats: number): LigatureEvent {
  const metrics = { nats, perplexity: Math.exp(nats), accuracy: 0.25 };
  return { type: 'evaluation.completed', step, split, metrics, durationMs: 3 };
}

function changes(previous: TieMap, tieMap: TieMap) {
  const moved = tieMap
    .map((source, layer) => ({ source, layer }))
    .filter(({ source, layer }) => source !== previous[layer]);
  const untied = moved.filter(({ source, layer }) => source === layer).length;
  return { tieMap, state: [...tieMap], tied: moved.length - untied, untied };
}

/** Counts of a model with blocks of 1200 and globals of 500 parameters. */
function ledgerOf(tieMap: TieMap): Ledger {
  const blocks = independentLayers(tieMap).length;
  const unique = GLOBALS + blocks * BLOCK;
  const forward = 2 * TOKENS * (GLOBALS + tieMap.length * BLOCK);
  return {
    layers: tieMap.length,
    independentLayers: blocks,
    distinctStorages: { attention: blocks, mlp: blocks, norms: blocks },
    uniqueParameters: unique,
    trainableParameters: unique,
    loggedTrainableParameters: unique,
    totalParameters: GLOBALS + tieMap.length * BLOCK,
    bytes: { weights: 4 * unique, gradients: 4 * unique, moments: 8 * unique, activations: 4096 },
    flops: { forward, backward: 2 * forward, step: 3 * forward },
  };
}
