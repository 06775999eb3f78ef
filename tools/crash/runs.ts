/** Real runs of the built command as child processes, small enough to be killed dozens of times. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/ligature.js', import.meta.url));

/** Steps between checkpoints of these runs. */
export const CHECKPOINT_EVERY = 7;

/** Everything that moves is in it: a learner with replay, dropout, accumulation, fresh probe batches. */
const CONFIG = {
  dataset: 'text.txt',
  tokenizer: 'byte',
  backend: 'cpu',
  model: { layers: 4, width: 16, heads: 2, context: 16, dropout: 0.1 },
  controller: {
    name: 'q-learning',
    options: { replay: { capacity: 50, batch: 4 }, epsilon: { decay: 0.8 } },
  },
  tying: { window: 3, probe: 'fresh-train', moments: 'keep' },
  training: { steps: 240, batch: 2, accumulation: 2, warmup: 10 },
  // What `memory` and `throughput` measure is never the same twice.
  evaluation: { every: 40, batches: 1, evaluators: ['ledger', 'diagnostics'] },
  checkpoint: { every: CHECKPOINT_EVERY, everyMinutes: null },
  // Dozens of rotations, each of which a kill may hit; none is thrown away, so that whole logs are compared.
  eventLog: { rotateMegabytes: 4000 / 2 ** 20, keepFiles: 1000 },
};

export interface Workplace {
  readonly folder: string;
  remove(): void;
}

export interface Running {
  readonly child: ChildProcess;
  readonly outcome: Promise<{ readonly status: number | null; readonly stderr: string }>;
}

/** @param steps of its runs; left out: enough to be killed many times */
export function makeWorkplace(steps = CONFIG.training.steps): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-crash-'));
  const text = Array.from(
    { length: 200 },
    (_, i) => `${i} sheep jumped over ${i % 7} fences, and then ${i * 3} more.\n\n`,
  );
  writeFileSync(join(folder, 'text.txt'), text.join(''));
  const config = { ...CONFIG, training: { ...CONFIG.training, steps } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  // A flag would name the controller without its options.
  const compare = { controllers: [CONFIG.controller], seeds: 1 };
  writeFileSync(join(folder, 'study.json'), JSON.stringify({ ...config, compare }));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Begins a run, or resumes the one in `resume`. */
export function startRun({ folder }: Workplace, name: string, resume?: string): Running {
  const args =
    resume === undefined ? ['train', '--config', 'config.json', '--name', name] : ['resume', resume];
  return spawnCommand({ folder }, [...args, '--quiet', '--json']);
}

/** Any command, whose output and progress somebody reads until he destroys the streams. */
export function spawnCommand({ folder }: Pick<Workplace, 'folder'>, args: readonly string[]): Running {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: folder,
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.resume();
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const outcome = new Promise<{ status: number | null; stderr: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stderr }));
  });
  return { child, outcome };
}

/** A run that nobody disturbs. @returns its folder */
export async function runToEnd(workplace: Workplace, name: string): Promise<string> {
  const { status, stderr } = await startRun(workplace, name).outcome;
  if (status !== 0) throw new Error(`the undisturbed run ended with status ${status}: ${stderr}`);
  return join(workplace.folder, 'runs', name);
}
