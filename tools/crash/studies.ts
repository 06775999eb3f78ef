/**
 * Kills a comparison of trials side by side with SIGKILL at random moments (alone, so that its trials are orphans, or with
 * all of its processes) and resumes it until it ends: results, reports and every trial must be those of a comparison that was
 * never killed, and no trial may be counted twice.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { createRandomStream, type RandomStream } from '@ligature/core';
import { COMMAND, type Workplace } from './runs.js';
import { hashOfRun, stepsInLog } from './state.js';

const STEPS = 40;
const CONTROLLERS = ['none', 'q-learning'];
const SEEDS = [1, 2];
const TRIALS = CONTROLLERS.length * SEEDS.length;

const CONFIG = {
  dataset: 'text.txt',
  tokenizer: 'byte',
  backend: 'cpu',
  threads: 1,
  model: { layers: 3, width: 8, heads: 2, context: 16, dropout: 0.1 },
  tying: { window: 3, probe: 'fresh-train' },
  training: { steps: STEPS, batch: 2, warmup: 5 },
  evaluation: { every: 20, batches: 1, evaluators: ['ledger', 'diagnostics'] },
  checkpoint: { every: 7, everyMinutes: null },
  compare: { controllers: CONTROLLERS, seeds: SEEDS, parallel: 2 },
};

interface Study {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly status: number | null; readonly stderr: string }>;
}

/** In a process group of its own, so that it can be killed with all that it started. */
function start({ folder }: Workplace, name: string, resumed: boolean): Study {
  const argv = resumed ? ['resume', `runs/${name}`] : ['compare', '--config', 'study.json', '--name', name];
  const child = spawn(process.execPath, [COMMAND, ...argv, '--quiet'], {
    cwd: folder,
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ status: number | null; stderr: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status) => resolve({ status, stderr }));
  });
  return { child, ended };
}

/** Steps of all trials so far, and how much else there is: what moves while a study goes on. */
function progress(place: string): number {
  if (!existsSync(place)) return 0;
  const trials = readdirSync(place).filter((name) => /-seed-\d+$/.test(name));
  const done = trials.filter((name) => existsSync(join(place, name, 'result.json'))).length;
  return done + trials.reduce((sum, name) => sum + stepsInLog(join(place, name)), 0);
}

/** Kills it at a moment that is drawn. @returns what was done; `undefined`: it came to its end before */
async function strike(
  { child, ended }: Study,
  place: string,
  random: RandomStream,
): Promise<string | undefined> {
  const alone = random.uniform() < 0.5;
  const early = random.uniform() < 0.2;
  const target = progress(place) + random.integer(1, TRIALS * STEPS * 0.4);
  const later = random.integer(0, early ? 1500 : 40);
  let over = false;
  void ended.then(() => (over = true));
  while (!early && !over && progress(place) < target) await sleep(10);
  await sleep(later);
  if (over || child.pid === undefined) return undefined;
  process.kill(alone ? child.pid : -child.pid, 'SIGKILL');
  await ended;
  return `${alone ? 'alone' : 'with its trials'}, ${early ? `${later} ms after its start` : `at ${target} steps`}`;
}

/** What is left of a study, without all that a clock or the size of a process is in. */
function remains(place: string): Record<string, unknown> {
  const timed =
    /^(tokensPerSecond|trainingSeconds|memory|peakBackendBytes|peakResidentBytes|durationMs|folder)$/;
  const comparison = JSON.parse(
    readFileSync(join(place, 'comparison.json'), 'utf8'),
    (key, value: unknown) => (timed.test(key) ? undefined : value),
  ) as { ids: string[]; trials: unknown[] };
  const csv = readFileSync(join(place, 'comparison.csv'), 'utf8').trimEnd().split('\n');
  const columns = (csv[0] as string).split(',');
  const measured = columns.map((name) => !/per_second|seconds|_bytes/.test(name));
  return {
    comparison,
    table: csv.map((line) => line.split(',').filter((_, index) => measured[index])),
    files: readdirSync(place).sort(),
    trials: Object.fromEntries(comparison.ids.map((id) => [id, hashOfRun(join(place, id))])),
  };
}

/** What is wrong with a study that has ended, set beside one that was never killed. */
function faults(name: string, found: Record<string, unknown>, expected: Record<string, unknown>): string[] {
  const differing = Object.keys(expected)
    .filter((key) => !isDeepStrictEqual(found[key], expected[key]))
    .map((key) => `${name}: ${key} differ from those of the study that was never killed`);
  const { ids } = found['comparison'] as { ids: string[] };
  const twice = ids
    .filter((id, index) => ids.indexOf(id) !== index)
    .map((id) => `${name}: ${id} counted twice`);
  return [...differing, ...twice, ...(ids.length === TRIALS ? [] : [`${name}: ${ids.length} trials`])];
}

/** @returns failures, in words */
export async function crashStudies(workplace: Workplace, kills: number, seed: number): Promise<string[]> {
  writeFileSync(join(workplace.folder, 'study.json'), JSON.stringify(CONFIG));
  const place = (name: string): string => join(workplace.folder, 'runs', name);
  const whole = await start(workplace, 'study-whole', false).ended;
  if (whole.status !== 0)
    return [`the study that was never killed ended with ${whole.status}: ${whole.stderr}`];
  const expected = remains(place('study-whole'));
  const failures: string[] = [];
  let killed = 0;
  for (let round = 0; killed < kills; round += 1) {
    const name = `study-${seed}-${round}`;
    const random = createRandomStream(seed * 1000 + round, 'crash-studies');
    for (let life = 0; ; life += 1) {
      const begun = existsSync(join(place(name), 'plan.json'));
      // Killed before there was anything to resume: begins again, as a user would.
      if (!begun) rmSync(place(name), { recursive: true, force: true });
      const study = start(workplace, name, begun);
      const struck = killed < kills ? await strike(study, place(name), random) : undefined;
      if (struck !== undefined) {
        killed += 1;
        console.log(`kill ${killed} of a study (${name}, life ${life}): ${struck}`);
        continue;
      }
      const { status, stderr } = await study.ended;
      if (status === 0) failures.push(...faults(name, remains(place(name)), expected));
      else failures.push(`${name}: ended with status ${status}: ${stderr.trim().slice(-400)}`);
      break;
    }
  }
  return failures;
}
