/** Times real training steps of a workload on one backend, and right after them the backend's own peak. */
import { start, type BackendRequest } from '../backends.js';
import { median } from '../numbers.js';
import type { Workload } from '../workloads.js';
import { multiply } from './matmul.js';
import { clockOf } from './native-clock.js';
import type { Report } from './report.js';
import { stepFlops, Training } from './training.js';

export interface StepRequest extends BackendRequest {
  readonly workload: Workload;
  readonly warmup: number;
  readonly steps: number;
  /** Of the matrices whose product is the backend's peak. */
  readonly peakSize: number;
}

export interface StepMeasurement {
  /** Or the name of a peer that is none of tfjs's backends. */
  readonly backend: string;
  readonly secondsPerStep: number;
  readonly tokensPerSecond: number;
  /** Effective: operations of the model's products, forward and twice as many backward, over the time. */
  readonly gflops: number;
  readonly peakResidentBytes: number;
  /** Of the best product of two square matrices in the same process. */
  readonly matmulGflops: number;
  readonly shareOfMatmul: number;
  /** Part of a step outside ONNX Runtime's sessions; `null` where there are none. */
  readonly javascriptShare: number | null;
}

/** Runs in a process of its own: the peak of resident memory counts everything since it started. */
export async function measureStep(request: StepRequest, report: Report): Promise<StepMeasurement> {
  const { backend, workload, warmup, steps, peakSize } = request;
  const clock = clockOf(backend);
  const selected = await start(request);
  report(`${backend}: ${selected.detail}`);
  const training = new Training(workload);
  const taken: { readonly seconds: number; readonly native: number }[] = [];
  for (let step = 0; step < warmup + steps; step += 1) {
    const before = clock?.milliseconds ?? 0;
    const { loss, milliseconds } = await training.step();
    const seconds = milliseconds / 1000;
    if (step >= warmup) taken.push({ seconds, native: ((clock?.milliseconds ?? 0) - before) / 1000 });
    const kind = step < warmup ? 'warm-up' : `step ${step - warmup + 1}/${steps}`;
    report(`${backend}: ${kind}, ${seconds.toFixed(2)} s, loss ${loss.toFixed(4)}`);
  }
  const flops = stepFlops(workload, training.objective);
  training.dispose();
  const peakResidentBytes = process.resourceUsage().maxRSS * 1024;
  const { bestGflops } = await multiply(peakSize);

  const secondsPerStep = median(taken.map(({ seconds }) => seconds));
  const gflops = flops / secondsPerStep / 1e9;
  return {
    backend,
    secondsPerStep,
    tokensPerSecond: (workload.batch * workload.context) / secondsPerStep,
    gflops,
    peakResidentBytes,
    matmulGflops: bestGflops,
    shareOfMatmul: gflops / bestGflops,
    javascriptShare: clock && median(taken.map(({ seconds, native }) => 1 - native / seconds)),
  };
}
