/** A run as its events, told to a recorder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventBus } from '@ligature/core';
import type { Ledger, LigatureEvent, Recorder, TieMap } from '@ligature/core';
import { onTestFinished } from 'vitest';

export function runFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-recorders-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Publishes events to a recorder as a run does, and leaves it open. */
export async function tell(recorder: Recorder, events: readonly LigatureEvent[]): Promise<void> {
  const bus = createEventBus();
  const detach = recorder.attach(bus);
  for (const event of events) await bus.publish(event);
  detach();
  bus.dispose();
}

const ledger = (independentLayers: number): Ledger => ({
  ...{ layers: 4, independentLayers, distinctStorages: {}, totalParameters: 4500 },
  uniqueParameters: 500 + 1000 * independentLayers,
  trainableParameters: 500 + 1000 * independentLayers,
  loggedTrainableParameters: 500 + 1000 * independentLayers,
  bytes: { weights: 0, gradients: 0, moments: 0, activations: 0 },
  flops: { forward: 0, backward: 0, step: 0 },
});

export const started: LigatureEvent = {
  ...{ type: 'run.started', seed: 7, layers: 4, steps: 6, controller: 'my_own*', tieMap: [0, 1, 2, 3] },
  ledger: ledger(4),
};

/** Two steps under one map, as events: the loss of step s is 5 - s / 4, a step takes half a second. */
export function window(number: number, previous: TieMap, tieMap: TieMap): LigatureEvent[] {
  const step = 2 * number;
  const layer = (number % 3) + 1;
  const one = (at: number): LigatureEvent => ({
    ...{ type: 'step.completed', step: at, window: number, loss: 5 - at / 4, gradientNorm: 1.5 },
    ...{ learningRate: 0.125, tokens: 32, durationMs: 500 },
  });
  const notes = { explored: number === 1, epsilon: 0.5 };
  return [
    { type: 'window.opened', window: number, sweep: 0, layer, step },
    { type: 'tying.decided', window: number, layer, source: 0, kind: 'layer', notes },
    {
      ...{ type: 'tying.applied', window: number, previous, tieMap, state: tieMap, tied: 1, untied: 0 },
      ledger: ledger(new Set(tieMap).size),
    },
    one(step + 1),
    one(step + 2),
    { type: 'window.closed', window: number, layer, step: step + 2, losses: [], truncated: false },
    { type: 'reward.measured', window: number, reward: 0.25, raw: 4, saturated: true },
    { type: 'controller.learned', window: number, report: { loss: 0.75 } },
  ];
}

export const evaluated = (step: number, split: 'validation' | 'test'): LigatureEvent => ({
  ...{ type: 'evaluation.completed', step, split, metrics: { nats: 4.5, brier: 0.125 }, durationMs: 1000 },
});

/** Six steps: the map changes in the first and the second window. */
export const RUN: readonly LigatureEvent[] = [
  started,
  ...window(0, [0, 1, 2, 3], [0, 0, 2, 3]),
  ...window(1, [0, 0, 2, 3], [0, 0, 0, 3]),
  evaluated(4, 'validation'),
  ...window(2, [0, 0, 0, 3], [0, 0, 0, 3]),
  {
    ...{ type: 'diagnostic.raised', code: 'no-exploration', window: 2, message: 'a *star* and a 🐋' },
    evidence: {},
  },
  evaluated(6, 'test'),
];
