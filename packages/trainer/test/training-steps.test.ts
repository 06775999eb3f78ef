/** Which batches a step takes, how much each counts, and what no step ever changes. */
import { isDeepStrictEqual } from 'node:util';
import '@tensorflow/tfjs-backend-cpu';
import { createRandomStreams, type Batch, type BatchSource } from '@ligature/core';
import { WeightRegistry, type SharingOptions } from '@ligature/weight-sharing';
import { describe, expect, it } from 'vitest';
import { createAdamW, createMuon, createSgd, trainStep, TrainingSteps } from '../src/index.js';
import { batchSource, createRun, randomBatch, stepOptions, tokenBatch } from './support.js';
import { createToyObjective } from './toy-model.js';

const objective = createToyObjective({ layers: 4, width: 5, vocabularySize: 7 });

function stepsOf(accumulation: number, sharing: Partial<SharingOptions> = {}, source?: BatchSource) {
  const streams = createRandomStreams(3);
  const registry = new WeightRegistry(objective, streams, sharing);
  registry.initialize();
  const batches = source ?? batchSource(streams, 2, 3, objective);
  const config = { training: { accumulation, clip: 1 } };
  const steps = new TrainingSteps(objective, registry, createAdamW(), batches, streams, config);
  return { steps, registry, batches };
}

/** Some labels of the batch do not count any more. */
function padded({ fields }: Batch, dropped: readonly number[]): Batch {
  const { inputs, labels } = fields as Record<'inputs' | 'labels', Batch['fields'][string]>;
  const kept = [...labels.data].map((label, place) => (dropped.includes(place) ? -1 : label));
  return tokenBatch(inputs.data, kept, inputs.shape[0]!);
}

describe('TrainingSteps', () => {
  it('takes as many batches for a step as are accumulated, one after the other', async () => {
    const { steps, registry, batches } = stepsOf(3);
    const drawn: Batch[] = [];
    const { next } = batches;
    batches.next = () => {
      drawn.push(next());
      return drawn.at(-1)!;
    };
    const twin = stepsOf(1).registry;
    expect(steps.accumulation).toBe(3);
    const taken = await steps.take(0.02);
    expect(drawn).toHaveLength(3);
    expect(taken).toEqual(await trainStep(objective, twin, drawn, 0.02, stepOptions));
    expect(taken).toMatchObject({ weight: 18, applied: true });
    expect(registry.exportWeights()).toEqual(twin.exportWeights());
    registry.dispose();
    twin.dispose();
  });

  it('passes over the batches of the steps that it skips, and changes nothing', async () => {
    const { steps, registry, batches } = stepsOf(3);
    const before = registry.exportWeights();
    steps.skip(2);
    expect(registry.exportWeights()).toEqual(before);
    const twin = stepsOf(3);
    for (let batch = 0; batch < 6; batch += 1) twin.batches.next();
    expect(batches.snapshot()).toEqual(twin.batches.snapshot());
    expect(await steps.take(0.02)).toEqual(await twin.steps.take(0.02));
    steps.skip(0);
    expect(batches.snapshot()).toEqual(twin.batches.snapshot());
    registry.dispose();
    twin.registry.dispose();
  });

  it('weighs micro-batches by the targets that count: two of different weights equal one batch of both', async () => {
    const stream = createRandomStreams(2).stream('data-order');
    const whole = randomBatch(stream, 4, 3, 7);
    const [first, second] = [0, 6].map((start) => {
      const ids = (name: string) => whole.fields[name]!.data.slice(start, start + 6);
      return tokenBatch(ids('inputs'), ids('labels'), 2);
    }) as [Batch, Batch];
    // One target of six counts in the first, all in the second.
    const parts = [padded(first, [0, 1, 3, 4, 5]), second];
    expect(parts.map(({ weight }) => weight)).toEqual([1, 6]);
    const run = async (batches: readonly Batch[]) => {
      const { registry } = stepsOf(1);
      const taken = await trainStep(objective, registry, batches, 0.02, { ...stepOptions, clipNorm: null });
      const gradient = registry.binding().leaves.flatMap(({ state }) => [...state!.slots['m']!.dataSync()]);
      registry.dispose();
      return { ...taken, gradient };
    };
    const [apart, together] = [await run(parts), await run([padded(whole, [0, 1, 3, 4, 5])])];
    expect(apart.weight).toBe(7);
    expect(together.weight).toBe(7);
    expect(Math.abs(apart.loss - together.loss)).toBeLessThan(1e-6);
    expect(Math.abs(apart.gradientNorm - together.gradientNorm)).toBeLessThan(1e-6);
    apart.gradient.forEach((value, at) =>
      expect(Math.abs(value - together.gradient[at]!)).toBeLessThan(1e-7),
    );
    // A mean of the two means would be another number.
    const losses = await Promise.all(parts.map((part) => run([part])));
    expect(Math.abs((losses[0]!.loss + losses[1]!.loss) / 2 - together.loss)).toBeGreaterThan(1e-2);
  });
});

describe('what is frozen', () => {
  it.each([
    ['adamw', createAdamW({ weightDecay: 0.5, decay: 'all' })],
    ['sgd', createSgd({ weightDecay: 0.5 })],
    ['muon', createMuon()],
  ])(
    'never changes and has no slots while the rest is trained, tied and untied (%s)',
    async (_name, optimizer) => {
      const freeze = ['embedding', 'h.1.*', '*.0.bias'];
      const run = createRun(objective, { steps: 9, window: 1 }, { freeze }, undefined, { optimizer });
      const { bus, registry, trainer } = run;
      const maps = [
        [0, 1, 2, 3],
        [0, 0, 2, 2],
        [0, 1, 1, 0],
        [0, 1, 2, 3],
      ];
      bus.handle({
        type: 'window.opened',
        phase: 'apply',
        name: 'tie',
        handle: ({ window }) => void registry.apply({ kind: 'map', tieMap: maps[window % maps.length]! }),
      });
      const own = ['embedding', 'h.0.bias', 'h.1.weight', 'h.1.bias'];
      const values = () => registry.exportWeights().tensors;
      const before = values();
      const seen: { readonly kept: string[]; readonly trained: string[] }[] = [];
      bus.on('step.completed').subscribe(() => {
        const kept = [...values()].filter(([name, value]) => isDeepStrictEqual(value, before.get(name)));
        const { leaves } = registry.binding();
        seen.push({ kept: kept.map(([name]) => name), trained: leaves.map(({ name }) => name) });
      });
      await trainer.run();
      // Window 0 trains every layer by itself; the first tie drops the block of layer 1.
      expect(seen).toHaveLength(9);
      expect([...seen[0]!.kept].sort()).toEqual([...own].sort());
      for (const { kept, trained } of seen) {
        expect(kept).toEqual(expect.arrayContaining(['embedding', 'h.0.bias']));
        expect(trained.filter((name) => own.includes(name))).toEqual([]);
      }
      for (const name of ['embedding', 'h.0.bias']) expect(values().get(name)).toEqual(before.get(name));
      expect(values().get('head')).not.toEqual(before.get('head'));
      const { slots } = registry.snapshot() as { slots: readonly { readonly name: string }[] };
      const named = slots.map(({ name }) => name);
      expect(named).toContain('h.0.weight');
      for (const name of ['embedding', 'h.0.bias']) expect(named).not.toContain(name);
      bus.dispose();
      registry.dispose();
    },
  );
});
