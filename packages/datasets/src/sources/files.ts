/** Text files from disk: UTF-8 is checked, sizes are bounded, and a folder's links may not lead out of it. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { readPlainFile } from '@ligature/core/node';
import { isText } from './endings.js';
import { datasetError, reasonOf } from './errors.js';
import { saysSplit } from './split-files.js';

/** Of a text that is held at once. A JavaScript string holds half a billion units; a token costs four bytes more. */
export const MAX_BYTES = 256 * 2 ** 20;

/**
 * The text of one file: without a byte order mark, line ends as LF.
 *
 * @throws InputError (`dataset-missing`, `dataset-too-large`, `dataset-not-utf8`)
 */
export async function readTextFile(path: string): Promise<string> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > MAX_BYTES) tooLarge(path, size);
  const bytes = await readPlainFile(path, { most: MAX_BYTES }).catch((error: unknown) =>
    missing(path, error),
  );
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    return datasetError('dataset-not-utf8', path, 'it is not UTF-8 text', 'Convert it to UTF-8 first', error);
  }
  return text.replaceAll('\r\n', '\n');
}

/** A file of a folder. */
export interface FolderFile {
  /** Relative to the folder, with `/` between. */
  readonly path: string;
  /** It is a link to another place in the folder, where the text is met again. */
  readonly link: boolean;
}

/**
 * The files of a folder and its subfolders in the order of their paths. What is hidden is left out, and so is what npm
 * put into `node_modules`.
 *
 * @throws InputError (`dataset-missing`)
 */
export async function listFiles(folder: string): Promise<FolderFile[]> {
  const root = await realpath(folder).catch((error: unknown) => missing(folder, error));
  return inOrder((await filesBelow(root, root)).files);
}

/**
 * The same of a folder that has no link to a text or a folder elsewhere.
 *
 * @throws InputError (`dataset-missing`, `dataset-link-outside`)
 */
export async function listOwnFiles(folder: string): Promise<FolderFile[]> {
  const root = await realpath(folder).catch((error: unknown) => missing(folder, error));
  const { files, links } = await filesBelow(root, root);
  for (const link of links) await assertInside(root, link);
  return inOrder(files);
}

/** By code units, not by locale: the same order on every machine. */
const inOrder = (files: readonly FolderFile[]): FolderFile[] =>
  [...files].sort((a, b) => (a.path < b.path ? -1 : 1));

/**
 * Files of a folder as one text.
 *
 * @param paths relative to the folder
 * @param between `\n`: texts of lines, which follow each other as they are; left out: a blank line stands between two
 * @throws InputError (those of readTextFile)
 */
export async function readTogether(
  folder: string,
  paths: readonly string[],
  between?: '\n',
): Promise<string> {
  const root = await realpath(folder).catch((error: unknown) => missing(folder, error));
  const texts: string[] = [];
  let size = 0;
  for (const path of paths) {
    const text = await readTextFile(join(root, path));
    size += text.length;
    if (size > MAX_BYTES) tooLarge(folder, size);
    if (text.trim() !== '') texts.push(between === undefined ? text.replace(/\n+$/u, '') : text);
  }
  if (between !== undefined)
    return texts.map((text, at) => (at + 1 < texts.length ? ended(text) : text)).join('');
  return texts.length === 0 ? '' : `${texts.join('\n\n')}\n`;
}

const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

/** Where a file of a folder is, refused if it is a link that leads out. @throws InputError. */
export async function insideOf(folder: string, name: string): Promise<string> {
  const root = await realpath(folder).catch((error: unknown) => missing(folder, error));
  await assertInside(root, join(root, name));
  return join(root, name);
}

/** Its text. @throws InputError. */
export const readInside = async (folder: string, name: string): Promise<string> =>
  readTextFile(await insideOf(folder, name));

interface Below {
  readonly files: FolderFile[];
  /** Paths of links to texts and to folders. */
  readonly links: string[];
}

async function filesBelow(root: string, folder: string): Promise<Below> {
  const files: FolderFile[] = [];
  const links: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) =>
    missing(folder, error),
  );
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const place = join(folder, entry.name);
    const path = relative(root, place).split(sep).join('/');
    const isRead = isText(path) || saysSplit(path);
    if (entry.isSymbolicLink()) {
      const target = await stat(place).catch(() => undefined);
      if (isRead || target?.isDirectory()) links.push(place);
      if (isRead && target?.isFile()) files.push({ path, link: true });
    } else if (entry.isDirectory()) {
      const below = await filesBelow(root, place);
      for (const one of below.files) files.push(one);
      for (const one of below.links) links.push(one);
    } else if (entry.isFile() || isRead) {
      // A pipe or a device with the name of a text is refused when it is read.
      files.push({ path, link: false });
    }
  }
  return { files, links };
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
  const todo = 'Give the path of a text file or of a folder of text files';
  return datasetError('dataset-missing', path, `it cannot be read: ${reasonOf(error)}`, todo, error);
}

export function tooLarge(path: string, size: number): never {
  const found = `it has ${size} bytes, more than the ${MAX_BYTES} that are held at once`;
  return datasetError('dataset-too-large', path, found, 'Use a part of it');
}
