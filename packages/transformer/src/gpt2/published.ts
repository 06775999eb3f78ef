/**
 * GPT-2's weights as others publish them: with or without `transformer.` before the names, with the causal masks that
 * older versions of Hugging Face's code kept as buffers, with the head that is tied to the embedding once more.
 */
import { InputError, type WeightsFile } from '@ligature/core';
import type { ResolvedGpt2Config } from './options.js';
import { renamed, takeSecondName } from '../published.js';
import type { StoredTensor } from '../published.js';

const STACK = /^(h\.\d+\.|wte\.|wpe\.|ln_f\.)/;
/** `attn.bias` [1, 1, context, context], ones up to the diagonal; `attn.masked_bias`, what hidden scores became. */
const MASK = /^transformer\.h\.\d+\.attn\.bias$/;
const MASKED_SCORE = /^transformer\.h\.\d+\.attn\.masked_bias$/;
const EMBEDDING = 'transformer.wte.weight';
const HEAD = 'lm_head.weight';

/**
 * @returns the same weights by their full names here, without what is no parameter
 * @throws InputError (`weight-twice`, `weights-other-model`)
 */
export function publishedGpt2({ tiedHead }: ResolvedGpt2Config, file: WeightsFile): WeightsFile {
  const tensors = renamed(file, (name) => (STACK.test(name) ? `transformer.${name}` : name));
  for (const [name, tensor] of [...tensors]) {
    if (MASKED_SCORE.test(name) && tensor.data.length === 1) tensors.delete(name);
    if (!MASK.test(name)) continue;
    if (!isCausal(tensor)) throw otherModel(name, 'it is no causal mask');
    tensors.delete(name);
  }
  if (!tiedHead) return { tensors, metadata: file.metadata };
  takeSecondName(tensors, HEAD, EMBEDDING, () =>
    otherModel(HEAD, `it is not ${EMBEDDING}, to which the head is tied here`),
  );
  return { tensors, metadata: file.metadata };
}

/** [1, 1, context, context] or [context, context], 1 where a position sees another. */
function isCausal({ shape, data }: StoredTensor): boolean {
  const size = shape.at(-1) ?? 0;
  const leading = shape.slice(0, -2);
  if (shape.at(-2) !== size || leading.some((length) => length !== 1) || data.length !== size * size)
    return false;
  for (let at = 0; at < data.length; at += 1) {
    const seen = at % size <= Math.floor(at / size);
    if (data[at] !== (seen ? 1 : 0)) return false;
  }
  return true;
}

const otherModel = (name: string, found: string): InputError =>
  new InputError('weights-other-model', {
    asked: `Load the weight "${name}"`,
    found,
    todo: 'Use weights of a GPT-2 with a causal mask and a tied head, as it was published',
  });
