/** Real runs whose controller has ties probed: what the log says is what was done, and nothing else moves. */
import { join } from 'node:path';
import {
  cheapestMerges,
  createLossProbed,
  plugin as lossProbed,
  type LossProbedOptionsInput,
} from '@ligature/controller-loss-probed';
import {
  createRandomStream,
  createRandomStreams,
  defineController,
  definePlugin,
  measurementOf,
  type EventOf,
  type EventType,
  type Field,
  type Objective,
  type RunConfig,
  type RunConfigInput,
  type TieCosts,
  type TrialResult,
} from '@ligature/core';
import { measuringShare } from '@ligature/studies';
import { createCausalLm } from '@ligature/tasks';
import { worldObservation } from '@ligature/testing';
import { createAdamW, createObjective, headOf, Measuring, Stepper } from '@ligature/trainer';
import { createGpt2 } from '@ligature/transformer';
import { checkWanted, WeightRegistry } from '@ligature/weight-sharing';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { remains, run } from '../packages/run/test/resumed-run.js';
import { tinyRun, withFolder, type TinyRun } from '../packages/run/test/tiny-run.js';

const base: RunConfigInput = {
  model: { layers: 4, width: 8, heads: 2, context: 8, dropout: 0.1 },
  training: { steps: 8, batch: 2, warmup: 0 },
  tying: { window: 1 },
};
const probed = (options: LossProbedOptionsInput): RunConfigInput => ({
  controller: { name: 'loss-probed', options },
});

const eventsOf = <T extends EventType>({ events }: TinyRun, type: T): EventOf<T>[] =>
  events.filter((event): event is EventOf<T> => event.type === type);

describe('loss-probed', () => {
  it('merges what the log says was cheapest, on its schedule', async () => {
    await withFolder(async (folder) => {
      const options = { blocks: 2, from: 0.25, until: 0.75, batches: 2 };
      const made = await tinyRun(folder, { ...base, ...probed(options) }, [lossProbed]);
      const measured = eventsOf(made, 'layers.measured');
      expect(measured.map(({ window, values }) => [window, values.length])).toEqual([
        [4, 3],
        [6, 2],
      ]);
      for (const event of measured) {
        const { previous, tieMap } = eventsOf(made, 'tying.applied').find(
          ({ window }) => window === event.window,
        )!;
        const costs = measurementOf(event) as TieCosts;
        expect(tieMap).toEqual(cheapestMerges(previous, costs.pairs, 1));
        const { notes } = eventsOf(made, 'tying.decided').find(({ window }) => window === event.window)!;
        const named = costs.pairs.map(({ first, second, cost }) => [`${first}+${second}`, cost]);
        expect(notes.costs).toEqual(Object.fromEntries(named));
        expect(event.tokens).toBeGreaterThan(0);
      }
    });
  });

  it('moves nothing by measuring: losses are those of a run that never asks', async () => {
    await withFolder(async (folder) => {
      const asks = definePlugin({
        ...{ name: 'asks', version: '0.0.0' },
        controllers: {
          asks: defineController({
            meta: { summary: 'asks and never decides', options: z.object({}) },
            create: () => ({
              wants: () => ({ measure: 'tie-cost', pairs: 'all', substitute: 'mean' }),
              decide: () => ({ kind: 'keep' }),
              snapshot: () => null,
              restore: () => undefined,
            }),
          }),
        },
      });
      const asked = await tinyRun(folder, { ...base, controller: 'asks' }, [asks], 'a');
      const silent = await tinyRun(folder, { ...base, controller: 'none' }, [], 'b');
      expect(eventsOf(asked, 'layers.measured')).toHaveLength(8);
      const losses = (one: TinyRun): number[] => eventsOf(one, 'step.completed').map(({ loss }) => loss);
      expect(losses(asked)).toEqual(losses(silent));
      const test = ({ result }: TinyRun) => result.test;
      expect(test(asked)).toEqual(test(silent));
    });
  });

  it('goes on exactly where it was stopped', async () => {
    await withFolder(async (folder) => {
      const overrides = probed({ blocks: 1, from: 0, until: 1, batches: 1 });
      const whole = await run(folder, 'whole', overrides, [], [lossProbed]);
      for (const stops of [[4], [7, 9]]) {
        const name = `stopped-${stops.join('-')}`;
        const resumed = await run(folder, name, overrides, stops, [lossProbed]);
        expect({ stops, ...remains(join(folder, name)) }).toEqual({
          stops,
          ...remains(join(folder, 'whole')),
        });
        expect(resumed.tieMaps).toEqual(whole.tieMaps);
      }
    });
  });

  it('pays for its measurements out of a budget of tokens or FLOPs, and says what they took', async () => {
    await withFolder(async (folder) => {
      const options = { blocks: 2, from: 0, until: 0.5, batches: 1 };
      const trained = async (budget: NonNullable<RunConfig['training']['budget']>): Promise<TrialResult> => {
        const { steps: _steps, ...training } = base.training!;
        const config = { ...base, training: { ...training, budget }, ...probed(options) };
        return (await tinyRun(folder, config, [lossProbed], budget.kind)).result;
      };
      const tokens = await trained({ kind: 'tokens', amount: 10 * 16 });
      // One loss and three, then one and two costs, each a third of the 16 tokens of a step: 21 + 16 of 160.
      expect(tokens).toMatchObject({ steps: 8, tokens: 8 * 16, measuring: { tokens: 37 } });
      const { trainingFlops = 0, measuring } = tokens;
      expect(measuring!.flops / 7).toBeCloseTo(trainingFlops / 8 / 3, 6);
      expect(measuringShare(tokens)).toBeCloseTo(7 / 3 / (8 + 7 / 3), 9);
      const flops = await trained({ kind: 'flops', amount: trainingFlops + measuring!.flops });
      expect(flops).toMatchObject({ steps: 8, trainingFlops, measuring });
    });
  });

  it('merges two layers that are equal before any others, at no cost', async () => {
    await tf.setBackend('cpu');
    const model = createGpt2({ layers: 5, width: 8, heads: 2, context: 6, vocabularySize: 11 });
    const head = headOf(model, { kind: 'causal-lm', outputs: 11 });
    const objective: Objective = createObjective({ model, head, task: createCausalLm() });
    const stream = createRandomStream(7, 'twins');
    const ids = (): Field => ({
      ...{ shape: [3, 6], dtype: 'int32' },
      data: Int32Array.from({ length: 18 }, () => stream.integer(0, 11)),
    });
    const batch = { fields: { inputs: ids(), labels: ids() }, weight: 18 };

    // Layers 2 and 3 have learnt as one, and are two with equal weights from now on.
    const registry = new WeightRegistry(objective, createRandomStreams(3));
    registry.initialize([0, 1, 2, 2, 4]);
    const stepper = new Stepper(objective, registry, { optimizer: createAdamW(), clipNorm: 1 });
    // Until the batch is known by heart: from there a change can only do harm.
    let loss = Infinity;
    for (let step = 0; step < 1000 && loss > 0.02; step += 1) {
      loss = (await stepper.step([batch], 0.01)).loss;
    }
    expect(loss).toBeLessThan(0.02);
    stepper.dispose();
    registry.untie(3);
    expect(registry.tieMap).toEqual([0, 1, 2, 3, 4]);

    const measuring = new Measuring({
      ...{ objective, registry, batches: () => [batch] },
      ledger: (shape) => registry.ledger(objective.cost(shape)),
    });
    const controller = createLossProbed({ blocks: 4, from: 0, until: 0 }, { layers: 5 });
    const observation = worldObservation(0, registry.tieMap, [], 0);
    const order = checkWanted(controller.wants!(observation), observation, 'loss-probed')!;
    const { measurement } = await measuring.measure(order);
    const costs = (measurement as TieCosts).pairs.map(({ cost }) => cost);
    expect(costs[2]).toBe(0);
    for (const at of [0, 1, 3]) expect(costs[at]).toBeGreaterThan(0.02);
    const decision = await controller.decide!(
      { ...observation, measured: measurement },
      createRandomStream(1, 'policy'),
    );
    expect(decision).toMatchObject({ kind: 'map', tieMap: [0, 1, 2, 2, 4] });
    measuring.dispose();
    registry.dispose();
  });
});
