/** Thresholds of the diagnostics. Every default says what it is meant to let pass. */
import { z } from 'zod';

const share = z.number().min(0).max(1);
const sweeps = z.number().gt(0).max(1000);

export const diagnosticsOptionsSchema = z.strictObject({
  oscillation: z
    .strictObject({
      windows: z.int().min(4).max(10_000).default(8).describe('Windows looked at'),
      // Independent noise reverses in 2/3 of the cases.
      reversals: share.default(0.8).describe('Share of changes that reverse the one before, at least'),
      // Of 0.1 nats perplexity goes up and down by 10 %. Batch noise of a mean over a window is below that.
      amplitude: z
        .number()
        .min(0)
        .default(0.1)
        .describe('Mean change between windows in units of the loss, at least'),
    })
    .prefault({})
    .describe('`loss-oscillates`: the training loss of windows goes up and down'),
  habit: z
    .strictObject({
      // Uniformly random actions tie all layers of a sweep with probability 1 / L: three sweeps are no accident.
      sweeps: sweeps
        .default(3)
        .describe('Sweeps of decisions looked at; one sweep decides on layers 1 to L-1'),
      share: share.gt(0.5).default(1).describe('Share of them that are alike, at least'),
    })
    .prefault({})
    .describe('`always-ties` and `never-ties`: a controller that has stopped choosing'),
  reduction: z
    .strictObject({
      sweeps: sweeps.default(3).describe('Sweeps of decisions before it may be raised, and averaged over'),
      share: share.default(0.1).describe('Parameters saved on average, at most'),
    })
    .prefault({})
    .describe('`little-reduction`: many decisions and few parameters saved'),
  saturation: z
    .strictObject({
      windows: z.int().min(2).max(10_000).default(10).describe('Rewards looked at'),
      share: share.gt(0).default(0.9).describe('Share of them that clipping changed, at least'),
    })
    .prefault({})
    .describe('`reward-saturated`: clipped or constant rewards, which say nothing about decisions'),
  spike: z
    .strictObject({
      steps: z
        .int()
        .min(3)
        .max(10_000)
        .default(50)
        .describe('Steps before, whose median a norm is set against'),
      // Batches of 5 to 15 times the median come in healthy runs and leave no trace; the spikes that threw runs back had 10 000.
      factor: z.number().min(2).default(50).describe('How many times the median it is, at least'),
    })
    .prefault({})
    .describe('`gradient-spike`: a gradient many times as long as those before it, under fixed maps too'),
});

export type DiagnosticsOptions = z.output<typeof diagnosticsOptionsSchema>;
