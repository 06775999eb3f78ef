/**
 * The numbers in a run's events, by name: what both recorders write. Names are `group/quantity`, so that TensorBoard
 * groups them.
 */
import type { LigatureEvent, Metrics } from '@ligature/core';

export type Readings = Readonly<Record<string, number>>;

/** Events that hold numbers. */
export const READ_EVENTS = [
  'run.started',
  'tying.decided',
  'tying.applied',
  'step.completed',
  'reward.measured',
  'controller.learned',
  'evaluation.completed',
] as const satisfies readonly LigatureEvent['type'][];

/** What the event says. Nothing where it says nothing. */
export function readingsOf(event: LigatureEvent): Readings {
  switch (event.type) {
    case 'run.started':
    case 'tying.applied':
      return {
        'tying/independent_layers': event.ledger.independentLayers,
        'tying/unique_parameters': event.ledger.uniqueParameters,
      };
    case 'tying.decided':
      return {
        ...(event.notes.epsilon !== undefined && { 'controller/epsilon': event.notes.epsilon }),
        ...(event.notes.explored !== undefined && { 'controller/explored': event.notes.explored ? 1 : 0 }),
      };
    case 'step.completed':
      return {
        'train/loss': event.loss,
        'train/gradient_norm': event.gradientNorm,
        'train/learning_rate': event.learningRate,
        // A clock too coarse for the step says nothing about its speed.
        ...(event.durationMs > 0 && { 'train/tokens_per_second': (1000 * event.tokens) / event.durationMs }),
      };
    case 'reward.measured':
      return {
        'controller/reward': event.reward,
        'controller/reward_raw': event.raw,
        'controller/reward_saturated': event.saturated ? 1 : 0,
      };
    case 'controller.learned':
      return under('controller/learned', event.report);
    case 'evaluation.completed': {
      const { split, metrics, step, weightsOf = step } = event;
      // An earlier step's validation is no point of this curve; test is measured at the end alone.
      const group = split === 'validation' && weightsOf < step ? 'best/validation' : split;
      return { ...under(group, metrics), ...(event.weightsOf !== undefined && { 'best/step': weightsOf }) };
    }
    default:
      return {};
  }
}

/** Seconds of work that an event reports: training steps and evaluations. */
export function secondsOf(event: LigatureEvent): number {
  const works = event.type === 'step.completed' || event.type === 'evaluation.completed';
  return works ? event.durationMs / 1000 : 0;
}

const under = (group: string, metrics: Metrics): Readings =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${group}/${name}`, value]));
