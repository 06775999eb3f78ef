import { PluginHost, type LabelledImages, type SplitName } from '@ligature/core';
import { plugin } from '@ligature/datasets';
import { expect } from 'vitest';
import type { ImageDataset } from '../../src/images/three-splits.js';

const host = new PluginHost().register(plugin);

export const create = (name: string, options: object, folder = '.', source = name): Promise<ImageDataset> =>
  host.create('datasets', name, options, { source, folder }) as Promise<ImageDataset>;

export const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];

export const refusal = (code: string): unknown => expect.objectContaining({ name: 'InputError', code });

/** An IDX file: its header, and what follows. */
export function idx(dimensions: readonly number[], values: ArrayLike<number>, type = 8): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * dimensions.length));
  header.setUint8(2, type);
  header.setUint8(3, dimensions.length);
  dimensions.forEach((size, at) => header.setUint32(4 + 4 * at, size));
  return Uint8Array.from([...new Uint8Array(header.buffer), ...Array.from(values)]);
}

/** One byte of each image that says which it is: the first one. */
export const firstBytes = ({ pixels, labels }: LabelledImages): number[] =>
  Array.from(labels, (_, image) => pixels[(image * pixels.length) / labels.length] as number);
