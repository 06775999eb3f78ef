/**
 * The binary version of CIFAR (Krizhevsky 2009, https://www.cs.toronto.edu/~kriz/cifar.html): records without any header, of
 * one label (CIFAR-100: a coarse and a fine one) and 3 x 32 x 32 bytes, red, green, blue, each by rows.
 */
import { imageError } from './errors.js';

export const SIDE = 32;
const PIXELS = 3 * SIDE * SIDE;

/** Where the labels of a record are, and which of them counts. */
export interface RecordForm {
  readonly labels: number;
  readonly which: number;
  readonly classes: number;
}

export interface Records {
  /** [records, 3, 32, 32] */
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
}

/** @throws InputError (`dataset-damaged`) for a length that is not of whole records, and for a label that is no class */
export function parseRecords(
  bytes: Uint8Array,
  { labels: count, which, classes }: RecordForm,
  where: string,
): Records {
  const size = count + PIXELS;
  const fail = (found: string): never =>
    imageError(
      'dataset-damaged',
      where,
      found,
      'Get the file again: it must be of the binary version of the dataset, not of the one for Python or Matlab',
    );
  if (bytes.length === 0 || bytes.length % size !== 0)
    fail(`it has ${bytes.length} bytes, which are no whole records of ${size}`);
  const records = bytes.length / size;
  const pixels = new Uint8Array(records * PIXELS);
  const labels = new Int32Array(records);
  for (let record = 0; record < records; record += 1) {
    const start = record * size;
    const label = bytes[start + which] as number;
    if (label >= classes) fail(`image ${record} has the label ${label}, and there are ${classes} classes`);
    labels[record] = label;
    pixels.set(bytes.subarray(start + count, start + size), record * PIXELS);
  }
  return { pixels, labels };
}

export function joined(parts: readonly Records[]): Records {
  const [first] = parts;
  if (parts.length === 1 && first) return first;
  const count = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  const pixels = new Uint8Array(count * PIXELS);
  const labels = new Int32Array(count);
  let at = 0;
  for (const part of parts) {
    pixels.set(part.pixels, at * PIXELS);
    labels.set(part.labels, at);
    at += part.labels.length;
  }
  return { pixels, labels };
}
