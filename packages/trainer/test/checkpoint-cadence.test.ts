/** When the loop saves, and what it says of it. */
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from 'vitest';
import type { Checkpoints, TrainerOptions } from '../src/index.js';
import { createRun } from './support.js';
import { createToyObjective } from './toy-model.js';

const objective = createToyObjective({ layers: 3, width: 5, vocabularySize: 7 });
const MINUTE = 60_000;

/** Runs with a clock that shows `times` in turn, one entry a step, and tells what was saved and announced. */
async function saves(
  options: Partial<TrainerOptions>,
  times: readonly number[] = [],
  abortAt?: number,
): Promise<{ saved: number[]; announced: number[]; durations: number[] }> {
  const saved: number[] = [];
  const checkpoints: Checkpoints = {
    weightsOf: () => Promise.reject(new Error('nothing was kept')),
    save: (step) => {
      saved.push(step);
      return Promise.resolve(`checkpoints/${step}`);
    },
    rollBack: () => Promise.resolve(undefined),
  };
  const abort = new AbortController();
  let steps = 0;
  const { bus, registry, trainer, events } = createRun(
    objective,
    { window: 2, ...options, signal: abort.signal },
    {},
    undefined,
    { checkpoints, now: () => times[Math.min(steps, times.length - 1)] ?? 0 },
  );
  bus.on('step.completed').subscribe(({ step }) => {
    steps = step;
    if (step === abortAt) abort.abort();
  });
  await trainer.run();
  bus.dispose();
  registry.dispose();
  return {
    saved,
    announced: events.flatMap((event) => (event.type === 'checkpoint.saved' ? [event.step] : [])),
    durations: events.flatMap((event) => (event.type === 'step.completed' ? [event.durationMs] : [])),
  };
}

describe('checkpoints', () => {
  it("come before the first step, then by steps and announced; the end is not the loop's to save", async () => {
    expect(await saves({ steps: 7, checkpointEvery: 3 })).toMatchObject({
      saved: [0, 3, 6],
      announced: [3, 6],
    });
    expect(await saves({ steps: 6, checkpointEvery: 3 })).toMatchObject({ saved: [0, 3], announced: [3] });
  });

  it('come by minutes too, unannounced, counted from the last one of any kind', async () => {
    const times = [0, 0.4, 0.8, 1.2, 1.6, 2.3, 2.4].map((minutes) => minutes * MINUTE);
    const { saved, announced } = await saves({ steps: 6, checkpointEveryMinutes: 1 }, times);
    expect({ saved, announced }).toEqual({ saved: [0, 3, 5], announced: [] });
    const both = await saves({ steps: 6, checkpointEveryMinutes: 1, checkpointEvery: 2 }, times);
    // Step 2 is due by steps at 0.8 minutes, so step 3 is not due by time.
    expect(both).toMatchObject({ saved: [0, 2, 4], announced: [2, 4] });
  });

  it('do not wait for a clock that was set back, and no duration is negative', async () => {
    const times = [100, 0, 0.5, 1.1, 1.2].map((minutes) => minutes * MINUTE);
    const { saved, durations } = await saves({ steps: 4, checkpointEveryMinutes: 1 }, times);
    expect(saved).toEqual([0, 3]);
    expect(Math.min(...durations)).toBeGreaterThanOrEqual(0);
  });

  it('come when the run is stopped, unannounced and only once', async () => {
    expect(await saves({ steps: 9, checkpointEvery: 4 }, [], 3)).toMatchObject({
      saved: [0, 3],
      announced: [],
    });
    expect(await saves({ steps: 9, checkpointEvery: 3 }, [], 3)).toMatchObject({
      saved: [0, 3],
      announced: [3],
    });
  });
});
