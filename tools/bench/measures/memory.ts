/** Resident memory over many steps: its peak, and whether it grows. */
import { start, type BackendRequest } from '../backends.js';
import { mean } from '../numbers.js';
import type { Workload } from '../workloads.js';
import type { Report } from './report.js';
import { Training } from './training.js';

export interface MemoryRequest extends BackendRequest {
  readonly workload: Workload;
  readonly steps: number;
}

export interface MemoryMeasurement {
  readonly backend: string;
  readonly steps: number;
  readonly peakResidentBytes: number;
  /** Resident bytes after steps spread evenly over the run, the first and the last one included. */
  readonly course: readonly { readonly step: number; readonly residentBytes: number }[];
  /** Mean of the last quarter of the steps over mean of the second quarter, minus 1: about 0 for a flat course. */
  readonly growth: number;
}

const SAMPLES = 20;

export async function measureMemory(request: MemoryRequest, report: Report): Promise<MemoryMeasurement> {
  const { backend, workload, steps } = request;
  const { detail } = await start(request);
  report(`${backend}: ${detail}`);
  const training = new Training(workload);
  const resident: number[] = [];
  for (let step = 1; step <= steps; step += 1) {
    await training.step();
    resident.push(process.memoryUsage.rss());
    if (step % Math.max(1, Math.round(steps / 10)) === 0) {
      report(`${backend}: step ${step}/${steps}, ${(resident.at(-1)! / 2 ** 20).toFixed(0)} MiB resident`);
    }
  }
  training.dispose();
  const quarter = Math.floor(steps / 4);
  const last = mean(resident.slice(-quarter));
  const second = mean(resident.slice(quarter, 2 * quarter));
  const places = [
    ...new Set(Array.from({ length: SAMPLES }, (_, i) => Math.round((i * (steps - 1)) / (SAMPLES - 1)))),
  ];
  return {
    backend,
    steps,
    peakResidentBytes: process.resourceUsage().maxRSS * 1024,
    course: places.map((index) => ({ step: index + 1, residentBytes: resident[index]! })),
    growth: last / second - 1,
  };
}
