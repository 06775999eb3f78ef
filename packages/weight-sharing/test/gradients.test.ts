/** Gradient modes, against an untied stack whose blocks were given equal weights. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import { allTieMaps, createRandomStreams, type TieMap } from '@ligature/core';
import { WeightRegistry, type GradientMode } from '../src/index.js';
import { gradients, loss, toyStack, toyRegistry } from './support.js';

const BLOCK = ['norm.g', 'attn.w', 'mlp.w'];

/** The same function as `tied`, but every position is a leaf of its own. */
function spreadOut(tied: WeightRegistry): WeightRegistry {
  const weights = new Map<string, tf.Tensor>([['wte', tied.view().global('wte')]]);
  for (let layer = 0; layer < tied.stack.layers; layer += 1) {
    for (const name of BLOCK) weights.set(`h.${layer}.${name}`, tied.view().block(layer, name));
  }
  const untied = new WeightRegistry(toyStack(tied.stack.layers), createRandomStreams(0));
  untied.initialize(undefined, weights);
  return untied;
}

/** What the mode means, from the gradients of the separate positions. */
function expected(positions: number[][], mode: GradientMode): number[] {
  const first = positions[0] as number[];
  if (mode === 'source-only') return first;
  const sum = first.map((_, i) => positions.reduce((total, one) => total + (one[i] as number), 0));
  return mode === 'mean' ? sum.map((x) => x / positions.length) : sum;
}

function check(map: TieMap, mode: GradientMode, components: string[]): void {
  const tied = toyRegistry(map.length, { gradient: mode, components }, map);
  const untied = spreadOut(tied);
  expect(loss(tied)).toBeCloseTo(loss(untied), 6);
  const separate = gradients(untied, untied.binding());
  const found = gradients(tied, tied.binding());
  const maps: Record<string, TieMap> = {
    'norm.g': tied.tieMapOf('norms'),
    'attn.w': tied.tieMapOf('attention'),
    'mlp.w': tied.tieMapOf('mlp'),
  };
  const want = new Map([['wte', separate.get('wte') as number[]]]);
  for (const name of BLOCK) {
    (maps[name] as TieMap).forEach((owner, layer, whole) => {
      if (owner !== layer) return;
      const positions = whole.flatMap((root, at) =>
        root === layer ? [separate.get(`h.${at}.${name}`) as number[]] : [],
      );
      want.set(`h.${layer}.${name}`, expected(positions, mode));
    });
  }
  expect([...found.keys()].sort()).toEqual([...want.keys()].sort());
  for (const [id, gradient] of want) {
    gradient.forEach((value, i) => expect((found.get(id) as number[])[i], id).toBeCloseTo(value, 5));
  }
  tied.dispose();
  untied.dispose();
}

describe('gradients', () => {
  it.each(['accumulate', 'mean', 'source-only'] as const)('%s, on any map and components', (mode) => {
    const components = fc.subarray(['norms', 'attention', 'mlp'], { minLength: 1 });
    fc.assert(
      fc.property(fc.constantFrom(...allTieMaps(4)), components, (map, tied) => check(map, mode, tied)),
      { numRuns: 12 },
    );
  });

  it('of frozen uses are never computed: the tape sees constants', () => {
    const registry = toyRegistry(3, { gradient: 'source-only' }, [0, 0, 0]);
    const { frozen, leaves } = registry.binding();
    expect(frozen).toHaveLength(BLOCK.length);
    expect(leaves.map((leaf) => leaf.id)).toEqual(['wte', ...BLOCK.map((name) => `h.0.${name}`)]);
    const clones = new Set(frozen.map((tensor) => tensor.id));
    expect(leaves.every((leaf) => !clones.has(leaf.tensor.id))).toBe(true);
    expect(registry.binding().key).not.toBe(toyRegistry(3, {}, [0, 0, 0]).binding().key);
  });

  it('run over any tensors in place of the leaves, as a compiled step does', () => {
    const registry = toyRegistry(2, { gradient: 'source-only' }, [0, 0]);
    const { leaves, frozen, view } = registry.binding();
    const own = leaves.map((leaf) => tf.onesLike(leaf.tensor));
    const other = frozen.map((tensor) => tf.zerosLike(tensor));
    const seen = view(own, other);
    expect(seen.block(0, 'attn.w')).toBe(own[leaves.findIndex((leaf) => leaf.id === 'h.0.attn.w')]);
    expect(other).toContain(seen.block(1, 'attn.w'));
    expect(() => view(own.slice(1), other)).toThrow(expect.objectContaining({ code: 'binding-mismatch' }));
    expect(() => seen.block(2, 'attn.w')).toThrow(expect.objectContaining({ code: 'parameter-unknown' }));
    expect(() => seen.global('attn.w')).toThrow(expect.objectContaining({ code: 'parameter-unknown' }));
  });
});
