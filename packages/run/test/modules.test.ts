/** How a run is put together: what its container holds, what is saved of it, and in which order it is taken apart. */
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  defineController,
  defineEvaluator,
  definePlugin,
  defineRecorder,
  TOKENS,
  type LigatureEvent,
  type Plugin,
  type RunConfigInput,
  type RunContainer,
  type Snapshot,
} from '@ligature/core';
import { CheckpointStore } from '@ligature/trainer/node';
import type { WeightRegistry } from '@ligature/weight-sharing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RunCheckpoints } from '../src/checkpointing.js';
import { EventLog } from '../src/event-log.js';
import { evaluateRun } from '../src/index.js';
import { trainer } from '../src/modules/training.js';
import { composed, environment, tinyRun, withFolder } from './tiny-run.js';

const noOptions = z.strictObject({});

describe('what is saved of a run', () => {
  it('is what moves in it, by name', async () => {
    await withFolder(async (folder) => {
      const states = (overrides: RunConfigInput) =>
        composed(folder, overrides, (container) => [...container.states.keys()].sort());
      const always = ['batches', 'controller', 'probe', 'streams', 'tying'];
      const evaluation = { evaluators: ['diagnostics', 'memory'] };
      expect(await states({ controller: 'none', evaluation: { evaluators: [] } })).toEqual(always);
      expect(await states({ controller: 'q-learning', evaluation })).toEqual(
        [...always, 'evaluator/diagnostics', 'evaluator/memory', 'reward'].sort(),
      );
    });
  });

  it('comes to the trainer too, once it is there', async () => {
    await withFolder((folder) =>
      composed(folder, {}, async (container) => {
        await trainer({
          save: () => Promise.resolve(''),
          rollBack: () => Promise.resolve(undefined),
          weightsOf: () => Promise.reject(new Error('nothing was kept')),
        })(container);
        expect([...container.states.keys()].at(-1)).toBe('trainer');
        expect(container.states.get('trainer')?.snapshot()).toMatchObject({ step: 0, window: 0 });
      }),
    );
  });

  it('has one part to a name: a second of the same is refused', async () => {
    const still = { snapshot: () => null, restore: () => undefined };
    const twin = defineEvaluator({
      meta: { summary: 'has a state', options: noOptions },
      create: () => ({ name: 'twin', ...still }),
    });
    const twins = definePlugin({ name: 'twins', version: '1.0.0', evaluators: { one: twin, two: twin } });
    await withFolder(async (folder) => {
      await composed(folder, {}, (container) =>
        expect(() => container.saves('batches', still)).toThrow(
          expect.objectContaining({ name: 'ContractError', code: 'state-twice' }),
        ),
      );
      const both = tinyRun(folder, { evaluation: { evaluators: ['one', 'two'] } }, [twins]);
      await expect(both).rejects.toMatchObject({ code: 'state-twice', message: /"evaluator\/twin"/ });
    });
  });

  it('is put back by a rollback but for the trainer, whose state is handed over', async () => {
    await withFolder((folder) =>
      composed(folder, { controller: 'random', model: { layers: 3 } }, async (container) => {
        const registry = container.get(TOKENS.registry) as WeightRegistry;
        const batches = container.get(TOKENS.trainingBatches);
        const restored: Snapshot[] = [];
        container.saves('trainer', {
          snapshot: () => ({ step: 0 }),
          restore: (state) => void restored.push(state),
        });
        const log = await EventLog.create(folder, { rotateBytes: 1e6, keepFiles: 1 });
        const store = new CheckpointStore(join(folder, 'checkpoints'));
        const checkpoints = new RunCheckpoints(container, store, log, () => undefined);
        expect(await checkpoints.rollBack()).toBeUndefined();
        await checkpoints.save(0);
        const before = { weights: registry.exportWeights(), order: batches.snapshot() };
        batches.next();
        registry.apply({ kind: 'map', tieMap: [0, 0, 0] });
        expect(await checkpoints.rollBack()).toEqual({ step: 0, trainer: { step: 0 } });
        expect({ weights: registry.exportWeights(), order: batches.snapshot() }).toEqual(before);
        expect(restored).toEqual([]);
        await log.close();
      }),
    );
  });
});

describe('a plug-in', () => {
  it('takes what it needs from the container: the example of the README', async () => {
    const path = new URL('fixtures/by-size.mjs', import.meta.url);
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(`\`\`\`js\n${readFileSync(path, 'utf8')}\`\`\``);
    const { default: plugin } = (await import(path.href)) as { default: Plugin };
    await withFolder(async (folder) => {
      const map = async (blocks: number) => {
        // A block of width 8 has 12 width² + 13 width parameters.
        const parameters = blocks * (12 * 64 + 13 * 8) + 1;
        const controller = { name: 'by-size', parameters };
        const overrides = { controller, model: { layers: 4 } };
        return composed(
          folder,
          overrides,
          (container) => (container.get(TOKENS.registry) as WeightRegistry).tieMap,
          [plugin],
        );
      };
      expect(await map(2)).toEqual([0, 1, 0, 1]);
      expect(await map(3)).toEqual([0, 1, 2, 0]);
      expect(await map(0)).toEqual([0, 0, 0, 0]);
    });
  });

  it('is told what is not there yet', async () => {
    const early = defineController({
      meta: { summary: 'wants the registry before it is made', options: noOptions },
      create: (_options, context) => {
        context.get(TOKENS.registry);
        return { snapshot: () => null, restore: () => undefined };
      },
    });
    const plugin = definePlugin({ name: 'early', version: '1.0.0', controllers: { early } });
    await withFolder(async (folder) => {
      await expect(tinyRun(folder, { controller: 'early' }, [plugin])).rejects.toMatchObject({
        code: 'not-provided',
        message: expect.stringContaining('WeightRegistry') as string,
      });
    });
  });

  it('finds the parts of a run in its evaluators too when a finished one is measured', async () => {
    const seen: string[] = [];
    const curious = defineEvaluator({
      meta: { summary: 'counts parameters', options: noOptions },
      create: (_options, { get }) => {
        const { totalParameters } = get(TOKENS.ledger)();
        const { name } = get(TOKENS.task);
        seen.push(`${name} ${get(TOKENS.objective).layers} ${totalParameters} ${get(TOKENS.config).seed}`);
        return { name: 'curious' };
      },
    });
    const plugin = definePlugin({ name: 'curious', version: '1.0.0', evaluators: { curious } });
    await withFolder(async (folder) => {
      const { folder: run, result } = await tinyRun(folder, { evaluation: { evaluators: ['curious'] } }, [
        plugin,
      ]);
      await evaluateRun(run, { split: 'test' }, environment(folder, {}, [plugin]));
      expect(seen).toEqual(Array(2).fill(`causal-lm 2 ${result.ledger.totalParameters} 1`));
    });
  });
});

describe('the end of a run', () => {
  it('takes its parts away in the reverse order, each while what it was made of is still there', async () => {
    const order: string[] = [];
    const alive = (get: RunContainer['get']): boolean => {
      try {
        return (get(TOKENS.registry) as WeightRegistry).tieMap.length > 0;
      } catch {
        return false;
      }
    };
    const meta = { summary: 'notes when it ends', options: noOptions };
    const plugin = definePlugin({
      name: 'ends',
      version: '1.0.0',
      controllers: {
        ends: defineController({
          meta,
          create: () => ({
            snapshot: () => null,
            restore: () => undefined,
            dispose: () => void order.push('controller'),
          }),
        }),
      },
      evaluators: {
        ends: defineEvaluator({
          meta,
          create: (_options, { get }) => ({
            name: 'ends',
            attach: () => () => void order.push(`evaluator, registry ${alive(get)}`),
          }),
        }),
      },
      recorders: {
        ends: defineRecorder({
          meta,
          create: (_options, { get }) => ({
            name: 'ends',
            attach: () => () => void order.push(`recorder detached, registry ${alive(get)}`),
            close: () => {
              order.push('recorder closed');
              return Promise.resolve();
            },
          }),
        }),
      },
    });
    await withFolder(async (folder) => {
      const evaluation = { evaluators: ['ends'] };
      const overrides = { controller: 'ends', evaluation, recorders: ['ends'] };
      const { events } = await tinyRun(folder, overrides, [plugin]);
      expect(events.at(-1)).toMatchObject({ type: 'checkpoint.saved' } satisfies Partial<LigatureEvent>);
      expect(order).toEqual([
        'recorder detached, registry true',
        'recorder closed',
        'evaluator, registry true',
        'controller',
      ]);
    });
  });
});
