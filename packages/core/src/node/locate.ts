/** Where the code of a plug-in is, and what to say when it is not there. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve as resolveImport } from 'import-meta-resolve';
import { z } from 'zod';
import { InputError } from '../errors.js';
import { parseJson } from '../json/parse-json.js';
import { nearestName } from '../plugins/names.js';
import { readPlainFileSync } from './plain-file.js';

/** What is read of a package.json here. */
const manifestSchema = z.object({
  // A name that is a path or a URL would lead anywhere.
  name: z
    .string()
    .regex(/^(@[\w.~-]+\/)?[\w~-][\w.~-]*$/)
    .optional(),
  exports: z.unknown().optional(),
  main: z.string().optional(),
});

const readText = (path: string): string => readPlainFileSync(path).toString('utf8');

interface Trouble {
  readonly found: string;
  readonly todo: string;
}

/** What to say of a plug-in that is neither a file nor a package. */
export function notFound(specifier: string, folder: string): Trouble {
  const path = resolve(folder, specifier);
  if (existsSync(path)) {
    return {
      found: 'the "exports" of its package.json lead to no file',
      todo: 'Let `exports["."]` name the built file of the plug-in',
    };
  }
  if (!specifier.startsWith('.') && !isAbsolute(specifier)) {
    return {
      found: `neither a file nor an installed package of that name, seen from ${folder}`,
      todo: `Check the name, or run \`npm install ${specifier}\` there`,
    };
  }
  const parent = dirname(path);
  const beside = existsSync(parent) && statSync(parent).isDirectory() ? readdirSync(parent) : [];
  const nearest = nearestName(basename(path), beside);
  // With the slashes as they were written.
  const better = nearest && specifier.replace(/[^\\/]*[\\/]?$/, nearest);
  return {
    found: `there is no such file or folder, seen from ${folder}`,
    todo: better ? `Did you mean "${better}"?` : 'Check the path',
  };
}

/** The file behind a URL, if it is not there: Node would only notice while importing, and blame the importer. */
export function missingEntry(url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined;
  const file = fileURLToPath(url);
  return existsSync(file) ? undefined : file;
}

/** Whether what is behind a URL can be read to its end: Node would wait at a pipe. */
export const isPlainFile = (url: string): boolean =>
  !url.startsWith('file:') || statSync(fileURLToPath(url)).isFile();

/** What to say of a package whose entry file is not there: most often it was not built. */
export function notBuilt(specifier: string, entry: string, folder: string): Trouble {
  const path = resolve(folder, specifier);
  const builds =
    existsSync(join(path, 'package.json')) && /"build"\s*:/.test(readText(join(path, 'package.json')));
  return {
    found: `its entry file ${shownFile(pathToFileURL(entry).href, folder)} does not exist`,
    todo: builds
      ? `Run \`npm run build\` in ${specifier}`
      : 'Build the package, or correct "exports" (or "main") in its package.json',
  };
}

/** From the working folder, where that is shorter. */
export function shownFile(url: string, folder: string): string {
  if (!url.startsWith('file:')) return url;
  const file = fileURLToPath(url);
  const near = relative(resolve(folder), file);
  return near.startsWith('..') || isAbsolute(near) ? file : near;
}

/** @throws InputError (`plugin-invalid`) when a package.json on the way is no manifest */
export function located(specifier: string, folder: string): string | undefined {
  try {
    return locate(specifier, folder);
  } catch (cause) {
    throw new InputError(
      'plugin-invalid',
      {
        asked: `Load the plug-in "${specifier}"`,
        found: `its package.json cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
        todo: 'Mend the package.json, or name the file of the plug-in itself',
      },
      { cause },
    );
  }
}

/** The URL of a plug-in: a path if it looks like one or exists, else a package seen from `folder`. */
function locate(specifier: string, folder: string): string | undefined {
  const path = resolve(folder, specifier);
  if (specifier.startsWith('.') || isAbsolute(specifier) || existsSync(path)) {
    if (!existsSync(path)) return undefined;
    return statSync(path).isDirectory() ? packageEntry(path) : pathToFileURL(path).href;
  }
  return importedFrom(specifier, join(resolve(folder), 'package.json'));
}

/** The entry file of a package folder: its `exports`, else `main`, else `index.js`. */
function packageEntry(folder: string): string | undefined {
  const manifest = join(folder, 'package.json');
  const { name, exports, main } = existsSync(manifest)
    ? manifestSchema.parse(parseJson(readText(manifest)))
    : {};
  // With `exports`, a package may refer to itself by name; that is the resolver's own reading of the map.
  if (exports !== undefined && name !== undefined) return importedFrom(name, manifest);
  const file = join(folder, main ?? 'index.js');
  if (relative(folder, file).startsWith('..')) throw new Error(`"main" leads out of ${folder}`);
  return pathToFileURL(file).href;
}

function importedFrom(specifier: string, file: string): string | undefined {
  try {
    return resolveImport(specifier, pathToFileURL(file).href);
  } catch {
    return undefined;
  }
}
