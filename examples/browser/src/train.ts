/** One run in this window of the browser, composed as every run is. */
import { createEventBus, settleConfig, type EventBus, type RunConfig } from '@ligature/core';
import { composeRun, trainer } from '@ligature/run/compose';
import { TRAINER_TOKENS, type TrainingResult } from '@ligature/trainer';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { createHost } from './run.js';

/** @param listen given the bus before anything happens */
export async function train(
  written: RunConfig,
  listen: (bus: EventBus) => void,
  signal: AbortSignal,
): Promise<TrainingResult['outcome']> {
  tf.env().set('PROD', true);
  await tf.setBackend(written.backend.name);
  const host = createHost();
  const bus = createEventBus();
  bus.handle({ type: 'step.completed', phase: 'record', name: 'let the page draw', handle: nextTask });
  listen(bus);
  try {
    const now = (): number => performance.now();
    const run = await composeRun(settleConfig(written, host), { host, bus, now, cwd: '.', signal });
    try {
      await trainer()(run);
      return (await run.get(TRAINER_TOKENS.trainer).run()).outcome;
    } finally {
      await run.dispose();
    }
  } finally {
    bus.dispose();
  }
}

/** Without it the loop would leave no moment to the page between two steps. */
const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
