/** What files of all makers have in common, whatever model is in them. */
import { InputError, type WeightsFile } from '@ligature/core';

type Tensors = WeightsFile['tensors'];
export type StoredTensor = Tensors extends ReadonlyMap<string, infer T> ? T : never;

/** What wrappers of PyTorch put in front of every name. */
const WRAPPERS = /^((module|_orig_mod)\.)+/;

/**
 * The tensors of a file under other names, wrappers taken off before.
 *
 * @throws InputError (`weight-twice`)
 */
export function renamed(file: WeightsFile, ownName: (name: string) => string): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const [written, tensor] of file.tensors) {
    const name = ownName(written.replace(WRAPPERS, ''));
    if (tensors.has(name)) throw twice(name, written);
    tensors.set(name, tensor);
  }
  return tensors;
}

/**
 * Takes out a weight that is another one's second name. Of two names for one tensor some writers keep only this one.
 *
 * @param other what to throw where the two differ
 */
export function takeSecondName(
  tensors: Map<string, StoredTensor>,
  second: string,
  first: string,
  other: () => InputError,
): void {
  const given = tensors.get(second);
  if (given === undefined) return;
  const own = tensors.get(first) ?? given;
  if (!isSame(given, own)) throw other();
  tensors.set(first, own);
  tensors.delete(second);
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
