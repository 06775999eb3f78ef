/** What states and projections look like. */
import type { Head, HeadKind, Model, Projection, States } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { Finding } from '../harness/finding.js';
import { show } from '../harness/show.js';

/** @throws Finding (of `states-form`) */
export function assertStates(model: Model, states: unknown, rows: number): States {
  const refuse = (found: string): never => {
    throw new Finding(`encode gave ${found}`, 'states-form');
  };
  const { rows: tensor, batch, time } = (states ?? {}) as Partial<States>;
  if (batch !== rows) return refuse(`a batch of ${show(batch)} for ${rows} rows`);
  if (!Number.isInteger(time) || time! < 1) return refuse(`a time of ${show(time)}`);
  const bad = tensorFault(tensor, [batch * time!, model.width]);
  if (bad !== undefined) refuse(bad);
  return states as States;
}

/** Targets of the kinds that say how many there are. */
const TARGETS: Readonly<Partial<Record<HeadKind, (states: States) => number>>> = {
  'causal-lm': ({ batch, time }) => batch * time,
  'sequence-classification': ({ batch }) => batch,
  'image-classification': ({ batch }) => batch,
};

/** @throws Finding (of `projection-form`) */
export function assertProjection(kind: HeadKind, head: Head, found: Projection, states: States): void {
  const refuse = (what: string): never => {
    throw new Finding(`the head ${kind} gave ${what}`, 'projection-form');
  };
  const { features, weight, bias } = (found ?? {}) as Partial<Projection>;
  const targets = TARGETS[kind]?.(states) ?? features?.shape?.[0] ?? 0;
  const width = features?.shape?.[1] ?? 0;
  const faults = [
    ['features', tensorFault(features, [targets, width])],
    ['weight', tensorFault(weight, [head.outputs, width])],
    ['bias', bias === undefined ? undefined : tensorFault(bias, [head.outputs])],
  ] as const;
  const fault = faults.find(([, one]) => one !== undefined);
  if (fault) refuse(`as ${fault[0]} ${fault[1]}`);
  if (targets < 1 || width < 1) refuse(`features of [${targets}, ${width}]`);
}

function tensorFault(tensor: unknown, shape: readonly number[]): string | undefined {
  if (!(tensor instanceof tf.Tensor)) return show(tensor);
  const found = `[${tensor.shape.join(', ')}] ${tensor.dtype}`;
  const wanted = `[${shape.join(', ')}] float32`;
  if (found !== wanted) return `${found} where ${wanted} belongs`;
  const bad = tensor.dataSync().find((value) => !Number.isFinite(value));
  return bad === undefined ? undefined : `the value ${bad}`;
}
