/** A copy of this checkout with its history and its builds, so that versions and tags are made elsewhere. */
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Repository } from '../check-packages/packages.js';
import type { Run, RunOptions } from './processes.js';

export interface Copy {
  readonly folder: string;
  git(...args: string[]): Promise<string>;
  /** Commits everything, as nobody in particular. */
  commit(message: string): Promise<void>;
}

/** @throws Error naming the packages that are not built */
export function assertBuilt({ packages }: Repository): void {
  const missing = packages.filter((pkg) => !existsSync(join(pkg.folder, 'dist', 'index.js')));
  if (missing.length > 0)
    throw new Error(`Not built: ${missing.map(({ name }) => name).join(', ')}. Run \`npm run build\` first.`);
}

/** @param env for the copy; the checkout itself is read with the user's own git settings */
export async function copyCheckout(
  { root, packages }: Repository,
  folder: string,
  run: Run,
  env: NodeJS.ProcessEnv,
): Promise<Copy> {
  const here: RunOptions = { cwd: root, env: process.env };
  // Without tags everything is new, as at the first release, whatever has been released since.
  await run('git', ['clone', '--quiet', '--no-hardlinks', '--no-tags', root, folder], here);
  const git = async (...args: string[]): Promise<string> => {
    const nobody = ['-c', 'user.name=Rehearsal', '-c', 'user.email=rehearsal@localhost'];
    return (await run('git', [...nobody, ...args], { cwd: folder, env })).stdout;
  };
  const copy: Copy = {
    folder,
    git,
    commit: async (message) => {
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '--message', message);
    },
  };
  // CI may have checked out a commit without a branch.
  await git('checkout', '--quiet', '-B', 'main');
  await overlay(here, folder, run);
  await copy.commit('chore: what is not committed yet');
  for (const pkg of packages)
    cpSync(join(pkg.folder, 'dist'), join(folder, pkg.directory, 'dist'), { recursive: true });
  // The tools of the checkout (lerna, nx) and no package of it: nothing is imported from here.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, '.git', 'info', 'exclude'), 'node_modules\n');
  return copy;
}

/** Brings files that are changed, new or gone since the last commit. */
async function overlay(here: RunOptions, folder: string, run: Run): Promise<void> {
  const list = async (...args: string[]): Promise<string[]> =>
    (await run('git', [...args, '-z'], here)).stdout.split('\0').filter((path) => path !== '');
  const changed = await list('diff', '--name-only', 'HEAD');
  const added = await list('ls-files', '--others', '--exclude-standard');
  for (const path of [...changed, ...added]) {
    const [from, to] = [join(here.cwd, path), join(folder, path)];
    if (existsSync(from)) {
      mkdirSync(dirname(to), { recursive: true });
      cpSync(from, to);
    } else {
      rmSync(to, { force: true });
    }
  }
}
