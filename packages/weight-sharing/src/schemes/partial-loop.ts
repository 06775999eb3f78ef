/**
 * Partial loops: the first layers and the last ones have blocks of their own, and between them a core of a few blocks is
 * run over and over. Named after Geiping et al. 2025 (arXiv 2502.05171), whose model has 2 layers of prelude, a core of 4
 * and 2 of coda. Without a prelude it is RINS (Alabdulmohsin & Zhai 2025, arXiv 2502.07503): A run r times, then B.
 *
 * The records of openai/parameter-golf loop a few layers in the middle: layers 4 and 5 twice in PR #686, layers 3 to 5
 * three times in PRs #1509 and #1678, of 11 layers that are stored.
 */
import { z } from 'zod';
import { defaultBlocks, defineScheme, divisors, impossible, nearestDivisor } from './scheme.js';

const NAME = 'prelude-core-coda';

export const preludeCoreCoda = defineScheme({
  name: NAME,
  summary: 'first and last layers on their own, a core of blocks looped between them: 0 1 2 1 2 1 2 7',
  reference:
    'Recurrent depth, Geiping et al. 2025, arXiv 2502.05171; RINS, Alabdulmohsin & Zhai 2025, arXiv 2502.07503; openai/parameter-golf PRs #686, #1678, #2081',
  options: z.strictObject({
    start: z
      .int()
      .min(0)
      .default(1)
      .describe('layers of the prelude, each with a block of its own, before the core'),
    end: z
      .int()
      .min(0)
      .default(1)
      .describe('layers of the coda, each with a block of its own, after the core'),
    count: z
      .int()
      .positive()
      .optional()
      .describe(
        'blocks of the core, run in order over and over; divides the layers between start and end; default: so that ' +
          'the number of blocks is the possible one nearest to what random actions leave on average',
      ),
  }),
  blocks(layers, { start, end, count }) {
    const middle = layers - start - end;
    if (middle < 1) {
      throw impossible(
        NAME,
        layers,
        `${start} layers before the core and ${end} after it leave none to loop`,
        `Use ${start + end + 1} layers or more, or fewer before and after`,
      );
    }
    const core = count ?? nearestDivisor(middle, Math.max(1, defaultBlocks(layers) - start - end));
    if (middle % core !== 0) {
      throw impossible(
        NAME,
        layers,
        `a core of ${core} blocks does not divide the ${middle} layers between the first ${start} and the last ${end}`,
        `Set count to ${divisors(middle)}, or change start or end`,
      );
    }
    return (layer) =>
      layer < start || layer >= layers - end ? `own ${layer}` : `core ${(layer - start) % core}`;
  },
});
