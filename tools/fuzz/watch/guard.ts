/**
 * Watches what a reader does to the machine: while the guard is up, every call of Node's that writes a file, starts
 * a process or opens a connection is refused and noted. Node's own modules are changed in place, because readers
 * import their functions by name.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

type Call = (...args: unknown[]) => unknown;
type Api = Record<string, Call>;

const WRITERS = [
  ...['writeFile', 'appendFile', 'mkdir', 'mkdtemp', 'rm', 'rmdir', 'unlink', 'rename', 'copyFile', 'cp'],
  ...['symlink', 'link', 'truncate', 'chmod', 'chown', 'lchown', 'utimes', 'lutimes', 'createWriteStream'],
];
const STARTERS = ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'];

export class Guard {
  /** What the reader tried, one line each. */
  readonly attempts: string[] = [];
  readonly #undo: (() => void)[] = [];

  /** @param allowed a folder below which writing is fine */
  constructor(private readonly allowed?: string) {}

  up(): void {
    for (const api of [fs, fs.promises] as unknown as Api[]) {
      for (const name of WRITERS.flatMap((one) => [one, `${one}Sync`])) this.#refuse(api, name, pathOf);
      for (const name of ['open', 'openSync']) {
        this.#refuse(api, name, (args) => (opensForReading(args[1]) ? undefined : pathOf(args)));
      }
    }
    for (const name of STARTERS) {
      this.#refuse(childProcess as unknown as Api, name, ([command]) => String(command));
    }
    this.#refuse(net.Socket.prototype as unknown as Api, 'connect', () => 'a connection');
    syncBuiltinESMExports();
  }

  down(): void {
    for (const undo of this.#undo.splice(0)) undo();
    syncBuiltinESMExports();
  }

  /** @param forbidden what the call would touch, or nothing if it is harmless */
  #refuse(api: Api, name: string, forbidden: (args: unknown[]) => string | undefined): void {
    const original = api[name];
    if (typeof original !== 'function') return;
    const note = (args: unknown[]): string | undefined => {
      const what = forbidden(args);
      if (what === undefined || this.#isAllowed(what)) return undefined;
      this.attempts.push(`${name} ${what}`);
      return what;
    };
    api[name] = function (this: unknown, ...args: unknown[]): unknown {
      const what = note(args);
      if (what !== undefined) throw new Error(`the fuzz guard refuses ${name} ${what}`);
      return Reflect.apply(original, this, args);
    };
    this.#undo.push(() => void (api[name] = original));
  }

  #isAllowed(path: string): boolean {
    return (
      this.allowed !== undefined && `${resolve(path)}${sep}`.startsWith(`${resolve(this.allowed)}${sep}`)
    );
  }
}

function pathOf([path]: unknown[]): string {
  if (path instanceof URL) return fileURLToPath(path);
  return Buffer.isBuffer(path) ? path.toString() : String(path);
}

function opensForReading(flags: unknown): boolean {
  if (flags === undefined || flags === null || typeof flags === 'function') return true;
  if (typeof flags === 'string') return ['r', 'rs', 'sr'].includes(flags);
  const writing = fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_TRUNC;
  return typeof flags === 'number' && (flags & writing) === 0;
}
