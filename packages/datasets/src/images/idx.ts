/**
 * The IDX format of MNIST (LeCun et al. 1998, http://yann.lecun.com/exdb/mnist/): two zero bytes, a type of numbers, how many
 * dimensions, each of them as 32 bits with the highest byte first, then the numbers.
 */
import { imageError } from './errors.js';

const UNSIGNED_BYTES = 0x08;

export interface Idx {
  readonly dimensions: readonly number[];
  /** Part of the bytes that were given. */
  readonly values: Uint8Array;
}

/**
 * Bytes in IDX format: of unsigned bytes, with so many dimensions.
 *
 * @param where for messages
 * @throws InputError (`dataset-damaged`) also where sizes and length do not agree
 */
export function parseIdx(bytes: Uint8Array, rank: number, where: string): Idx {
  const fail = (found: string): never =>
    imageError(
      'dataset-damaged',
      where,
      found,
      'Get the file again; it must be an IDX file as MNIST has them',
    );
  const begin = 4 + 4 * rank;
  if (bytes.length < begin) fail(`it has ${bytes.length} bytes, fewer than the ${begin} of its header`);
  const [zero, other, type, given] = bytes;
  if (zero !== 0 || other !== 0 || type !== UNSIGNED_BYTES)
    fail(`it begins with ${hex(bytes)}, which is no IDX file of unsigned bytes`);
  if (given !== rank) fail(`it has ${given} dimensions where ${rank} belong`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dimensions = Array.from({ length: rank }, (_, at) => view.getUint32(4 + 4 * at));
  // What a header says is a product to compare with, and never a size to allocate.
  const wanted = dimensions.reduce((product, size) => product * size, 1);
  const values = bytes.subarray(begin);
  const shown = dimensions.join(' x ');
  if (wanted !== values.length)
    fail(`its header says ${shown}, which is ${wanted} bytes, and ${values.length} follow`);
  if (wanted === 0) fail(`its header says ${shown}: nothing is in it`);
  return { dimensions, values };
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
