/**
 * What changing tie maps cost: a run in which every window opens with another map, as under a learning controller
 * that visits layer after layer, and the share of its time that goes into tracing and compiling.
 */
import type { OnnxRuntimeBackend } from '@ligature/backend-onnxruntime';
import { createRandomStream } from '@ligature/core';
import type { WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import { start, type BackendRequest } from '../backends.js';
import type { Workload } from '../workloads.js';
import type { Report } from './report.js';
import { Training } from './training.js';

export interface SwitchingRequest extends BackendRequest {
  readonly workload: Workload;
  readonly windows: number;
  readonly windowSteps: number;
}

export interface SwitchingMeasurement {
  readonly backend: string;
  readonly windows: number;
  readonly windowSteps: number;
  readonly differentMaps: number;
  readonly seconds: number;
  /** Tracing functions, and encoding and loading their graphs; everything from the first step on. */
  readonly compileSeconds: number;
  readonly compileShare: number;
  /** The same without the first window, in which everything is new. */
  readonly compileShareAfterFirstWindow: number;
  readonly traces: number;
  readonly graphsCompiled: number;
  readonly graphsReused: number;
  readonly evictions: number;
}

export async function measureSwitching(
  request: SwitchingRequest,
  report: Report,
): Promise<SwitchingMeasurement> {
  const { backend, workload, windows, windowSteps } = request;
  const { detail } = await start(request);
  report(`${backend}: ${detail}`);
  const compiling = watchCompiling();
  const training = new Training(workload);
  const maps = new Set<string>();
  const course: { readonly seconds: number; readonly compileSeconds: number }[] = [];
  const random = createRandomStream(1, 'bench/decisions');
  for (let window = 0; window < windows; window += 1) {
    const before = compiling.milliseconds();
    const begin = performance.now();
    if (window > 0) decide(training.registry, window, (low, high) => random.integer(low, high));
    for (let step = 0; step < windowSteps; step += 1) await training.step();
    const seconds = (performance.now() - begin) / 1000;
    const compileSeconds = (compiling.milliseconds() - before) / 1000;
    course.push({ seconds, compileSeconds });
    const map = training.registry.tieMap.join('-');
    maps.add(map);
    const share = ((100 * compileSeconds) / seconds).toFixed(0);
    report(
      `${backend}: window ${window + 1}/${windows}, ${map}, ${seconds.toFixed(2)} s, ${share} % compiling`,
    );
  }
  training.dispose();
  const sum = (from: number, field: 'seconds' | 'compileSeconds'): number =>
    course.slice(from).reduce((total, entry) => total + entry[field], 0);
  return {
    ...{ backend, windows, windowSteps, differentMaps: maps.size },
    seconds: sum(0, 'seconds'),
    compileSeconds: sum(0, 'compileSeconds'),
    compileShare: sum(0, 'compileSeconds') / sum(0, 'seconds'),
    compileShareAfterFirstWindow: windows > 1 ? sum(1, 'compileSeconds') / sum(1, 'seconds') : 0,
    ...compiling.counts(),
  };
}

/** One layer of the sweep over 1..L-1 gets another source than it has, drawn among all that change the map. */
function decide(registry: WeightRegistry, window: number, draw: (low: number, high: number) => number): void {
  const before = registry.tieMap;
  const layer = 1 + ((window - 1) % (before.length - 1));
  // By what they lead to: two sources of one block are the same choice.
  const roots = [...new Set(before.slice(0, layer)), layer].filter((source) => source !== before[layer]);
  registry.apply({ kind: 'layer', layer, source: roots[draw(0, roots.length)]! });
}

interface Compiling {
  milliseconds(): number;
  counts(): Pick<SwitchingMeasurement, 'traces' | 'graphsCompiled' | 'graphsReused' | 'evictions'>;
}

/** Zeros on backends that compile nothing. Traces compile their graphs while they are made: counted once. */
function watchCompiling(): Compiling {
  const backend = tf.backend() as OnnxRuntimeBackend;
  if (typeof backend.capture !== 'function') {
    const counts = { traces: 0, graphsCompiled: 0, graphsReused: 0, evictions: 0 };
    return { milliseconds: () => 0, counts: () => counts };
  }
  const compiled = (): number => backend.statistics.compile.milliseconds;
  const tracing = { count: 0, milliseconds: 0, compiled: 0 };
  const capture = backend.capture.bind(backend);
  backend.capture = (trace) => {
    const [begin, before] = [performance.now(), compiled()];
    try {
      return capture(trace);
    } finally {
      tracing.count += 1;
      tracing.milliseconds += performance.now() - begin;
      tracing.compiled += compiled() - before;
    }
  };
  return {
    milliseconds: () => tracing.milliseconds + compiled() - tracing.compiled,
    counts: () => {
      const { compiled: graphsCompiled, reused: graphsReused, evicted } = backend.statistics.compile;
      return { traces: tracing.count, graphsCompiled, graphsReused, evictions: evicted };
    },
  };
}
