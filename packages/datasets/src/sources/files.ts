/** Text files from disk: UTF-8 is checked, sizes are bounded, and a folder's links may not lead out of it. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { datasetError, reasonOf } from './errors.js';

/** A JavaScript string holds half a billion units; a token costs four bytes more. */
const MAX_BYTES = 256 * 2 ** 20;
const EXTENSIONS = new Set(['.txt', '.md']);

/**
 * The text of one file: without a byte order mark, line ends as LF.
 *
 * @throws InputError (`dataset-missing`, `dataset-too-large`, `dataset-not-utf8`)
 */
export async function readTextFile(path: string): Promise<string> {
  const found = await stat(path).catch((error: unknown) => missing(path, error));
  if (!found.isFile()) datasetError('dataset-missing', path, 'it is not a file', 'Give a text file');
  if (found.size > MAX_BYTES) tooLarge(path, found.size);
  const bytes = await readFile(path).catch((error: unknown) => missing(path, error));
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    return datasetError('dataset-not-utf8', path, 'it is not UTF-8 text', 'Convert it to UTF-8 first', error);
  }
  return text.replaceAll('\r\n', '\n');
}

/**
 * The `.txt` and `.md` files of a folder and its subfolders in the order of their paths, one blank line between
 * them. Hidden files are left out. A link to a place inside the folder is left out too: what it points to is read
 * where it lies.
 *
 * @throws InputError (`dataset-missing`, `dataset-empty`, `dataset-link-outside`, and those of readTextFile)
 */
export async function readTextFolder(folder: string): Promise<string> {
  const root = await realpath(folder).catch((error: unknown) => missing(folder, error));
  const paths = await textFiles(root, root);
  if (paths.length === 0) {
    datasetError('dataset-empty', folder, 'the folder holds no .txt or .md file', 'Put text files into it');
  }
  // By code units, not by locale: the same order on every machine.
  const portable = (path: string): string => relative(root, path).split(sep).join('/');
  paths.sort((a, b) => (portable(a) < portable(b) ? -1 : 1));
  const texts: string[] = [];
  let size = 0;
  for (const path of paths) {
    const text = await readTextFile(path);
    size += text.length;
    if (size > MAX_BYTES) tooLarge(folder, size);
    if (text.trim() !== '') texts.push(text.replace(/\n+$/u, ''));
  }
  return texts.length === 0 ? '' : `${texts.join('\n\n')}\n`;
}

/** A file of a folder by its name, refused if it is a link that leads out. @throws InputError. */
export async function readInside(folder: string, name: string): Promise<string> {
  const root = await realpath(folder).catch((error: unknown) => missing(folder, error));
  await assertInside(root, join(root, name));
  return readTextFile(join(root, name));
}

async function textFiles(root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) =>
    missing(folder, error),
  );
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const isText = EXTENSIONS.has(extname(entry.name).toLowerCase());
    if (entry.isSymbolicLink()) {
      const isFolder = await stat(path).then(
        (target) => target.isDirectory(),
        () => false,
      );
      if (isText || isFolder) await assertInside(root, path);
    } else if (entry.isDirectory()) {
      found.push(...(await textFiles(root, path)));
    } else if (entry.isFile() && isText) {
      found.push(path);
    }
  }
  return found;
}

async function assertInside(root: string, path: string): Promise<void> {
  const real = await realpath(path).catch((error: unknown) => missing(path, error));
  const inside = relative(root, real);
  if (inside === '..' || inside.startsWith(`..${sep}`) || inside === real) {
    const found = `it is a link that leads out of ${root}`;
    datasetError('dataset-link-outside', path, found, 'Copy the text into the folder, or remove the link');
  }
}

function missing(path: string, error: unknown): never {
  const todo = 'Give the path of a text file or of a folder of .txt and .md files';
  return datasetError('dataset-missing', path, `it cannot be read: ${reasonOf(error)}`, todo, error);
}

function tooLarge(path: string, size: number): never {
  const found = `it has ${size} bytes, more than ${MAX_BYTES}`;
  return datasetError('dataset-too-large', path, found, 'Use a part of it');
}
