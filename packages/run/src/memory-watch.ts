/** The most memory that a run took, looked at after every step; a run that goes on remembers the peak of before. */
import type { EventBus } from '@ligature/core';
import type { LoadedCheckpoint } from '@ligature/trainer/node';
import { memory } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { MemoryPeak } from './results.js';

/** The part of a checkpoint. */
export const PEAK = 'memoryPeak';

const peakSchema = z.strictObject({ bytes: z.number().min(0) });

/** Bytes that the backend held at most until a checkpoint; 0 where it does not say, as those of before. */
export const peakOf = ({ parts }: Pick<LoadedCheckpoint, 'parts'>): number =>
  peakSchema.safeParse(parts[PEAK]).data?.bytes ?? 0;

export class MemoryWatch {
  /** @param backendBytes the most so far */
  constructor(
    bus: EventBus,
    private backendBytes = 0,
  ) {
    bus.on('step.completed', 'memory watch').subscribe(() => {
      this.backendBytes = Math.max(this.backendBytes, memory().numBytes);
    });
  }

  peak(): MemoryPeak {
    // Linux and macOS disagree on the unit of the system call; Node gives kibibytes on both.
    return { backendBytes: this.backendBytes, residentBytes: process.resourceUsage().maxRSS * 1024 };
  }
}
