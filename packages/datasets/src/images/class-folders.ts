/** Folders of images, one for each class. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../sources/errors.js';
import { imageError } from './errors.js';

const IMAGE = /\.(png|jpe?g|webp|gif|tiff?|avif)$/i;
/** Deeper than any data set, and no way to wander without end. */
const DEEPEST = 16;

/** Names of the folders in a folder that are not hidden, by code units: the same order on every machine. */
export async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) =>
    missing(folder, error),
  );
  return entries
    .filter((entry) => entry.isDirectory() && isShown(entry.name))
    .map(({ name }) => name)
    .sort();
}

/** Paths of the images below a folder, relative to it, in order. Links are not followed, nor read. */
export async function imagesBelow(folder: string, deep = DEEPEST): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) =>
    missing(folder, error),
  );
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!isShown(entry.name)) continue;
    if (entry.isDirectory() && deep > 0) {
      for (const below of await imagesBelow(join(folder, entry.name), deep - 1))
        found.push(join(entry.name, below));
    } else if (IMAGE.test(entry.name)) {
      if (entry.isSymbolicLink())
        imageError(
          'dataset-link',
          join(folder, entry.name),
          'it is a link',
          'Copy the image to its place: links in a folder of images are not read',
        );
      found.push(entry.name);
    }
  }
  return found;
}

const isShown = (name: string): boolean => !name.startsWith('.') && name !== 'node_modules';

const missing = (folder: string, error: unknown): never =>
  imageError(
    'dataset-missing',
    folder,
    `the folder cannot be read: ${reasonOf(error)}`,
    'Give a folder with a folder of images for each class',
    error,
  );
