/** Every chart that a run has data for, in reading order. */
import type { MeasuredFloor } from '@ligature/core';
import type { RunTrace } from '../trace/run-trace.js';
import type { Chart } from './chart.js';
import { runLossChart } from './run-loss.js';
import { memoryChart } from './run-memory.js';
import { runTieMapChart } from './run-tie-map.js';
import { explorationChart, learningCharts, rewardChart, valuesChart } from './run-traces.js';

/** @param floors what needs no training, for the losses */
export function runCharts(trace: RunTrace, floors: readonly MeasuredFloor[] = []): Chart[] {
  return [
    runTieMapChart(trace),
    runLossChart(trace, floors),
    rewardChart(trace),
    valuesChart(trace),
    explorationChart(trace),
    ...learningCharts(trace),
    memoryChart(trace),
  ].filter((chart) => chart !== undefined);
}
