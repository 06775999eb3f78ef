/** Somebody's empty folder outside of this repository, and what they install and run there. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Outcome, Run } from './processes.js';
import type { Registry } from './registry.js';

const TRACE = fileURLToPath(new URL('./trace/register.mjs', import.meta.url));

interface Locked {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly resolved?: string }>>;
}

export class Consumer {
  readonly folder: string;
  private readonly log: string;

  constructor(
    folder: string,
    private readonly registry: Registry,
    private readonly run: Run,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    mkdirSync(folder);
    this.folder = realpathSync(folder);
    this.log = join(this.folder, 'modules.log');
    writeFileSync(join(this.folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  }

  async install(...names: string[]): Promise<void> {
    await this.run('npm', ['install', ...names], { cwd: this.folder, env: this.env });
    this.assertOwnFiles(join(this.folder, 'node_modules'));
    for (const [path, { resolved }] of Object.entries(this.locked())) {
      assert.ok(
        resolved?.startsWith(this.registry.url),
        `${path} came from the registry, not from ${resolved}`,
      );
    }
  }

  /** Versions of the installed packages whose names match. */
  installed(names: RegExp): ReadonlyMap<string, string> {
    const paths = Object.entries(this.locked()).map(
      ([path, { version }]) => [path.replace(/^.*node_modules\//, ''), version] as const,
    );
    return new Map(paths.filter(([name]) => names.test(name)));
  }

  private locked(): Locked['packages'] {
    const lock = readFileSync(join(this.folder, 'node_modules', '.package-lock.json'), 'utf8');
    return (JSON.parse(lock) as Locked).packages;
  }

  /** No folder is a link that leads out of here. */
  private assertOwnFiles(folder: string): void {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const place = realpathSync(path);
      assert.ok(place.startsWith(this.folder), `${path} is ${place}`);
      if (name.startsWith('@') && lstatSync(path).isDirectory()) this.assertOwnFiles(path);
    }
  }

  /** `npx ligature …`, as installed here. */
  ligature(...args: string[]): Promise<Outcome> {
    return this.traced(join('node_modules', '.bin', 'ligature'), args);
  }

  /** Copies a program here and runs it. */
  async program(file: string): Promise<Outcome> {
    const name = basename(file);
    copyFileSync(file, join(this.folder, name));
    return await this.node(name);
  }

  /** Runs a program that is here. @param path in this folder */
  node(path: string): Promise<Outcome> {
    return this.traced(process.execPath, [path]);
  }

  private traced(command: string, args: readonly string[]): Promise<Outcome> {
    const env = {
      ...this.env,
      NODE_OPTIONS: `--import=${pathToFileURL(TRACE).href}`,
      LIGATURE_TRACE: this.log,
    };
    return this.run(command, args, { cwd: this.folder, env });
  }

  /**
   * Every module that Node loaded for the commands above, child processes included, lies in this folder.
   * @returns their paths in this folder
   */
  loadedModules(): ReadonlySet<string> {
    const loaded = new Set(readFileSync(this.log, 'utf8').trim().split('\n'));
    return new Set(
      [...loaded].map((file) => {
        const place = realpathSync(file);
        assert.ok(place.startsWith(this.folder), `${file} was loaded, which is not in ${this.folder}`);
        return place.slice(this.folder.length + 1);
      }),
    );
  }
}
