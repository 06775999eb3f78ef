/** Events with plausible contents, and a bus that notes what passes. */
import { createEventBus, independentLayers } from '@ligature/core';
import type { DiagnosticRaised, EventBus, EventOf, Ledger, LigatureEvent, TieMap } from '@ligature/core';

export const LAYERS = 5;
const BLOCK = 100;
const GLOBALS = 100;

export function ledgerOf(tieMap: TieMap): Ledger {
  const independent = independentLayers(tieMap).length;
  const parameters = GLOBALS + BLOCK * independent;
  return {
    layers: tieMap.length,
    independentLayers: independent,
    distinctStorages: { block: independent },
    uniqueParameters: parameters,
    trainableParameters: parameters,
    loggedTrainableParameters: parameters,
    totalParameters: GLOBALS + BLOCK * tieMap.length,
    bytes: { weights: 4 * parameters, gradients: 0, moments: 0, activations: 0 },
    flops: { forward: 1, backward: 2, step: 3 },
  };
}

export function decided(window: number, layer: number, source: number): EventOf<'tying.decided'> {
  return { type: 'tying.decided', window, layer, source, kind: 'layer', notes: {} };
}

export function decidedMap(window: number, kind: 'map' | 'keep'): EventOf<'tying.decided'> {
  return { type: 'tying.decided', window, layer: null, source: null, kind, notes: {} };
}

export function applied(window: number, tieMap: TieMap): EventOf<'tying.applied'> {
  return {
    type: 'tying.applied',
    window,
    previous: tieMap,
    tieMap,
    state: tieMap,
    tied: 0,
    untied: 0,
    ledger: ledgerOf(tieMap),
  };
}

export function closed(window: number, ...losses: number[]): EventOf<'window.closed'> {
  return { type: 'window.closed', window, layer: 1, step: window, losses, truncated: false };
}

export function rewarded(window: number, reward: number, saturated = false): EventOf<'reward.measured'> {
  return { type: 'reward.measured', window, reward, raw: saturated ? 2 * reward : reward, saturated };
}

export function stepped(step: number, tokens: number, durationMs: number): EventOf<'step.completed'> {
  return {
    type: 'step.completed',
    step,
    window: 0,
    loss: 1,
    gradientNorm: 1,
    learningRate: 1,
    tokens,
    durationMs,
  };
}

/** A step as the optimizer had it. */
export const trained = (step: number, gradientNorm: number, loss = 5): EventOf<'step.completed'> => ({
  ...stepped(step, 64, 1),
  window: Math.floor((step - 1) / 5),
  gradientNorm,
  loss,
});

/** Publishes in order, waits until all is handled, and returns the diagnostics that were raised on the way. */
export async function play(
  attach: (bus: EventBus) => void,
  events: Iterable<LigatureEvent>,
): Promise<DiagnosticRaised[]> {
  const bus = createEventBus();
  const raised: DiagnosticRaised[] = [];
  bus.on('diagnostic.raised').subscribe((event) => raised.push(event));
  attach(bus);
  for (const event of events) await bus.publish(event);
  await bus.idle();
  bus.dispose();
  return raised;
}
