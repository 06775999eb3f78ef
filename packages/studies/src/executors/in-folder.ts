/** A folder on this machine for a trial whose files may be kept elsewhere. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import type { RunConfig, TrialOrder, TrialStore } from '@ligature/core';
import { readPlainFile, writeWhole } from '@ligature/core/node';

/**
 * Works in the store's own place where it has one here. Elsewhere what the trial begins with is fetched before, and all
 * that lies in the folder is put into the store after, also where the work failed.
 */
export async function inTrialFolder<T>(
  store: TrialStore,
  { id, config, resume }: Pick<TrialOrder, 'id' | 'config' | 'resume'>,
  work: (folder: string, from: string | null) => Promise<T>,
): Promise<T> {
  const from = startOf(config);
  if (store.place) return await work(store.place(id), from === undefined ? null : store.place(from));
  const scratch = mkdtempSync(join(tmpdir(), 'ligature-trial-'));
  const folder = join(scratch, 'trial');
  const start = join(scratch, 'from');
  try {
    if (resume) await fetchTo(store, id, folder);
    if (from !== undefined) await fetchTo(store, from, start);
    try {
      return await work(folder, from === undefined ? null : start);
    } finally {
      await keep(store, id, folder);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The key of the store that the first weights come from, if they do. */
function startOf({ weights }: RunConfig): string | undefined {
  const key = weights.from?.name === 'stored' ? weights.from.options['key'] : undefined;
  return typeof key === 'string' ? key : undefined;
}

async function fetchTo(store: TrialStore, trial: string, folder: string): Promise<void> {
  for (const file of await store.files(trial)) {
    const content = await store.read(trial, file);
    if (content !== undefined) await writeWhole(join(folder, ...file.split('/')), content);
  }
}

async function keep(store: TrialStore, trial: string, folder: string): Promise<void> {
  // Refused before it made its folder: its error is the one to report.
  if (!existsSync(folder)) return;
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const names = found.map((one) => relative(folder, join(one.parentPath, one.name)).split(sep).join('/'));
  // A checkpoint that was rotated away here is gone there, too.
  const gone = (await store.files(trial)).filter((file) => !names.includes(file));
  for (const name of names)
    await store.write(trial, name, await readPlainFile(join(folder, ...name.split('/'))));
  for (const file of gone) await store.remove(trial, file);
}
