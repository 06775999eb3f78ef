/** One SIGKILL, at a moment that is drawn beforehand. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomStream } from '@ligature/core';
import type { Running } from './runs.js';
import { stepsInLog } from './state.js';

export type Target =
  /** So many milliseconds after the process began: start-up, reading, composing. */
  | { readonly kind: 'time'; readonly milliseconds: number }
  /** So many steps after the process began, and a little later. */
  | { readonly kind: 'step'; readonly steps: number; readonly milliseconds: number }
  /** In the middle of the n-th checkpoint that is written from now on. */
  | { readonly kind: 'checkpoint'; readonly nth: number; readonly microseconds: number };

export interface Struck {
  readonly where: string;
  /** A checkpoint was half-written at that moment. */
  readonly inCheckpoint: boolean;
}

export function pickTarget(random: RandomStream): Target {
  const which = random.uniform();
  if (which < 0.15) return { kind: 'time', milliseconds: random.integer(0, 900) };
  if (which < 0.5) return { kind: 'step', steps: random.integer(1, 60), milliseconds: random.integer(0, 20) };
  return { kind: 'checkpoint', nth: random.integer(1, 6), microseconds: random.integer(0, 4000) };
}

/** Kills the process at the target. `undefined`: it came to its end first. */
export async function strike(
  { child, outcome }: Running,
  folder: string,
  target: Target,
): Promise<Struck | undefined> {
  let over = false;
  void outcome.then(() => (over = true));
  const from = stepsInLog(folder);
  await reach(target, folder, from, () => over);
  if (over) return undefined;
  const inCheckpoint = partial(folder);
  child.kill('SIGKILL');
  await outcome;
  const where =
    target.kind === 'time' ? `${target.milliseconds} ms after its start` : `aimed at a ${target.kind}`;
  return { where, inCheckpoint: inCheckpoint || partial(folder) };
}

async function reach(target: Target, folder: string, from: number, over: () => boolean): Promise<void> {
  if (target.kind === 'time') {
    await sleep(target.milliseconds);
    return;
  }
  if (target.kind === 'step') {
    while (!over() && stepsInLog(folder) < from + target.steps) await sleep(2);
    await sleep(target.milliseconds);
    return;
  }
  for (let seen = 0; !over() && seen < target.nth; seen += 1) {
    while (!over() && partial(folder)) await sleep(0);
    while (!over() && !partial(folder)) await sleep(0);
  }
  // Timers are too coarse for the middle of a few milliseconds of writing.
  const until = process.hrtime.bigint() + BigInt(target.microseconds) * 1000n;
  while (process.hrtime.bigint() < until);
}

/** Whether a checkpoint is being written: its folder aside is there. */
function partial(folder: string): boolean {
  const checkpoints = join(folder, 'checkpoints');
  return existsSync(checkpoints) && readdirSync(checkpoints).some((name) => name.includes('.partial'));
}
