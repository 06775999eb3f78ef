/** Recorders of runs, the plug-in that offers them as `tensorboard` and `metrics-csv`, and the CSV that everybody writes. */
export { csvLines, type CsvCell } from './csv/csv.js';
export {
  createMetricsCsv,
  CSV_COLUMNS,
  CSV_FILE,
  metricsCsvOptionsSchema,
  type MetricsCsvOptions,
} from './csv/recorder.js';
export { plugin, plugin as default } from './plugin.js';
export {
  createTensorboard,
  EVENT_FILE,
  tensorboardOptionsSchema,
  type TensorboardOptions,
} from './tensorboard/recorder.js';
