/** What counting reaches without training: the commonest class, or the mean of the numbers. */
import type { Batch, BatchScores, Field, Floor } from '@ligature/core';

/** Of the formulas: what was measured with others is measured anew. */
const FORMAT = 1;

/**
 * @param labels of the training split, [examples]
 * @param classes how many there are; `undefined` of a regression
 * @param digest of the training split
 */
export function labelFloors(
  labels: Int32Array | Float32Array,
  classes: number | undefined,
  digest: string,
): Floor[] {
  const examples = labels.length.toLocaleString('en-US');
  const key = `sequence-classification/${FORMAT}/${classes ?? 'numbers'}/${digest}`;
  const floor = (name: string, description: string, score: Floor['score']): Floor => ({
    ...{ name, description: `${description} the ${examples} examples to train on`, key, score },
  });
  return classes === undefined
    ? [floor('mean', 'the mean of the labels of', meanScores(labels))]
    : [floor('majority class', 'how often each class occurs in', majorityScores(labels, classes))];
}

/** Nats by the share of each class; one that never occurs is counted once, so that the floor is finite. */
function majorityScores(labels: ArrayLike<number>, classes: number): Floor['score'] {
  const counts = new Float64Array(classes);
  for (let at = 0; at < labels.length; at += 1) {
    const label = labels[at] as number;
    counts[label] = (counts[label] as number) + 1;
  }
  const most = counts.indexOf(counts.reduce((one, other) => Math.max(one, other), 0));
  const known = counts.map((count) => Math.max(count, 1));
  const all = known.reduce((sum, count) => sum + count, 0);
  return (batch) =>
    scored(batch, {
      nats: (label) => -Math.log((known[label] as number) / all),
      correct: (label) => Number(label === most),
      predicted: () => most,
    });
}

function meanScores(labels: ArrayLike<number>): Floor['score'] {
  let sum = 0;
  for (let at = 0; at < labels.length; at += 1) sum += labels[at] as number;
  const mean = sum / labels.length;
  return (batch) => scored(batch, { 'squared error': (label) => (label - mean) ** 2, predicted: () => mean });
}

/** @param rows what each score says of a label */
function scored(
  { fields, weight }: Batch,
  rows: Readonly<Record<string, (label: number) => number>>,
): BatchScores {
  const label = Float32Array.from((fields['labels'] as Field).data);
  const columns = Object.entries(rows).map(([name, of]): [string, Float32Array] => [name, label.map(of)]);
  return { weight, columns: { ...Object.fromEntries(columns), label } };
}
