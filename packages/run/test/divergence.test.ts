/** What happens when a loss is not finite, on a model that says so at a chosen step. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  defineModel,
  definePlugin,
  type LigatureEvent,
  type Model,
  type RunConfigInput,
} from '@ligature/core';
import { acquireRunLock } from '@ligature/trainer/node';
import { createGpt2 } from '@ligature/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resumeTrial, runTrial } from '../src/index.js';
import { environment, tinyConfig, tinyRun, withFolder } from './tiny-run.js';

/** GPT-2 whose states, and so its loss, are not numbers whenever the batch holds the letter that only one paragraph has. */
const poisoned = definePlugin({
  name: 'poisoned',
  version: '1.0.0',
  models: {
    poisoned: defineModel({
      meta: { summary: 'diverges at a letter', options: z.looseObject({}) },
      create: (_options, { inputs: { vocabularySize = 0 } }): Model => {
        const model = createGpt2({ layers: 2, width: 8, heads: 2, context: 8, vocabularySize });
        const poison = 'Z'.charCodeAt(0);
        return {
          ...model,
          encode: (view, batch, mode) => {
            const states = model.encode(view, batch, mode);
            const bad = mode.training && [...batch['inputs']!.dataSync()].includes(poison);
            if (!bad) return states;
            const toNaN = tf.customGrad((x) => ({
              value: tf.mul(x as tf.Tensor, Number.NaN),
              gradFunc: (dy: tf.Tensor) => tf.mul(dy, Number.NaN),
            }));
            return { ...states, rows: toNaN(states.rows) as tf.Tensor2D };
          },
        };
      },
    }),
  },
});

const TEXT = Array.from(
  { length: 60 },
  (_, i) => `Line ${i} is ${i === 20 ? 'ZZZZZZZZ' : 'good'} text.\n\n`,
).join('');

const overrides: RunConfigInput = {
  model: { name: 'poisoned' },
  controller: 'random',
  training: { steps: 40, batch: 2, warmup: 0, onDivergence: 'rollback' },
  tying: { window: 4 },
  checkpoint: { every: 6, everyMinutes: null },
  evaluation: { evaluators: ['diagnostics'] },
};

const diverged = (events: readonly LigatureEvent[]) =>
  events.filter((event) => event.type === 'run.diverged');

describe('divergence', () => {
  it('stops the run, names the window and keeps the last good checkpoint', async () => {
    await withFolder(async (folder) => {
      const training = { ...overrides.training, onDivergence: 'stop' as const };
      const config = { ...tinyConfig(folder, { ...overrides, training }, TEXT) };
      const events: LigatureEvent[] = [];
      const listen = environment(
        folder,
        {
          listen: (bus) => void bus.events$.subscribe((event) => events.push(event)),
        },
        [poisoned],
      );
      await expect(runTrial(config, join(folder, 'run'), listen)).rejects.toMatchObject({ code: 'diverged' });
      const [event] = diverged(events);
      expect(event).toMatchObject({ loss: 'NaN', action: 'stop', resumedStep: null });
      expect(events.at(-1)?.type).toBe('run.failed');
      const kept = readdirSync(join(folder, 'run', 'checkpoints')).filter((name) => name.startsWith('step-'));
      expect(kept.length).toBeGreaterThan(0);
      const last = Math.max(...kept.map((name) => Number(name.slice(5))));
      expect(last).toBeLessThan(event?.step as number);
    });
  });

  it('goes back and leaves the window out, if asked, and reaches the end with finite losses', async () => {
    await withFolder(async (folder) => {
      const { result, events } = await tinyRun(folder, overrides, [poisoned], 'run', TEXT);
      const [event] = diverged(events);
      expect(event).toMatchObject({ action: 'rollback' });
      const { step, window, resumedStep } = event as Extract<LigatureEvent, { type: 'run.diverged' }>;
      expect(resumedStep).toBeLessThan(step);
      expect(result).toMatchObject({ outcome: 'completed', steps: 40 });
      // Every step once, in order, and none of the window that was left out after the roll-back.
      expect(result.losses.map((point) => point.step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
      expect(result.losses.every(({ loss }) => Number.isFinite(loss))).toBe(true);
      const after = events.slice(events.indexOf(event as LigatureEvent));
      expect(after.filter((one) => one.type === 'window.opened' && one.window === window)).toEqual([]);
    });
  });

  it('resumes after a roll-back to the same end', async () => {
    await withFolder(async (folder) => {
      const whole = await tinyRun(folder, overrides, [poisoned], 'whole', TEXT);
      const back = diverged(whole.events)[0];
      const config = tinyConfig(folder, overrides, TEXT);
      const abort = new AbortController();
      const stop = (back?.step ?? 0) + 4;
      let seen = false;
      const listen = environment(
        folder,
        {
          signal: abort.signal,
          listen: (bus) =>
            void bus.events$.subscribe((event) => {
              if (event.type === 'run.diverged') seen = true;
              if (seen && event.type === 'step.completed' && event.step === stop) abort.abort();
            }),
        },
        [poisoned],
      );
      const place = join(folder, 'stopped');
      expect((await runTrial(config, place, listen)).outcome).toBe('stopped');
      const resumed = await resumeTrial(place, environment(folder, {}, [poisoned]));
      expect(resumed.losses).toEqual(whole.result.losses);
      expect(resumed.test).toEqual(whole.result.test);
    });
  });
});

describe('one run folder', () => {
  it('belongs to one process at a time', async () => {
    await withFolder(async (folder) => {
      const config = tinyConfig(folder);
      const place = join(folder, 'run');
      await runTrial(config, place, environment(folder));
      const lock = await acquireRunLock(place);
      await expect(resumeTrial(place, environment(folder))).rejects.toMatchObject({ code: 'run-locked' });
      await lock.release();
      expect((await resumeTrial(place, environment(folder))).outcome).toBe('completed');
      expect(existsSync(join(place, 'run.lock'))).toBe(false);
    });
  });

  it('keeps the newest checkpoints, and the best one if asked', async () => {
    await withFolder(async (folder) => {
      const evaluation = { every: 2, batches: 2, evaluators: [] };
      const checkpoint = { every: 2, everyMinutes: null, keepLast: 1, keepBest: true };
      const training = { steps: 10, batch: 2, warmup: 0, learningRate: 1, clip: null };
      const { events, folder: run } = await tinyRun(folder, { evaluation, checkpoint, training });
      const losses = events.flatMap((event) =>
        event.type === 'evaluation.completed' && event.split === 'validation' && event.step < 10
          ? [{ step: event.step, nats: event.metrics['nats'] as number }]
          : [],
      );
      const best = losses.reduce((a, b) => (b.nats < a.nats ? b : a));
      // At this learning rate the loss rises: the best one is an early one.
      expect(best.step).toBeLessThan(8);
      const kept = readdirSync(join(run, 'checkpoints')).filter((name) => name.startsWith('step-'));
      expect(kept).toContain(`step-${String(best.step).padStart(6, '0')}`);
      expect(kept).toContain('step-000010');
      expect(kept.length).toBeLessThanOrEqual(2);
    });
  });
});
