import { definePlugin, defineRecorder } from '@ligature/core';
import { createMetricsCsv, metricsCsvOptionsSchema } from './csv/recorder.js';
import { createTensorboard, tensorboardOptionsSchema } from './tensorboard/recorder.js';

export const plugin = definePlugin({
  name: '@ligature/recorders',
  version: '0.1.0',
  recorders: {
    tensorboard: defineRecorder({
      meta: {
        summary: 'Curves, the tie map and diagnostics as an event file that TensorBoard reads',
        options: tensorboardOptionsSchema,
      },
      create: createTensorboard,
    }),
    'metrics-csv': defineRecorder({
      meta: {
        summary: 'metrics.csv: one row a training step with everything that was measured',
        options: metricsCsvOptionsSchema,
      },
      create: createMetricsCsv,
    }),
  },
});

export default plugin;
