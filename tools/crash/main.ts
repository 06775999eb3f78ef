/**
 * Kills real runs with SIGKILL at random moments, many of them aimed at the middle of writing a checkpoint, and
 * resumes them: `npm run test:crash -- [--kills 60] [--study-kills 6] [--plugins 12] [--seed 1]`. Every run must end with the same
 * weights and the same event log as one that was never killed, and no kill may cost more than what came after the last
 * checkpoint; studies are killed, too, pipes and terminals go away under runs that go on, and plug-ins misbehave. Prints kills, resumes, steps
 * lost and the hash; exit status 1 on any difference.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createRandomStream, type RandomStream } from '@ligature/core';
import { Command, InvalidArgumentError } from 'commander';
import { closePipes } from './pipes.js';
import { misbehaviours, runMisbehaving } from './plugins.js';
import { CHECKPOINT_EVERY, makeWorkplace, runToEnd, startRun, type Workplace } from './runs.js';
import { hashOfRun, newestStep, stepsInLog } from './state.js';
import { pickTarget, strike } from './strike.js';
import { crashStudies } from './studies.js';

interface Options {
  readonly kills: number;
  readonly studyKills: number;
  readonly plugins: number;
  readonly seed: number;
}

interface Tally {
  kills: number;
  inCheckpoint: number;
  resumes: number;
  lost: number;
  mostLost: number;
}

/** Kills one run again and again until it gets to its end between two strikes. */
async function killUntilDone(
  workplace: Workplace,
  name: string,
  random: RandomStream,
  tally: Tally,
  most: number,
): Promise<string[]> {
  const folder = join(workplace.folder, 'runs', name);
  const failures: string[] = [];
  let child = startRun(workplace, name);
  let before = 0;
  for (;;) {
    const target = tally.kills < most ? pickTarget(random) : undefined;
    const struck = target ? await strike(child, folder, target) : undefined;
    if (!struck) {
      const { status, stderr } = await child.outcome;
      if (status !== 0) failures.push(`${name}: ended with status ${status}: ${stderr.trim().slice(-400)}`);
      return failures;
    }
    tally.kills += 1;
    if (struck.inCheckpoint) tally.inCheckpoint += 1;
    const saved = newestStep(folder);
    const reached = stepsInLog(folder);
    const lost = Math.max(0, reached - (saved ?? 0));
    tally.lost += lost;
    tally.mostLost = Math.max(tally.mostLost, lost);
    console.log(
      `kill ${tally.kills} (${name}, ${struck.where}): at step ${reached}, checkpoint ${saved ?? 'none'}, ${lost} steps to repeat`,
    );
    if (saved !== undefined && saved < before)
      failures.push(`${name}: checkpoint ${before} was lost, ${saved} is the newest`);
    // One more than the interval: the log is ahead of the checkpoint while that is being written.
    if (lost > CHECKPOINT_EVERY + 1) failures.push(`${name}: ${lost} steps lost, more than one interval`);
    before = Math.max(before, saved ?? 0);
    if (saved === undefined) {
      // Killed before there was anything to resume: begins again, as a user would.
      rmSync(folder, { recursive: true, force: true });
      child = startRun(workplace, name);
    } else {
      tally.resumes += 1;
      child = startRun(workplace, name, folder);
    }
  }
}

async function crash({ kills, studyKills, plugins, seed }: Options): Promise<number> {
  const workplace = makeWorkplace();
  const tally: Tally = { kills: 0, inCheckpoint: 0, resumes: 0, lost: 0, mostLost: 0 };
  const failures: string[] = [];
  try {
    const whole = await runToEnd(workplace, 'whole');
    const expected = hashOfRun(whole);
    console.log(`never killed: ${expected}`);
    for (let run = 0; tally.kills < kills; run += 1) {
      const runSeed = seed * 1000 + run;
      const name = `seed-${runSeed}`;
      failures.push(
        ...(await killUntilDone(workplace, name, createRandomStream(runSeed, 'crash'), tally, kills)),
      );
      const hash = hashOfRun(join(workplace.folder, 'runs', name));
      console.log(`${name}: ${hash} ${hash === expected ? 'equal' : 'DIFFERENT'}`);
      if (hash !== expected) failures.push(`${name}: ${hash} instead of ${expected}`);
    }
    failures.push(...(await crashStudies(workplace, studyKills, seed)));
    failures.push(...(await closePipes(createRandomStream(seed, 'pipes'))));
    const chosen = createRandomStream(seed, 'plugins')
      .shuffle([...misbehaviours()])
      .slice(0, plugins);
    failures.push(...(await runMisbehaving(chosen)));
  } finally {
    workplace.remove();
  }
  console.log(
    `${tally.kills} kills (${tally.inCheckpoint} while a checkpoint was being written), ${tally.resumes} resumes, ` +
      `${tally.lost} steps repeated, at most ${tally.mostLost} a kill; ` +
      `${studyKills} kills of studies; ${plugins} misbehaving plug-ins; ${failures.length} failures`,
  );
  for (const failure of failures) console.error(failure);
  return failures.length === 0 ? 0 : 1;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1');
  return value;
}

const program = new Command('crash')
  .description('Kills runs at random moments and checks that resuming them loses nothing.')
  .option('--kills <n>', 'kills of runs', whole, 60)
  .option('--study-kills <n>', 'kills of studies, with their trials or without', whole, 6)
  .option('--plugins <n>', 'plug-ins that misbehave, drawn from all', whole, 12)
  .option('--seed <n>', 'decides the moments, as far as a clock lets it', whole, 1)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
program.parse();
process.exitCode = await crash(program.opts<Options>());
