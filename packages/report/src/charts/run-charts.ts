/** Every chart that a run has data for, in reading order. */
import type { RunTrace } from '../trace/run-trace.js';
import type { Chart } from './chart.js';
import { runLossChart } from './run-loss.js';
import { memoryChart } from './run-memory.js';
import { runTieMapChart } from './run-tie-map.js';
import { explorationChart, learningCharts, rewardChart, valuesChart } from './run-traces.js';

export function runCharts(trace: RunTrace): Chart[] {
  return [
    runTieMapChart(trace),
    runLossChart(trace),
    rewardChart(trace),
    valuesChart(trace),
    explorationChart(trace),
    ...learningCharts(trace),
    memoryChart(trace),
  ].filter((chart) => chart !== undefined);
}
