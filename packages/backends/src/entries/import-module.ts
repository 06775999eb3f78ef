/** Loads the package behind a backend, and tells a package that is missing from one that is broken. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Imports a module by name. Tests pass their own. */
export type ImportModule = (specifier: string) => Promise<Record<string, unknown>>;

/** By its path and not by its name, because bundlers follow names and stumble over optional ones. */
export const importModule: ImportModule = async (specifier) => {
  const path = createRequire(import.meta.url).resolve(specifier);
  return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Record<string, unknown>;
};

export interface UnavailableOptions extends ErrorOptions {
  /** Nothing is broken: it is an optional package that nobody installed. */
  readonly notInstalled?: boolean;
}

/** Why a backend cannot run, and what to do: the first for `tried`, both for an error. */
export class Unavailable extends Error {
  readonly reason: string;
  readonly todo: string;
  readonly notInstalled: boolean;

  constructor(reason: string, todo: string, { notInstalled = false, ...options }: UnavailableOptions = {}) {
    super(`${reason}. ${todo}`, options);
    this.name = 'Unavailable';
    this.reason = reason;
    this.todo = todo;
    this.notInstalled = notInstalled;
  }
}

/** First line of whatever was thrown; tfjs also rejects with plain objects. */
export function firstLine(thrown: unknown): string {
  const message =
    typeof thrown === 'object' && thrown !== null && 'message' in thrown
      ? String(thrown.message)
      : String(thrown);
  return message.trim().split('\n')[0]!.replace(/\.$/, '');
}

/**
 * Imports an optional package.
 * @param rebuild what mends a package that is there and does not load.
 * @throws Unavailable
 */
export async function importPackage(
  name: string,
  rebuild: string,
  load: ImportModule = importModule,
): Promise<Record<string, unknown>> {
  try {
    return await load(name);
  } catch (cause) {
    const code = (cause as { code?: unknown }).code;
    const absent =
      (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') &&
      firstLine(cause).includes(`'${name}'`);
    if (absent) {
      const install = `Run \`npm install ${name}\``;
      throw new Unavailable(`${name} is not installed`, install, { cause, notInstalled: true });
    }
    throw new Unavailable(`${name} is installed but does not load: ${firstLine(cause)}`, rebuild, { cause });
  }
}
