/** What can be read of a run from outside, between its lives. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Step of the newest checkpoint by name; whether it is whole is for the resumed run to find out. */
export function newestStep(folder: string): number | undefined {
  const checkpoints = join(folder, 'checkpoints');
  if (!existsSync(checkpoints)) return undefined;
  const steps = readdirSync(checkpoints).flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? []);
  return steps.length === 0 ? undefined : Math.max(...steps.map(Number));
}

/** The files of the event log, oldest first. */
function logFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^events(-\d+)?\.jsonl$/.test(name));
  // `events-…` before `events.jsonl`, as `-` comes before `.`.
  return names.sort();
}

/** Files are rotated away while somebody looks. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Last step that the event log tells of. */
export function stepsInLog(folder: string): number {
  for (const log of logFiles(folder).reverse()) {
    const text = textOf(join(folder, log));
    const steps = [...text.matchAll(/"type":"step\.completed","step":(\d+)/g)];
    if (steps.length > 0) return Number(steps.at(-1)?.[1]);
  }
  return 0;
}

/** Digest of a finished run: its weights, the state that it ended in, and its event log without timings. */
export function hashOfRun(folder: string): string {
  const hash = createHash('sha256');
  const last = join(
    folder,
    'checkpoints',
    readFileSync(join(folder, 'checkpoints', 'latest'), 'utf8').trim(),
  );
  hash.update(readFileSync(join(last, 'model.safetensors')));
  hash.update(readFileSync(join(last, 'state.safetensors')));
  // Where a file ends depends on the digits of timings; what all say together does not.
  const log = logFiles(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
  hash.update(log.replace(/"durationMs":[0-9.e+-]+/g, '"durationMs":0'));
  return hash.digest('hex').slice(0, 16);
}
