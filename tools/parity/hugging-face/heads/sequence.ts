/** Heads that give each sequence, or each image, some numbers: classes, or what a regression says. */
import type { Batch, Field, HeadKind } from '@ligature/core';
import { meanSquaredError, projectedCrossEntropy } from '@ligature/nn';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { HfCase } from '../case.js';
import { floats, inputFields, integers, labelsOf } from '../fields.js';
import type { HfHead, HfHeads } from '../heads.js';

/** `save_pretrained` leaves the names of labels out where there are as many as `transformers` takes unasked. */
const UNASKED_LABELS = 2;

const configSchema = z.looseObject({
  id2label: z.record(z.string(), z.string()).optional(),
  problem_type: z.enum(['regression', 'single_label_classification', 'multi_label_classification']).nullish(),
  pad_token_id: z.int().nullish(),
});
type Config = z.output<typeof configSchema>;

function sequenceHead(kind: HeadKind, given: HfCase): HfHead {
  const config = configSchema.parse(given.config);
  const outputs = config.id2label ? Object.keys(config.id2label).length : UNASKED_LABELS;
  const { shape, data } = labelsOf(given.expected, 'labels');
  const integral = !(data instanceof Float32Array);
  const problem = config.problem_type ?? unaskedProblem(outputs, integral);
  const inputs = inputFields(given.expected);
  const fields = { ...inputs, ...lengthsField(inputs['inputs'], config) };
  const rows = shape[0] ?? 0;
  const batch = (labels: Field): Batch => ({ fields: { ...fields, labels }, weight: rows });
  const spec = { kind, outputs };
  if (problem === 'regression') {
    return {
      spec,
      batch: batch(floats([rows, outputs], data)),
      loss: (projection, { labels }) => meanSquaredError(projection, labels as Tensor2D),
    };
  }
  if (problem === 'single_label_classification') {
    return {
      spec,
      batch: batch(integers([rows], data)),
      loss: (projection, { labels }) =>
        projectedCrossEntropy(projection, labels as Tensor1D, { ignoreNegative: true }),
    };
  }
  throw new Error(`there is no loss here for the problem "${problem}"`);
}

/** The rule of `transformers` where the configuration says nothing. */
function unaskedProblem(outputs: number, integral: boolean): NonNullable<Config['problem_type']> {
  if (outputs === 1) return 'regression';
  return integral ? 'single_label_classification' : 'multi_label_classification';
}

/**
 * Causal models read the last token that is not padding, which `transformers` tells by its id (and not by the mask); of
 * padding alone, the first. Other models do not read the field.
 */
function lengthsField(
  ids: Field | undefined,
  { pad_token_id: padding }: Config,
): Readonly<Record<string, Field>> {
  if (!ids || padding === undefined || padding === null) return {};
  const [rows = 0, time = 0] = ids.shape;
  const lengths = Array.from({ length: rows }, (_, row) => {
    const tokens = Array.from(ids.data.subarray(row * time, (row + 1) * time));
    return Math.max(1, 1 + tokens.findLastIndex((token) => token !== padding));
  });
  return { lengths: integers([rows], lengths) };
}

export const sequenceHeads: HfHeads = {
  ForSequenceClassification: (given) => sequenceHead('sequence-classification', given),
  ForImageClassification: (given) => sequenceHead('image-classification', given),
};
