/** A snapshot as a checkpoint would bring it back, and what is worth comparing of a registry. */
import * as tf from '@tensorflow/tfjs-core';
import type { Snapshot } from '@ligature/core';
import { decodeSafetensors, encodeSafetensors, type WeightRegistry, type WeightsFile } from '../src/index.js';
import { readAll, toyCost, toyLoss, values } from './support.js';

/** A copy through JSON, typed arrays byte for byte. Fails for numbers that JSON cannot hold. */
export function saved(state: Snapshot): Snapshot {
  if (ArrayBuffer.isView(state)) return structuredClone(state);
  if (typeof state === 'number' && (!Number.isFinite(state) || Object.is(state, -0))) {
    throw new Error(`${state} in a snapshot`);
  }
  if (typeof state !== 'object' || state === null) return JSON.parse(JSON.stringify(state)) as Snapshot;
  if (Array.isArray(state)) return state.map((one) => saved(one as Snapshot));
  return Object.fromEntries(Object.entries(state).map(([key, one]) => [key, saved(one as Snapshot)]));
}

/** The weights of a registry as a file would bring them back. */
export const savedWeights = (registry: WeightRegistry): WeightsFile =>
  decodeSafetensors(encodeSafetensors(registry.exportWeights()));

/** Everything that a step, a controller or a report could see, as plain numbers and texts. */
export function everything(registry: WeightRegistry): unknown {
  const { key, leaves, frozen } = registry.binding();
  return {
    key,
    leaves: leaves.map(({ id, storage, uses, tensor, state }) => ({
      id,
      storage,
      uses,
      value: values(tensor),
      state: state && {
        step: state.step,
        slots: Object.entries(state.slots).map(([n, t]) => [n, values(t)]),
      },
    })),
    frozen: frozen.map(values),
    read: readAll(registry),
    tieMap: registry.tieMap,
    state: registry.state,
    maps: ['norms', 'attention', 'mlp'].map((one) => registry.tieMapOf(one)),
    storages: registry.distinctStorages(),
    ledger: registry.ledger(toyCost(2, 4)),
    snapshot: saved(registry.snapshot()),
  };
}

/** One step as a trainer takes it: gradients at the old weights, then AdamW leaf by leaf on what there is now. */
export function trainingStep(registry: WeightRegistry): void {
  const { leaves, frozen, view } = registry.binding();
  const inputs = tf.tensor2d([0, 1, 2, 1], [2, 2], 'int32');
  const labels = tf.tensor2d([1, 2, 0, 2], [2, 2], 'int32');
  const loss = (...weights: tf.Tensor[]): tf.Scalar =>
    toyLoss(registry.stack, view(weights, frozen), inputs, labels);
  const { value, grads } = tf.valueAndGrads(loss)(leaves.map(({ tensor }) => tensor));
  tf.dispose([value, inputs, labels]);
  leaves.forEach((leaf, index) => {
    const gradient = grads[index] as tf.Tensor;
    const step = (leaf.state?.step ?? 0) + 1;
    const { parameter, m, v } = tf.tidy(() => {
      const zeros = tf.zeros([...leaf.spec.shape]);
      const m = tf.add(tf.mul(leaf.state?.slots['m'] ?? zeros, 0.9), tf.mul(gradient, 0.1));
      const v = tf.add(tf.mul(leaf.state?.slots['v'] ?? zeros, 0.99), tf.mul(tf.square(gradient), 0.01));
      const root = tf.add(tf.sqrt(tf.div(v, 1 - 0.99 ** step)), 1e-8);
      const change = tf.mul(tf.div(tf.div(m, 1 - 0.9 ** step), root), 0.05);
      return { parameter: tf.sub(registry.storageOf(leaf), change), m, v };
    });
    gradient.dispose();
    registry.update(leaf, { parameter, slots: { m, v }, step });
  });
}
