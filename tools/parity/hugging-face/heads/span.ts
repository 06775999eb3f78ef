/** Heads that give every position two numbers: whether an answer starts there, and whether it ends there. */
import { projectedSpanCrossEntropy } from '@ligature/nn';
import type { Tensor1D } from '@tensorflow/tfjs-core';
import type { HfCase } from '../case.js';
import { inputFields, integers, labelsOf } from '../fields.js';
import type { HfHead, HfHeads } from '../heads.js';

function spanHead({ expected }: HfCase): HfHead {
  const [starts, ends] = ['start_positions', 'end_positions'].map((name) => {
    const { shape, data } = labelsOf(expected, name);
    return integers([shape[0] ?? 0], data);
  }) as [ReturnType<typeof integers>, ReturnType<typeof integers>];
  return {
    spec: { kind: 'token-span', outputs: 2 },
    batch: { fields: { ...inputFields(expected), starts, ends }, weight: starts.data.length },
    loss: (projection, fields) =>
      projectedSpanCrossEntropy(projection, fields['starts'] as Tensor1D, fields['ends'] as Tensor1D),
  };
}

export const spanHeads: HfHeads = { ForQuestionAnswering: spanHead };
