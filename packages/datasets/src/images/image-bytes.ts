/** Bytes of files of images: bounded, also where they are packed, and not from behind links that lead out of their folder. */
import { realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { readPlainFile } from '@ligature/core/node';
import { reasonOf } from '../sources/errors.js';
import { imageError } from './errors.js';

/** Of one file, unpacked: the largest official one (CIFAR-100 to train on) has 154 MB. */
export const MOST_BYTES = 512 * 2 ** 20;
/** Of the pixels of a split: a run holds them all. */
export const MOST_PIXELS = 2 ** 30;

/**
 * @param name of a file in the folder; one that ends with `.gz` is unpacked
 * @throws InputError (`dataset-missing`, `dataset-link-outside`; `dataset-damaged` for a gzip file that is none or too large)
 */
export async function readImageFile(folder: string, name: string, most = MOST_BYTES): Promise<Uint8Array> {
  const path = join(folder, name);
  const missing = (error: unknown): never =>
    imageError(
      'dataset-missing',
      path,
      `it cannot be read: ${reasonOf(error)}`,
      'Give a folder with the whole files of the dataset',
      error,
    );
  const [root, real] = await Promise.all([realpath(folder), realpath(path)]).catch(missing);
  const inside = relative(root, real);
  if (inside === '..' || inside.startsWith(`..${sep}`))
    imageError(
      'dataset-link-outside',
      path,
      `it is a link that leads out of ${root}`,
      'Copy the file into the folder, or give the folder that it is in',
    );
  const bytes = await readPlainFile(real, { most }).catch(missing);
  if (!name.endsWith('.gz')) return bytes;
  return promisify(gunzip)(bytes, { maxOutputLength: most }).catch((error: unknown) =>
    imageError(
      'dataset-damaged',
      path,
      `it cannot be unpacked to at most ${most} bytes: ${reasonOf(error)}`,
      'Get the file again',
      error,
    ),
  );
}
