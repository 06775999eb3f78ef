/**
 * A copy of this checkout, to be changed and run in. Installed packages are linked; Ligature's own are those of the
 * copy. Nothing is copied that git ignores.
 */
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './support.js';

export interface HouseCopy {
  readonly folder: string;
  /** Runs an installed program in the copy; the text that it prints. */
  run(program: string, ...args: string[]): Promise<string>;
  remove(): void;
}

/** Paths of all files of the checkout, those that are not committed yet included. */
export function filesOfHouse(): string[] {
  const flags = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', flags, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 25 });
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(join(ROOT, path)));
}

/** @param built with what the packages were built to, which git ignores */
export function copyHouse({ built = false } = {}): HouseCopy {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-house-'));
  const copy = (path: string): void => cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  for (const path of filesOfHouse()) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    copy(path);
  }
  for (const name of built ? readdirSync(join(folder, 'packages')) : []) copy(`packages/${name}/dist`);
  linkPackages(folder);
  // A daemon of nx would outlive the test.
  const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', NO_COLOR: '1' };
  return {
    folder,
    async run(program, ...args) {
      const file = join(folder, 'node_modules', '.bin', program);
      const options = { cwd: folder, env, maxBuffer: 2 ** 25, shell: process.platform === 'win32' };
      try {
        return (await promisify(execFile)(file, args, options)).stdout;
      } catch (cause) {
        const { stdout, stderr } = cause as { stdout?: string; stderr?: string };
        throw new Error(`${program} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause });
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Also those packages of the copy that came into it later. */
export function linkPackages(folder: string): void {
  const installed = join(ROOT, 'node_modules');
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@ligature'), { recursive: true });
  const link = (target: string, path: string): void => {
    if (!existsSync(path)) symlinkSync(target, path, 'junction');
  };
  for (const name of readdirSync(installed)) {
    if (name !== '@ligature' && name !== '.cache') link(join(installed, name), join(modules, name));
  }
  for (const name of readdirSync(join(folder, 'packages'))) {
    link(join(folder, 'packages', name), join(modules, '@ligature', name));
  }
}
