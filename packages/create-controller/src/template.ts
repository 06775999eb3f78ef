/**
 * The files of a new package. The template is a package itself, named `@example/my-controller`, so that it can be
 * checked, tested and run like any other code; here its names and texts are replaced by those that are wanted.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PackageName } from './names.js';
import { versionRange } from './versions.js';

export interface TemplateValues {
  readonly name: PackageName;
  /** One line, without a full stop; default: what the template's own rule does. */
  readonly summary?: string | undefined;
  /** `Name` or `Name <mail>`: for package.json and the licence. */
  readonly author?: string | undefined;
}

/** Contents by path; paths are relative, with slashes, in alphabetical order. */
export type Files = Readonly<Record<string, string>>;

const FOLDER = fileURLToPath(new URL('../template/', import.meta.url));

// As they are written in the template.
const NAME = '@example/my-controller';
const CONTROLLER = 'my-controller';
const SUMMARY = 'Ties a layer, watches the reward and takes the tie back where it hurt';
const HOLDER = 'The my-controller authors';

/** Left behind when somebody works on the template in place. */
const LITTER = new Set(['node_modules', 'dist', 'runs']);

/** The files of a package made from the template. */
export function templateFiles(values: TemplateValues): Files {
  const replace = replacer(values);
  const entries = walk(FOLDER).map((path): [string, string] => {
    const name = relative(FOLDER, path).split(sep).join('/');
    const text = readFileSync(path, 'utf8');
    // npm leaves a file named .gitignore out of what it publishes.
    if (name === '_gitignore') return ['.gitignore', text];
    if (name === 'package.json') return [name, manifest(text, replace, values.author)];
    return [name, replace(text)];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !LITTER.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? walk(path) : [path];
    });
}

/** Replaces everything in one pass, so that a name inside somebody's summary stays as it is. */
function replacer({ name, summary = SUMMARY, author }: TemplateValues): (text: string) => string {
  const replacements = new Map([
    [`'${SUMMARY}'`, literal(summary)],
    [SUMMARY, summary],
    [HOLDER, author?.replace(/\s*<.*/, '') ?? `The ${name.controller} authors`],
    [NAME, name.npm],
    [CONTROLLER, name.controller],
  ]);
  // The longer ones first: a regular expression takes the first alternative that fits.
  const pattern = new RegExp([...replacements.keys()].join('|'), 'g');
  return (text) => text.replace(pattern, (found) => replacements.get(found)!);
}

/** A string literal of TypeScript. */
function literal(text: string): string {
  return text.includes("'") ? JSON.stringify(text) : `'${text.replaceAll('\\', '\\\\')}'`;
}

/** Values are replaced after parsing: a summary may hold quotes. */
function manifest(text: string, replace: (text: string) => string, author: string | undefined): string {
  const parsed = JSON.parse(text, (key, value: unknown) => {
    if (value === '*') return versionRange(key);
    return typeof value === 'string' ? replace(ranged(value)) : value;
  }) as Record<string, unknown>;
  const { name, version, description, ...rest } = parsed;
  const all = { name, version, description, ...(author !== undefined && { author }), ...rest };
  return `${JSON.stringify(all, null, 2)}\n`;
}

/** `@ligature/cli@*` in a script. */
function ranged(script: string): string {
  return script.replace(/(@ligature\/[a-z-]+)@\*/g, (_, name: string) => `${name}@${versionRange(name)}`);
}
