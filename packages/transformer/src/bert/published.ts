/**
 * BERT's weights as others publish them: with or without `bert.` before the names, norms with TensorFlow's `gamma` and
 * `beta`, the positions that older versions of Hugging Face's code kept as buffers, the head that is tied to the embedding once
 * more, and the parts of the pretraining that no head here reads.
 */
import { InputError, type WeightsFile } from '@ligature/core';
import { renamed, takeSecondName } from '../published.js';
import type { StoredTensor } from '../published.js';
import { WORDS } from './embeddings.js';
import type { ResolvedBertConfig } from './options.js';

const STACK = /^(embeddings|encoder\.layer\.\d+|pooler)\./;
const NORM = /(LayerNorm)\.(gamma|beta)$/;
/** [1, context], 0, 1, 2 and so on. */
const POSITIONS = 'bert.embeddings.position_ids';
/** [1, context], what is read where no segments are given. */
const SEGMENTS = 'bert.embeddings.token_type_ids';
const POOLER = /^bert\.pooler\./;
/** Of the next-sentence prediction. */
const RELATIONSHIP = /^cls\.seq_relationship\./;

/**
 * The pooler stays only beside a `classifier`, the one head that reads it.
 *
 * @returns the same weights by their full names here, without what is no parameter
 * @throws InputError (`weight-twice`, `weights-other-model`)
 */
export function publishedBert({ tiedHead }: ResolvedBertConfig, file: WeightsFile): WeightsFile {
  const tensors = renamed(file, ownName);
  take(tensors, POSITIONS, (value, at) => value === at, 'its positions are not 0, 1, 2 and so on');
  take(tensors, SEGMENTS, (value) => value === 0, 'its tokens are not all of segment 0');
  const classifies = tensors.has('classifier.weight');
  for (const name of [...tensors.keys()]) {
    if (RELATIONSHIP.test(name) || (POOLER.test(name) && !classifies)) tensors.delete(name);
  }
  // An untied head reads `decoder.bias`; older files have only the other name, newer ones both and read one.
  if (!tiedHead && tensors.has('cls.predictions.decoder.bias')) tensors.delete('cls.predictions.bias');
  const seconds = tiedHead
    ? [
        ['cls.predictions.decoder.weight', WORDS],
        ['cls.predictions.decoder.bias', 'cls.predictions.bias'],
      ]
    : [['cls.predictions.bias', 'cls.predictions.decoder.bias']];
  for (const [second, first] of seconds as [string, string][]) {
    takeSecondName(tensors, second, first, () =>
      otherModel(second, `it is not ${first}, to which it is tied here`),
    );
  }
  return { tensors, metadata: file.metadata };
}

function ownName(name: string): string {
  const full = STACK.test(name) ? `bert.${name}` : name;
  return full.replace(
    NORM,
    (_, norm: string, old: string) => `${norm}.${old === 'gamma' ? 'weight' : 'bias'}`,
  );
}

/** Takes out a buffer that the model has no need of, if it says what the model does. */
function take(
  tensors: Map<string, StoredTensor>,
  name: string,
  expected: (value: number, at: number) => boolean,
  found: string,
): void {
  const buffer = tensors.get(name);
  if (buffer && !Array.from(buffer.data).every(expected)) throw otherModel(name, found);
  tensors.delete(name);
}

const otherModel = (name: string, found: string): InputError =>
  new InputError('weights-other-model', {
    asked: `Load the weight "${name}"`,
    found,
    todo: 'Use weights of a BERT with absolute positions and a tied head, as it was published',
  });
