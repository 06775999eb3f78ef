/**
 * The table of docs/controllers/halving.md: how often the best of 16 maps is the one that stays, in a world without a
 * model. 8 layers, 200 seeds; every window earns noise of deviation 1 and a share that falls with time, the best map
 * `gap` more.
 *
 * Run from the repository root:
 *   node --conditions=@ligature/source --import tsx packages/controller-halving/test/toy-comparison.ts
 */
import { createRandomStream } from '@ligature/core';
import { playWorld, worldContext } from '@ligature/testing';
import { createHalving, drawCandidates } from '../src/index.js';

const LAYERS = 8;
const SEEDS = 200;
const BEST = 5;

async function share(visits: number, gap: number): Promise<string> {
  let found = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const noise = createRandomStream(seed, 'noise');
    const best = drawCandidates(16, LAYERS, worldContext(LAYERS, seed).random)[BEST]!.join();
    const { maps } = await playWorld(createHalving({ visits }, worldContext(LAYERS, seed)), {
      ...{ layers: LAYERS, windows: 9 + 30 * visits, seed },
      reward: (map, window) => (map.join() === best ? gap : 0) + noise.normal() + 5 * Math.exp(-window / 15),
    });
    if (maps.at(-1)!.join() === best) found += 1;
  }
  return `${((100 * found) / SEEDS).toFixed(1)} %`;
}

for (const visits of [1, 2, 4]) {
  const cells = [];
  for (const gap of [0, 1, 2, 3]) cells.push(await share(visits, gap));
  console.log(`| ${visits} | ${8 + 30 * visits} | ${cells.join(' | ')} |`);
}
