/**
 * The run folders below a folder: those with an event log, at any place that Ligature puts them (a run of its own, a
 * trial of a comparison, a sweep or a landscape). Links are not followed; the search is bounded, since nobody knows
 * what lies there.
 */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

const DEEPEST = 5;
const MOST_FOLDERS = 20_000;

export interface FoundRun {
  /** Stands for the run in requests; the same as long as the run lies where it lies. */
  readonly id: string;
  /** Path below the root, with `/`. */
  readonly name: string;
  readonly folder: string;
}

/** In order of their names. Folders that cannot be read are passed over. */
export async function findRuns(root: string): Promise<FoundRun[]> {
  const found: FoundRun[] = [];
  let left = MOST_FOLDERS;
  const visit = async (folder: string, level: number): Promise<void> => {
    if (left <= 0) return;
    left -= 1;
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    if (entries.some((entry) => entry.name === 'events.jsonl' && entry.isFile())) {
      found.push(describe(root, folder));
      return;
    }
    if (level === DEEPEST) return;
    for (const entry of entries) {
      const skipped = entry.name.startsWith('.') || entry.name === 'node_modules';
      if (entry.isDirectory() && !skipped) await visit(join(folder, entry.name), level + 1);
    }
  };
  await visit(root, 0);
  return found.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

function describe(root: string, folder: string): FoundRun {
  const name = relative(root, folder).split(sep).join('/') || '.';
  return { id: createHash('sha256').update(name).digest('hex').slice(0, 12), name, folder };
}
