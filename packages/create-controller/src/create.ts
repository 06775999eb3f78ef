/** Makes a package for a new controller from the template. */
import { lstatSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '@ligature/core';
import { diskTrouble } from '@ligature/core/node';
import { parsePackageName } from './names.js';
import { templateFiles, type Files } from './template.js';
import { writeWhole } from './write-whole.js';

export interface NewPackage {
  /** Of the npm package, with or without a scope. The folder and the controller are named like it, without the scope. */
  readonly name: string;
  /** What the controller does, in one line. */
  readonly summary?: string | undefined;
  /** `Name` or `Name <mail>`. */
  readonly author?: string | undefined;
  /** The folder that the package's folder is made in; default: the working folder. */
  readonly cwd?: string | undefined;
  /** Check everything and write nothing. */
  readonly dryRun?: boolean | undefined;
}

export interface MadePackage {
  /** Absolute path of the package. */
  readonly folder: string;
  /** Name of the controller, for `--controllers`. */
  readonly controller: string;
  /** Paths of its files inside the folder, in alphabetical order. */
  readonly files: readonly string[];
}

/**
 * Makes a package that builds, passes the contract suite and trains. Writes all of it or nothing.
 *
 * @throws InputError (`package-name-invalid`, `controller-name-taken`, `text-invalid`, `folder-exists`, `folder-not-writable`)
 */
export function createControllerPackage(wanted: NewPackage): MadePackage {
  const name = parsePackageName(wanted.name);
  const summary = oneLine('summary', wanted.summary)?.replace(/\.$/, '');
  const author = oneLine('author', wanted.author);
  const folder = resolve(wanted.cwd ?? process.cwd(), name.controller);
  const files = templateFiles({ name, summary, author });
  if (isTaken(folder)) {
    throw new InputError('folder-exists', {
      asked: `Make the package in ${folder}`,
      found: 'there is something of that name already, and nothing is overwritten',
      todo: 'Choose another name, or remove what is there',
    });
  }
  if (!wanted.dryRun) write(folder, files);
  return { folder, controller: name.controller, files: Object.keys(files) };
}

/** A link that leads nowhere takes a name, too. */
function isTaken(folder: string): boolean {
  try {
    return lstatSync(folder, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // Something on the way is no folder, which writing will say.
    return false;
  }
}

function write(folder: string, files: Files): void {
  try {
    writeWhole(folder, files);
  } catch (cause) {
    throw new InputError(
      'folder-not-writable',
      {
        asked: `Make the package in ${folder}`,
        ...diskTrouble(cause, dirname(folder)),
      },
      { cause },
    );
  }
}

const LONGEST = 200;

/** The text without blanks around it; nothing for an empty one. It will stand in code, so it has to be one plain line. */
function oneLine(what: string, text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  if (trimmed === undefined || trimmed === '') return undefined;
  if (trimmed.length <= LONGEST && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(trimmed)) return trimmed;
  throw new InputError('text-invalid', {
    asked: `Use the ${what} "${trimmed.slice(0, 40)}${trimmed.length > 40 ? '…' : ''}"`,
    found:
      trimmed.length > LONGEST
        ? `it has ${trimmed.length} characters`
        : 'it holds a line break or another control character',
    todo: `Give one line of at most ${LONGEST} characters`,
  });
}
