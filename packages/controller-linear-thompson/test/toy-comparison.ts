/**
 * The table of docs/controllers/linear-thompson.md: how far the last map is from the best one, in a world without a model.
 * 8 layers, the 35 contiguous maps with 4 blocks, 40 seeds; regrets in standard deviations of the maps' worths.
 *
 * Run from the repository root:
 *   node --conditions=@ligature/source --import tsx packages/controller-linear-thompson/test/toy-comparison.ts
 */
import { worldContext } from '@ligature/testing';
import { createLinearThompson } from '../src/index.js';
import { BLOCKS, LAYERS, play, plantedWorths } from './planted.js';

const SEEDS = 40;
const NOISE = 0.01;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

for (const size of [0.02, 0.01, 0.005, 0.002, 0.0014]) {
  const cells: string[] = [];
  for (const windows of [80, 400, 800]) {
    const ends: number[] = [];
    const chance: number[] = [];
    let found = 0;
    for (let seed = 1000; seed < 1000 + SEEDS; seed += 1) {
      const options = { blocks: BLOCKS, contiguous: true, carry: 0 };
      const controller = createLinearThompson(options, worldContext(LAYERS, seed));
      const { maps, worths, best } = await play(controller, { seed, windows, size, noise: NOISE });
      const most = plantedWorths(seed, size).get(best)!;
      found += maps.at(-1)!.join('-') === best ? 1 : 0;
      ends.push((most - worths.at(-1)!) / size);
      // The worths of the pool have the mean 0.
      chance.push(most / size);
    }
    cells.push(`${found} of ${SEEDS}, ${mean(ends).toFixed(2)} (${mean(chance).toFixed(2)})`);
  }
  console.log(`| ${size} | ${cells.join(' | ')} |`);
}
