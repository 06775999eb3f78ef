/** What counting classes reaches: every target is of the class that most of the training split are of. */
import type { Batch, BatchScores, Field, Floor } from '@ligature/core';

export interface MajorityOptions {
  /** Of the training split, each in [0, classes). */
  readonly labels: Int32Array;
  readonly classes: number;
  /** What is counted, in the plural: `images`. */
  readonly unit: string;
}

/**
 * It says of each class how often it occurred, one added to every count, so that a class that never did has a probability
 * too. Reads the field `labels`; without a key, as counting costs less than to look whether it was done.
 */
export function majorityClass({ labels, classes, unit }: MajorityOptions): Floor {
  let known: Known | undefined;
  return {
    name: 'majority class',
    description: `how often each class occurs in the ${labels.length.toLocaleString('en-US')} ${unit} to train on`,
    score: (batch) => scoreBatch((known ??= count(labels, classes)), batch),
  };
}

interface Known {
  readonly nats: Float64Array;
  readonly best: number;
}

function count(labels: Int32Array, classes: number): Known {
  const counts = new Float64Array(classes);
  for (const label of labels) (counts[label] as number) += 1;
  const best = counts.indexOf(counts.reduce((most, one) => Math.max(most, one), 0));
  return { nats: counts.map((one) => -Math.log((one + 1) / (labels.length + classes))), best };
}

function scoreBatch({ nats, best }: Known, { fields, weight }: Batch): BatchScores {
  const labels = (fields['labels'] as Field).data;
  return {
    weight,
    columns: {
      nats: Float32Array.from(labels, (label) => nats[label] as number),
      correct: Float32Array.from(labels, (label) => Number(label === best)),
    },
  };
}
