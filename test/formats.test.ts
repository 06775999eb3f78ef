/**
 * Runs and studies that an earlier version wrote and was stopped in: they are read, resumed, and come to the same
 * end as if nobody had stopped them and no code had changed. `fixtures/format-1/README.md` says how they were made.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseEvents, parseWeights, type Event } from '../tools/same-weights/trace.js';
import { ligature, ROOT } from './support.js';

/** Of tests that resume: a study starts a process for each trial, and other tests may run beside it. */
const LONG = 240_000;

const FIXTURES = join(ROOT, 'test', 'fixtures', 'format-1');

interface ExpectedRun {
  readonly result: Readonly<Record<string, unknown>> & { readonly test: Readonly<Record<string, number>> };
  /** The events that count, each with the fields that count. */
  readonly events: readonly Event[];
  /** A digest of the data of each tensor. */
  readonly weights?: Readonly<Record<string, string>>;
}

interface ExpectedStudy {
  readonly printed: Readonly<Record<string, unknown>>;
  readonly runs: Readonly<Record<string, ExpectedRun>>;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ligature-formats-'));
  cpSync(FIXTURES, folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;
const expectedOf = <T>(name: string): T => readJson<T>(join(FIXTURES, `${name}.expected.json`));
const logOf = (run: string): Buffer => readFileSync(join(folder, run, 'events.jsonl'));

async function resume(name: string): Promise<unknown> {
  const { status, stdout, stderr } = await ligature(['resume', name, '--json'], folder);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

const picked = (from: Readonly<Record<string, unknown>>, like: object): Record<string, unknown> =>
  Object.fromEntries(Object.keys(like).map((field) => [field, from[field]]));

/** The events of the types that are expected, each with the fields that are expected of its type. */
function eventsLike(run: string, expected: readonly Event[]): unknown[] {
  const like = new Map(expected.map((event) => [event.type, event]));
  return parseEvents(logOf(run).toString()).flatMap((event) => {
    const one = like.get(event.type);
    return one ? [picked(event, one)] : [];
  });
}

/** Of the checkpoint at the end of the run; nothing when the study keeps none. */
function weightsOf(run: string): Record<string, string> | undefined {
  const checkpoints = join(folder, run, 'checkpoints');
  if (!existsSync(checkpoints)) return undefined;
  const latest = readFileSync(join(checkpoints, 'latest'), 'utf8').trim();
  const { tensors } = parseWeights(readFileSync(join(checkpoints, latest, 'model.safetensors')));
  const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
  return Object.fromEntries([...tensors].map(([name, { data }]) => [name, digest(data)]));
}

function expectRun(run: string, expected: ExpectedRun): void {
  const result = readJson<Record<string, unknown>>(join(folder, run, 'result.json'));
  expect(picked(result, expected.result)).toEqual(expected.result);
  expect(eventsLike(run, expected.events)).toEqual(expected.events);
  expect(weightsOf(run)).toEqual(expected.weights);
}

it(
  'resumes a run that was killed, and ends where it would have ended',
  async () => {
    const expected = expectedOf<ExpectedRun>('run');
    const log = logOf('run').toString();
    expect(log).toContain('"step":16,');
    expect(readdirSync(join(folder, 'run', 'checkpoints'))).toEqual(['latest', 'step-000012']);

    const printed = (await resume('run')) as Record<string, unknown>;
    expect(picked(printed, expected.result)).toEqual(expected.result);
    expectRun('run', expected);
    // What came before the checkpoint is as it was, to the byte.
    const saved = log.slice(0, log.indexOf('"step.completed","step":12,'));
    expect(saved.length).toBeGreaterThan(1000);
    expect(logOf('run').toString().startsWith(saved)).toBe(true);
  },
  LONG,
);

/** Names of the numbers in what studies print, as they were and as they are: any task has them now. */
const RENAMED: Readonly<Record<string, string>> = {
  lowestMap: 'bestMap',
  againstLowest: 'againstBest',
  loss: 'value',
};

/** The same numbers in today's format: the metrics of a split together, and a landscape's in words for any metric. */
function asToday(value: unknown, study: string): unknown {
  if (Array.isArray(value)) return value.map((one) => asToday(one, study));
  if (typeof value !== 'object' || value === null) return value;
  const made: Record<string, unknown> = {};
  for (const [name, old] of Object.entries(value)) {
    const one = asToday(old, study);
    const [, split, metric] = /^(test|validation)([A-Z]\w*)$/.exec(name) ?? [];
    if (split !== undefined && study === 'sweep') made[split] = one;
    else if (split !== undefined && metric !== undefined) {
      const key = metric.charAt(0).toLowerCase() + metric.slice(1);
      made[split] = { ...(made[split] as object | undefined), [key]: one };
    } else if (name === 'format') made[name] = 2;
    // Words are those of today; which metric that is stands in `task` now.
    else if (name === 'verdict') continue;
    else if (name === 'metric' && one === 'test nats') continue;
    else if (study !== 'landscape') made[name] = one;
    else if (name === 'lowest' && typeof one === 'object') made['best'] = one;
    else made[RENAMED[name] ?? name] = one;
  }
  return made;
}

describe.each([
  ['comparison', ['none-seed-1'], ['q-learning-hidden=8-seed-1']],
  ['sweep', ['001-seed-1'], ['002-seed-1', '003-seed-1']],
  ['landscape', ['0-0-2-seed-1'], ['0-1-0-seed-1', '0-1-1-seed-1', 'random-seed-1']],
])('a stopped %s', (name, finished, others) => {
  const { printed, runs } = expectedOf<ExpectedStudy>(name);

  it('holds a model that measures as it did', async () => {
    const [run] = finished.filter((one) => runs[one]!.weights !== undefined);
    // A landscape removes the checkpoints of finished trials.
    expect(run === undefined).toBe(name === 'landscape');
    if (run === undefined) return;
    const args = ['evaluate', `${name}/${run}`, '--split', 'test', '--json'];
    const { status, stdout, stderr } = await ligature(args, folder);
    expect(status, stderr).toBe(0);
    const { metrics } = JSON.parse(stdout) as { metrics: Record<string, number> };
    expect(picked(metrics, runs[run]!.result.test)).toEqual(runs[run]!.result.test);
  });

  it(
    'goes on, and sums up what it would have summed up',
    async () => {
      const before = finished.map((run) => logOf(join(name, run)));
      expect(await resume(name)).toMatchObject(asToday(printed, name) as object);
      expect(Object.keys(runs).sort()).toEqual([...finished, ...others].sort());
      for (const [run, expected] of Object.entries(runs)) expectRun(join(name, run), expected);
      // Nothing is trained twice.
      expect(finished.map((run) => logOf(join(name, run)))).toEqual(before);
    },
    LONG,
  );

  it('makes a report', async () => {
    const { status, stderr } = await ligature(['report', name], folder);
    expect(status, stderr).toBe(0);
    expect(existsSync(join(folder, name, 'report.html'))).toBe(true);
  });
});
