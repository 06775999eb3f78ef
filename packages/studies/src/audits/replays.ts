/** Several replays, seed after seed, on a backend for single weights. */
import { selectBackend } from '@ligature/backends';
import type { PluginHost } from '@ligature/core';
import { replaySweeps, type Replay } from './replay.js';
import type { SweepCount } from './sweeps.js';

/** Nothing is computed, so the plainest backend does. */
export async function countingBackend(host: PluginHost): Promise<void> {
  await selectBackend({ name: 'cpu', options: {} }, host, { context: {} });
}

export async function replays(
  seeds: number,
  first: number,
  replay: Omit<Replay, 'seed'>,
): Promise<SweepCount[][]> {
  const all = [];
  for (let index = 0; index < seeds; index += 1) {
    all.push(await replaySweeps({ ...replay, seed: first + index }));
  }
  return all;
}
