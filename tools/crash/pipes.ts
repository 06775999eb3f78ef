/**
 * Pipes and terminals that go away while a run goes on: whoever reads its progress or its result leaves, the terminal is
 * closed, the command of a study is killed above its trial. No run may end of it otherwise than undisturbed ones, and
 * what is stopped loses no step.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomStream } from '@ligature/core';
import { makeWorkplace, runToEnd, spawnCommand, type Running, type Workplace } from './runs.js';
import { hashOfRun, newestStep, stepsInLog } from './state.js';

interface Case {
  readonly name: string;
  /** Carries the run to its end, in a folder of that name. @returns what went wrong on the way */
  readonly play: (workplace: Workplace, name: string, random: RandomStream) => Promise<readonly string[]>;
  /** The run is the one trial of a study. */
  readonly study?: boolean;
}

const STEPS = 100;

/** A step at which something happens: early enough, so that much of the run comes after. */
const soon = (random: RandomStream): number => random.integer(1, STEPS - 40);

async function reached(running: Running, folder: () => string | undefined, step: number): Promise<void> {
  let over = false;
  void running.outcome.then(() => (over = true));
  while (!over && stepsInLog(folder() ?? '') < step) await sleep(2);
}

async function ends(running: Running, expected: number | null, when: string): Promise<string[]> {
  const { status, stderr } = await running.outcome;
  return status === expected ? [] : [`${when}: ended with status ${status}: ${stderr.trim().slice(-400)}`];
}

/** The folder of the one trial of a study, once it is there. */
function trialOf(study: string): string | undefined {
  if (!existsSync(study)) return undefined;
  const name = readdirSync(study).find((one) => one.endsWith('-seed-1'));
  return name === undefined ? undefined : join(study, name);
}

const train = (workplace: Workplace, name: string, ...more: string[]): Running =>
  spawnCommand(workplace, ['train', '--config', 'config.json', '--name', name, ...more]);

/** A run that was stopped: all that its log tells of is in its checkpoint, and its folder is free. */
function savedAll(folder: string, when: string): string[] {
  const [logged, saved] = [stepsInLog(folder), newestStep(folder)];
  return [
    ...(saved === logged ? [] : [`${when}: checkpoint ${saved ?? 'none'}, the log is at step ${logged}`]),
    ...(existsSync(join(folder, 'run.lock')) ? [`${when}: its lock was left`] : []),
  ];
}

const CASES: readonly Case[] = [
  {
    name: 'progress-closed',
    async play(workplace, name, random) {
      const running = train(workplace, name);
      await reached(running, () => join(workplace.folder, 'runs', name), soon(random));
      running.child.stderr?.destroy();
      return ends(running, 0, 'without a reader of its progress');
    },
  },
  {
    name: 'all-closed',
    async play(workplace, name) {
      const running = train(workplace, name, '--json');
      running.child.stderr?.destroy();
      running.child.stdout?.destroy();
      return ends(running, 0, 'without any reader');
    },
  },
  {
    name: 'terminal-closed',
    async play(workplace, name, random) {
      const folder = join(workplace.folder, 'runs', name);
      const running = train(workplace, name);
      await reached(running, () => folder, soon(random));
      running.child.stderr?.destroy();
      running.child.stdout?.destroy();
      running.child.kill('SIGHUP');
      const hungUp = await ends(running, 129, 'hung up');
      const going = spawnCommand(workplace, ['resume', folder, '--quiet']);
      return [...hungUp, ...savedAll(folder, 'hung up'), ...(await ends(going, 0, 'resumed'))];
    },
  },
  {
    name: 'command-killed',
    study: true,
    async play(workplace, name, random) {
      const study = join(workplace.folder, 'runs', name);
      const running = spawnCommand(workplace, ['compare', '--config', 'study.json', '--name', name]);
      await reached(running, () => trialOf(study), soon(random));
      running.child.kill('SIGKILL');
      await running.outcome;
      const trial = trialOf(study) ?? study;
      // The pipes of the command close with it; the trial's own process saves and ends.
      for (let waited = 0; existsSync(join(trial, 'run.lock')) && waited < 60_000; waited += 10)
        await sleep(10);
      const saved = savedAll(trial, 'without its command');
      const going = spawnCommand(workplace, ['resume', study, '--quiet']);
      return [...saved, ...(await ends(going, 0, 'resumed'))];
    },
  },
];

/** @returns what differs from the run that nobody disturbs */
export async function closePipes(random: RandomStream): Promise<string[]> {
  const workplace = makeWorkplace(STEPS);
  const failures: string[] = [];
  try {
    const expected = hashOfRun(await runToEnd(workplace, 'whole'));
    for (const { name, play, study = false } of CASES) {
      const found = [...(await play(workplace, name, random))];
      const folder = join(workplace.folder, 'runs', name);
      const hash = hashOfRun(study ? (trialOf(folder) ?? folder) : folder);
      if (hash !== expected) found.push(`${hash} instead of ${expected}`);
      console.log(`${name}: ${hash} ${hash === expected ? 'equal' : 'DIFFERENT'}`);
      failures.push(...found.map((one) => `${name}: ${one}`));
    }
  } finally {
    workplace.remove();
  }
  return failures;
}
