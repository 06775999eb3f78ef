/** The optional package that decodes images. */
import { InputError } from '@ligature/core';
import type { Sharp } from 'sharp';
import { reasonOf } from '../sources/errors.js';

export type Decoder = (bytes: Uint8Array, options: { failOn: 'error'; limitInputPixels: number }) => Sharp;

/** @throws InputError (`dataset-package-missing`) with the install command */
export async function loadSharp(): Promise<Decoder> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new InputError(
      'dataset-package-missing',
      {
        asked: 'Load the dataset "image-folder"',
        found: `the npm package sharp that decodes images cannot be loaded: ${reasonOf(cause)}`,
        todo: 'Run `npm install sharp`',
      },
      { cause },
    );
  }
}
