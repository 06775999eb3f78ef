/** Weights as others publish them: what is common to all architectures. */
import { InputError, type WeightsFile } from '@ligature/core';

export type StoredTensor = WeightsFile['tensors'] extends ReadonlyMap<string, infer T> ? T : never;

/** What wrappers of PyTorch put in front of every name. */
const WRAPPERS = /^((module|_orig_mod)\.)+/;

/**
 * @param ownName from a name as it is written, without what wrappers put in front, to the model's
 * @throws InputError (`weight-twice`)
 */
export function renamed(
  { tensors }: WeightsFile,
  ownName: (written: string) => string,
): Map<string, StoredTensor> {
  const found = new Map<string, StoredTensor>();
  for (const [written, tensor] of tensors) {
    const name = ownName(written.replace(WRAPPERS, ''));
    if (found.has(name)) throw twice(name, written);
    found.set(name, tensor);
  }
  return found;
}

/**
 * Leaves out a head that is the token embedding once more. Of two names for one tensor some writers keep the head's.
 *
 * @throws InputError (`weights-other-model`) for one that is another matrix
 */
export function withoutTiedHead(
  tensors: Map<string, StoredTensor>,
  { head, embedding, model }: { readonly head: string; readonly embedding: string; readonly model: string },
): void {
  const found = tensors.get(head);
  if (found === undefined) return;
  const table = tensors.get(embedding) ?? found;
  tensors.set(embedding, table);
  if (!isSame(found, table)) {
    throw otherModel(head, `it is not ${embedding}, to which the head is tied here`, model);
  }
  tensors.delete(head);
}

function isSame(one: StoredTensor, other: StoredTensor): boolean {
  if (one.shape.join() !== other.shape.join() || one.data.length !== other.data.length) return false;
  for (let at = 0; at < one.data.length; at += 1) if (!Object.is(one.data[at], other.data[at])) return false;
  return true;
}

const twice = (name: string, written: string): InputError =>
  new InputError('weight-twice', {
    asked: `Load the weight "${written}"`,
    found: `"${name}" is there under another name, too`,
    todo: 'Give each weight once',
  });

/** @param model which weights would do: `a GPT-2 with a causal mask and a tied head, as it was published` */
export const otherModel = (name: string, found: string, model: string): InputError =>
  new InputError('weights-other-model', {
    asked: `Load the weight "${name}"`,
    found,
    todo: `Use weights of ${model}`,
  });
