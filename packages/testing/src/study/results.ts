/** Results of trials that nobody trained: their numbers agree with each other and differ from trial to trial. */
import { createRandomStream } from '@ligature/core';
import type { FinishedTrial, LigatureEvent, MetricSpec, PlannedTrial, TrialResult } from '@ligature/core';
import { runEvents } from '../run/events.js';

const LAYERS = 4;
const WINDOWS = 6;
const METRICS: readonly MetricSpec[] = [
  { name: 'nats', unit: 'nats', better: 'lower' },
  { name: 'accuracy', unit: '', better: 'higher' },
];

/** The log of a trial. */
export const eventsOf = ({ seed }: PlannedTrial): LigatureEvent[] =>
  runEvents({ layers: LAYERS, windows: WINDOWS, seed });

export function finished(trial: PlannedTrial): FinishedTrial {
  const random = createRandomStream(trial.seed, `result of ${trial.id}`);
  const scores = () => {
    const nats = 2 + random.uniform();
    return { nats, accuracy: Math.exp(-nats) };
  };
  const events = eventsOf(trial);
  const last = events.find((event) => event.type === 'run.completed')!;
  const losses = events.flatMap((event) =>
    event.type === 'step.completed' ? [{ step: event.step, loss: event.loss }] : [],
  );
  const result: TrialResult = {
    controller: trial.label,
    seed: trial.seed,
    ...{ task: 'scripted', unit: 'tokens', lossUnit: 'nats per token', metrics: METRICS },
    ...{ steps: last.step, tokens: last.tokens, validation: scores(), test: scores() },
    ...{ ledger: last.ledger, tieMap: last.tieMap, losses, diagnostics: [] },
    tieMaps: events.flatMap((event) =>
      event.type === 'tying.applied'
        ? [{ step: 2 * event.window, window: event.window, tieMap: event.tieMap }]
        : [],
    ),
    memory: { backendBytes: 1e6 * (1 + random.uniform()), residentBytes: 1e8 * (1 + random.uniform()) },
    ...{ tokensPerSecond: 1000 * (1 + random.uniform()), trainingSeconds: 10 + random.uniform() },
    trainingFlops: 1e9,
    data: { vocabularySize: 11 },
    summary: {},
    backend: { name: 'cpu', version: '1.0.0', detail: 'plain loops' },
    ...{ outcome: 'completed', folder: trial.id, config: trial.config },
  };
  return { trial, result };
}
