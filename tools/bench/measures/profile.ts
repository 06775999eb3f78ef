/** Where a step's time goes on ONNX Runtime, from the profiles that its sessions write. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerOnnxRuntime, type OnnxRuntimeBackend } from '@ligature/backend-onnxruntime';
import * as tf from '@tensorflow/tfjs-core';
import { start, type BackendRequest } from '../backends.js';
import { mean } from '../numbers.js';
import type { Workload } from '../workloads.js';
import { NativeClock } from './native-clock.js';
import { readProfiles, summarize, type Shares } from './profile-files.js';
import type { Report } from './report.js';
import { Training } from './training.js';

export interface ProfileRequest extends BackendRequest {
  readonly workload: Workload;
  readonly warmup: number;
  readonly steps: number;
}

export interface ProfileMeasurement extends Shares {
  readonly backend: string;
  readonly steps: number;
  /** With profiling on, which takes time of its own. */
  readonly secondsPerStep: number;
  /** Inside ONNX Runtime, a step. */
  readonly sessionSecondsPerStep: number;
  /** Outside of it: dispatch, recording, replay, feeds. */
  readonly javascriptSecondsPerStep: number;
  readonly javascriptShare: number;
  readonly graphRunsPerStep: number;
}

export async function measureProfile(request: ProfileRequest, report: Report): Promise<ProfileMeasurement> {
  const { backend, workload, warmup, steps, threads } = request;
  const clock = NativeClock.attach();
  const { detail } = await start(request);
  report(`${backend}: ${detail}`);
  const folder = mkdtempSync(join(tmpdir(), 'ligature-profile-'));
  try {
    // Again, with what the plug-in has no option for.
    const { options } = tf.backend() as OnnxRuntimeBackend;
    registerOnnxRuntime({ ...options, ...(threads && { threads }), profile: join(folder, 'graph') });
    await tf.setBackend('onnxruntime');
    const training = new Training(workload);
    for (let step = 0; step < warmup; step += 1) await training.step();
    const before = { runsOf: new Map(clock.runsOf), runs: clock.runs, milliseconds: clock.milliseconds };
    const seconds: number[] = [];
    for (let step = 0; step < steps; step += 1) {
      seconds.push((await training.step()).milliseconds / 1000);
      report(`${backend}: step ${step + 1}/${steps}, ${seconds.at(-1)!.toFixed(2)} s`);
    }
    const native = (clock.milliseconds - before.milliseconds) / 1000 / steps;
    const graphRunsPerStep = (clock.runs - before.runs) / steps;
    (tf.backend() as OnnxRuntimeBackend).sessions.endProfiling();
    training.dispose();
    const secondsPerStep = mean(seconds);
    return {
      backend,
      steps,
      secondsPerStep,
      sessionSecondsPerStep: native,
      javascriptSecondsPerStep: secondsPerStep - native,
      javascriptShare: 1 - native / secondsPerStep,
      graphRunsPerStep,
      ...summarize(readProfiles(folder, before.runsOf), steps),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
