/** What a class name of `transformers` ends with says which head it is, and what its loss is. */
import type { Batch, HeadSpec, Projection, TensorBatch } from '@ligature/core';
import type { Scalar } from '@tensorflow/tfjs-core';
import type { HfCase } from './case.js';
import { languageHeads } from './heads/language.js';
import { sequenceHeads } from './heads/sequence.js';
import { spanHeads } from './heads/span.js';

export interface HfHead {
  readonly spec: HeadSpec;
  /** The batch of the case, its labels as our losses read them. */
  readonly batch: Batch;
  loss(projection: Projection, batch: TensorBatch): Scalar;
}

/** By the end of the class's name. */
export type HfHeads = Readonly<Record<string, (given: HfCase) => HfHead>>;

const HEADS: HfHeads = { ...languageHeads, ...sequenceHeads, ...spanHeads };

/** @throws Error for a class that is none of these */
export function headOfCase(given: HfCase): HfHead {
  const { architecture } = given.reference;
  const suffix = Object.keys(HEADS).find((end) => architecture.endsWith(end));
  if (suffix === undefined) {
    throw new Error(`nothing is known of "${architecture}", only of ${Object.keys(HEADS).join(', ')}`);
  }
  return HEADS[suffix]!(given);
}
