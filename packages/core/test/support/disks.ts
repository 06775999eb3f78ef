/** File systems that fail: at any operation in turn, or by losing power. Tests of all that writes share them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FileSystem } from '../../src/node/disk/index.js';

/** A file system in memory of its own, until the test ends; `undefined` where one may not be mounted. @param size `64k` */
export function mounted(size: string): string | undefined {
  const place = mkdtempSync(join(tmpdir(), 'ligature-disk-'));
  onTestFinished(() => rmSync(place, { recursive: true }));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', place], { stdio: 'pipe' });
  } catch {
    return undefined;
  }
  // Runs before the one above.
  onTestFinished(() => void execFileSync('umount', [place]));
  return place;
}

export class Fault extends Error {
  readonly code = 'ENOSPC';
  readonly syscall = 'write';
}

/** Lets the `at`-th operation that changes something fail, and with `forever` all after it; a write fails half-way. */
export function failing(
  fs: FileSystem,
  at: number,
  forever: boolean,
): FileSystem & { readonly count: number } {
  let count = 0;
  const strikes = (): boolean => {
    count += 1;
    return forever ? count >= at : count === at;
  };
  const guard =
    <A extends unknown[]>(operation: (...args: A) => Promise<void>) =>
    async (...args: A): Promise<void> => {
      if (strikes()) throw new Fault('no space left on device');
      await operation(...args);
    };
  return {
    ...fs,
    makeFolder: guard((path) => fs.makeFolder(path)),
    rename: guard((from, to) => fs.rename(from, to)),
    remove: guard((path) => fs.remove(path)),
    syncFolder: guard((path) => fs.syncFolder(path)),
    async write(path, bytes) {
      if (!strikes()) return fs.write(path, bytes);
      // Where everything ends, even this may not have come about.
      await fs.write(path, bytes.subarray(0, bytes.length >> 1));
      throw new Fault('no space left on device');
    },
    get count() {
      return count;
    },
  };
}

type Node = Uint8Array | Folder;
type Folder = Map<string, Node>;

/**
 * What a journalling file system promises, and no more: the content of a file is durable when its write resolves;
 * changes of a folder's entries come to the disk in order, but when only `syncFolder` says, and folders independently.
 */
export class MemoryDisk implements FileSystem {
  readonly #root: Folder = new Map();
  /** Changes of entries that a power cut may take away, oldest first. */
  #pending: { readonly folder: Folder; undo(): void }[] = [];

  /** Bound, for spreading into other file systems. */
  asPort(): FileSystem {
    return {
      makeFolder: (path) => this.makeFolder(path),
      write: (path, bytes) => this.write(path, bytes),
      read: (path) => this.read(path),
      list: (path) => this.list(path),
      rename: (from, to) => this.rename(from, to),
      remove: (path) => this.remove(path),
      syncFolder: (path) => this.syncFolder(path),
    };
  }

  /** @param survives how many of the pending changes of one folder come to the disk */
  powerCut(survives: (pending: number) => number): void {
    const folders = new Set(this.#pending.map(({ folder }) => folder));
    const lost = new Set<{ undo(): void }>();
    for (const folder of folders) {
      const own = this.#pending.filter((one) => one.folder === folder);
      for (const one of own.slice(survives(own.length))) lost.add(one);
    }
    for (const one of [...this.#pending].reverse()) if (lost.has(one)) one.undo();
    this.#pending = [];
  }

  makeFolder(path: string): Promise<void> {
    if (path !== '/' && !this.#find(path)) {
      void this.makeFolder(dirname(path));
      this.#set(path, new Map());
      return this.syncFolder(dirname(path));
    }
    return Promise.resolve();
  }

  write(path: string, bytes: Uint8Array): Promise<void> {
    if (this.#find(path)) {
      return Promise.reject(Object.assign(new Error('it exists'), { code: 'EEXIST', syscall: 'open' }));
    }
    this.#set(path, bytes.slice());
    return Promise.resolve();
  }

  read(path: string): Promise<Uint8Array> {
    const found = this.#find(path);
    if (found instanceof Uint8Array) return Promise.resolve(found.slice());
    return Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT', syscall: 'open' }));
  }

  list(path: string): Promise<readonly string[]> {
    const found = this.#find(path);
    const entries = found instanceof Map ? [...found] : [];
    return Promise.resolve(entries.map(([name, node]) => (node instanceof Map ? `${name}/` : name)));
  }

  rename(from: string, to: string): Promise<void> {
    const node = this.#find(from);
    const occupied = this.#find(to);
    if (!node || (occupied && (node instanceof Map || occupied instanceof Map))) {
      return Promise.reject(
        Object.assign(new Error('not renamed'), { code: 'ENOTEMPTY', syscall: 'rename' }),
      );
    }
    const folder = this.#folder(dirname(from));
    const before = [...folder];
    folder.delete(basename(from));
    folder.set(basename(to), node);
    this.#pend(folder, before);
    return Promise.resolve();
  }

  remove(path: string): Promise<void> {
    const folder = this.#folder(dirname(path));
    const node = folder.get(basename(path));
    // Entry by entry, as it really happens.
    if (node instanceof Map) for (const name of [...node.keys()]) void this.remove(join(path, name));
    if (node) {
      const before = [...folder];
      folder.delete(basename(path));
      this.#pend(folder, before);
    }
    return Promise.resolve();
  }

  syncFolder(path: string): Promise<void> {
    const folder = this.#folder(path);
    this.#pending = this.#pending.filter((one) => one.folder !== folder);
    return Promise.resolve();
  }

  #pend(folder: Folder, before: readonly [string, Node][]): void {
    const undo = (): void => {
      folder.clear();
      for (const [name, node] of before) folder.set(name, node);
    };
    this.#pending.push({ folder, undo });
  }

  #set(path: string, node: Node): void {
    const folder = this.#folder(dirname(path));
    const before = [...folder];
    folder.set(basename(path), node);
    this.#pend(folder, before);
  }

  #folder(path: string): Folder {
    const found = this.#find(path);
    if (found instanceof Map) return found;
    throw new Error(`no folder ${path}`);
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of path.split('/').filter(Boolean))
      node = node instanceof Map ? node.get(name) : undefined;
    return node;
  }
}
