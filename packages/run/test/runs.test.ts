import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createRandomStreams,
  defineRecorder,
  definePlugin,
  InputError,
  withProfile,
  type LigatureEvent,
  type Model,
  type RunConfigInput,
} from '@ligature/core';
import { WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { evaluateRun, generateText, openRun, runTrial, unknownWords } from '../src/index.js';
import { environment, hearing, tinyConfig, tinyRun, withFolder } from './tiny-run.js';

/** The log without its only unrepeatable number. */
const withoutTimings = (log: readonly string[]): string[] =>
  log.map((line) =>
    JSON.stringify(JSON.parse(line), (key, value: unknown) => (key === 'durationMs' ? 0 : value)),
  );

const learning: RunConfigInput = {
  controller: 'q-learning',
  model: { layers: 4, dropout: 0.1 },
  training: { steps: 12 },
};

describe('a run', () => {
  it('gives the same log for the same seed, and another for another', async () => {
    await withFolder(async (folder) => {
      const logs = [];
      for (const [name, seed] of [
        ['first', 5],
        ['second', 5],
        ['third', 6],
      ] as const) {
        logs.push(withoutTimings((await tinyRun(folder, { ...learning, seed }, [], name)).log));
      }
      expect(logs[1]).toEqual(logs[0]);
      expect(logs[2]).not.toEqual(logs[0]);
    });
  });

  it('gives every controller the same initialization, order and tokens', async () => {
    await withFolder(async (folder) => {
      const losses: number[][] = [];
      for (const [name, map] of [
        ['none', undefined],
        ['map', '0-1-2'],
        ['map', '0-0-0'],
      ] as const) {
        const controller = map === undefined ? name : { name, options: { map } };
        const run = await tinyRun(folder, { controller, model: { layers: 3 } }, [], `${name}-${map}`);
        losses.push(run.result.losses.map(({ loss }) => loss));
      }
      // Another controller with the same map is the same training to the last bit; another map is not.
      expect(losses[1]).toEqual(losses[0]);
      expect(losses[2]).not.toEqual(losses[0]);
    });
  });

  it('asks nobody and measures no reward after the window in which tying.until is reached', async () => {
    await withFolder(async (folder) => {
      const tying = { until: 0.5, window: 1 };
      const { result, events } = await tinyRun(folder, { ...learning, controller: 'random', tying });
      const count = (type: LigatureEvent['type']) => events.filter((event) => event.type === type).length;
      // 12 windows of a step; random learns nothing, so nothing is measured for it at all.
      expect([count('window.opened'), count('tying.decided'), count('reward.measured')]).toEqual([12, 7, 0]);
      const frozen = events.filter((event) => event.type === 'tying.frozen');
      expect(frozen).toEqual([{ type: 'tying.frozen', window: 6, step: 6, tieMap: result.tieMap }]);
      const learner = await tinyRun(folder, { ...learning, tying }, [], 'learner');
      const rewards = learner.events.filter(({ type }) => type === 'reward.measured');
      expect(rewards).toHaveLength(6);
    });
  });

  it('warns of the saturated rewards of the official profile', async () => {
    await withFolder(async (folder) => {
      // Byte perplexities of an untrained model are near 258, and rewards are clipped to plus and minus 10.
      const official: RunConfigInput = withProfile({
        tokenizer: { name: 'byte', options: { bos: true, eos: true } },
        controller: 'q-learning',
        training: { steps: 10 },
        tying: { profile: 'official', window: 1 },
      });
      const { result, events } = await tinyRun(folder, official);
      const rewards = events.filter(({ type }) => type === 'reward.measured');
      expect(rewards).toHaveLength(10);
      for (const event of rewards) expect(event).toMatchObject({ reward: -10, saturated: true });
      expect(result.diagnostics.map(({ code }) => code)).toContain('reward-saturated');
    });
  });

  it('leaves no tensor behind, also when it fails', async () => {
    await withFolder(async (folder) => {
      await tinyRun(folder, learning, [], 'warm-up');
      const before = tf.memory().numTensors;
      await tinyRun(folder, learning, [], 'good');
      expect(tf.memory().numTensors).toBe(before);
      const diverging = {
        ...learning,
        training: { steps: 12, learningRate: 10, clip: null, batch: 2, warmup: 0 },
        optimizer: { name: 'adamw', weightDecay: 10 },
      };
      await expect(tinyRun(folder, diverging, [], 'bad')).rejects.toMatchObject({ code: 'diverged' });
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  it('reports what ended it, also when a recorder cannot be closed then', async () => {
    const fails = (message: string) => () => {
      throw new Error(message);
    };
    const recorder = defineRecorder({
      meta: { summary: 'fails twice', options: z.strictObject({}) },
      create: () => ({
        name: 'frail',
        attach: (bus) =>
          bus.handle({ type: 'step.completed', phase: 'record', name: 'frail', handle: fails('disk full') }),
        close: fails('cannot close'),
      }),
    });
    const plugin = definePlugin({ name: 'frail', version: '1.0.0', recorders: { frail: recorder } });
    await withFolder(async (folder) => {
      const run = tinyRun(folder, { recorders: ['frail'] }, [plugin]);
      await expect(run).rejects.toMatchObject({ code: 'handler-failed', handler: 'frail' });
      const log = readFileSync(join(folder, 'run', 'events.jsonl'), 'utf8')
        .trimEnd()
        .split('\n');
      expect(JSON.parse(log.at(-1) as string)).toMatchObject({ type: 'run.failed', code: 'handler-failed' });
    });
  });

  it('stops cleanly when it is told to, and says so', async () => {
    await withFolder(async (folder) => {
      const abort = new AbortController();
      const config = tinyConfig(folder, { training: { steps: 50 } });
      const result = await runTrial(
        config,
        join(folder, 'run'),
        environment(folder, {
          signal: abort.signal,
          listen: (bus) => void bus.on('step.completed').subscribe(({ step }) => step === 3 && abort.abort()),
        }),
      );
      expect(result).toMatchObject({ outcome: 'stopped', steps: 3, test: {} });
      expect(existsSync(join(folder, 'run', 'checkpoints', 'step-000003', 'model.safetensors'))).toBe(true);
    });
  });
});

describe('a finished run', () => {
  it('measures the same when it is opened again, and writes text that its seed decides', async () => {
    await withFolder(async (folder) => {
      const { result, folder: run } = await tinyRun(folder, learning);
      const heard: LigatureEvent[] = [];
      const env = environment(
        folder,
        hearing((event) => heard.push(event)),
      );
      const again = await evaluateRun(run, { split: 'test' }, env);
      const told = heard.filter((event) => event.type === 'evaluation.progressed');
      const total = told.length - 1;
      expect(total).toBeGreaterThan(0);
      expect(told).toEqual(
        told.map((_, done) => ({ type: 'evaluation.progressed', split: 'test', done, total })),
      );
      expect(again.metrics['nats']).toBeCloseTo(result.test['nats'] as number, 5);
      expect(again.tieMap).toEqual(result.tieMap);
      expect(again.ledger.uniqueParameters).toBe(result.ledger.uniqueParameters);

      const opened = await openRun(run, env);
      const write = async (seed: number): Promise<string> => {
        let text = '';
        for await (const piece of generateText(opened, { prompt: 'Line 3', maxTokens: 24, seed }))
          text += piece;
        return text;
      };
      const first = await write(1);
      expect(first.length).toBeGreaterThan(0);
      expect(await write(1)).toBe(first);
      expect(await write(2)).not.toBe(first);
      opened.dispose();
    });
  });

  it('counts as it did while it ran when it is opened again, under the official profile too', async () => {
    await withFolder(async (folder) => {
      const official: RunConfigInput = withProfile({
        tokenizer: { name: 'byte', options: { bos: true, eos: true } },
        controller: 'q-learning',
        model: { layers: 4 },
        training: { steps: 8 },
        tying: { profile: 'official', window: 1 },
      });
      const { result, events, folder: run } = await tinyRun(folder, official);
      const again = await evaluateRun(run, { split: 'test' }, environment(folder));
      expect(again.ledger).toEqual(result.ledger);
      expect(again.tieMap).toEqual(result.tieMap);
      expect(again.metrics['nats']).toBeCloseTo(result.test['nats'] as number, 5);

      const opened = await openRun(run, environment(folder));
      const applied = events.filter((event) => event.type === 'tying.applied');
      expect(opened.registry.state).toEqual(applied.at(-1)?.state);
      // The log of actions says more than the map does: weights alone would not bring it back.
      const imported = new WeightRegistry(opened.objective, createRandomStreams(1), { profile: 'official' });
      imported.importWeights(opened.saved.weights);
      expect(imported.ledger(opened.objective.cost({ inputs: [2, 8], labels: [2, 8] }))).not.toEqual(
        opened.registry.ledger(opened.objective.cost({ inputs: [2, 8], labels: [2, 8] })),
      );
      imported.dispose();
      opened.dispose();
    });
  });

  it('goes on in the line of the prompt, after a space, and past line ends, with a tokenizer of words', async () => {
    await withFolder(async (folder) => {
      const { folder: run } = await tinyRun(folder, { tokenizer: 'word', evaluation: { batch: 2 } });
      const opened = await openRun(run, environment(folder));
      const tokenizer = opened.fitted.tokenizer!;
      const outputs = tokenizer.vocabularySize;
      const idOf = (word: string): number => tokenizer.encode(word)[0] as number;
      // Draws `and`, a line end, `Line`, `make`, whatever came before.
      const script = [idOf('and'), tokenizer.eosId as number, idOf('Line'), idOf('make')];
      const read: number[][] = [];
      const { decoder: _, ...withoutDecoder } = opened.model;
      const scripted: Model = {
        ...withoutDecoder,
        encode: (_view, { inputs }) => {
          const next = script[read.length] as number;
          read.push([...inputs!.dataSync()]);
          const [batch = 0, time = 0] = inputs!.shape;
          const ones = tf.oneHot(tf.fill([batch * time], next, 'int32'), outputs);
          return { rows: tf.mul(ones, tf.scalar(9)) as tf.Tensor2D, batch, time };
        },
        heads: {
          'causal-lm': () => ({
            outputs,
            parameters: [],
            project: (_view, { rows }) => ({ features: rows, weight: tf.eye(outputs) }),
            cost: () => ({ weightFlops: {}, activationBytes: 0 }),
          }),
        },
      };
      let text = '';
      for await (const piece of generateText(
        { ...opened, model: scripted },
        { prompt: 'Line 3', maxTokens: 4, temperature: 0, seed: 1 },
      ))
        text += piece;
      // No `<eos>` between the prompt and what follows it.
      expect(read[0]).toEqual([idOf('Line'), idOf('3')]);
      expect(read[1]).toEqual([idOf('Line'), idOf('3'), idOf('and')]);
      expect(text).toBe(' and\nLine make');
      expect(unknownWords(opened, 'Line zzz 3 qqq zzz <unk>')).toEqual(['zzz', 'qqq']);
      opened.dispose();
    });
  });

  it('refuses a folder that holds none', async () => {
    await withFolder(async (folder) => {
      await expect(openRun(folder, environment(folder))).rejects.toThrow(InputError);
      await expect(openRun(folder, environment(folder))).rejects.toThrow(/no checkpoint/);
    });
  });
});

describe('text', () => {
  it('refuses a text that is too short, with the numbers', async () => {
    await withFolder(async (folder) => {
      const config = tinyConfig(folder, { training: { steps: 1 } });
      writeFileSync(config.dataset!.name, 'Too short.\n');
      const run = runTrial(config, join(folder, 'run'), environment(folder));
      await expect(run).rejects.toThrow(InputError);
      // Nothing was written for a run that could not begin.
      expect(existsSync(join(folder, 'run'))).toBe(false);
    });
  });

  it('learns a tokenizer again when its cache entry is damaged', async () => {
    await withFolder(async (folder) => {
      const tokenizer = { name: 'bpe', options: { vocabularySize: 270 } };
      const first = await tinyRun(folder, { tokenizer, training: { steps: 1 } }, [], 'first');
      const cache = join(folder, 'cache', 'tokenizers');
      const [entry] = readdirSync(cache);
      const path = join(cache, entry as string);
      const whole = readFileSync(path, 'utf8');
      for (const damaged of ['{"model":{}}', '{"model"', 'null']) {
        writeFileSync(path, damaged);
        const again = await tinyRun(
          folder,
          { tokenizer, training: { steps: 1 } },
          [],
          `after-${damaged.length}`,
        );
        expect(again.result.test).toEqual(first.result.test);
        expect(readFileSync(path, 'utf8')).toBe(whole);
      }
    });
  });
});
