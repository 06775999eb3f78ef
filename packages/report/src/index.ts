export { auditCsv, auditJson, auditMarkdown, auditRows } from './audit.js';
export { auditSpec, auditSvg } from './figures/audit.js';
export { blockColor, inkOn } from './colors.js';
export { COMPARISON_COLUMNS, comparisonCell, comparisonColumns, type ComparisonColumn } from './columns.js';
export { comparisonCsv, comparisonJson, comparisonTable } from './comparison-data.js';
export {
  comparisonMarkdown,
  describeBudget,
  describeText,
  sideBySideNote,
  type Figure,
} from './comparison-markdown.js';
export { lossSpec, lossSvg, trailingMean } from './figures/loss.js';
export { tieMapSegments, type Segment, type TieMapHistory } from './figures/segments.js';
export { tieMapSpec, tieMapSvg, type TieMapFigure } from './figures/tie-map.js';
export { formatQuantity, formatSpread, formatTieMap, quantities, type Quantity } from './format.js';
export { statisticsCsv, statisticsRows } from './statistics.js';
export { metricRows, runFacts, runMarkdown, type Fact } from './run-markdown.js';
export { paretoSpec, paretoSvg, rankingSpec, rankingSvg } from './figures/landscape.js';
export { retrainingSpec, retrainingSvg } from './figures/retraining.js';
export { landscapeMarkdown } from './landscape/markdown.js';
export {
  agreementCsv,
  agreementRows,
  blockRows,
  blocksCsv,
  landscapeCsv,
  landscapeRows,
  regretCsv,
  regretRows,
} from './landscape/tables.js';
export { retrainingMarkdown } from './retraining/markdown.js';
export {
  retrainingCsv,
  retrainingDifferenceRows,
  retrainingDifferencesCsv,
  retrainingRows,
} from './retraining/tables.js';
export { sweepMarkdown } from './sweep-markdown.js';
export { formatInterval, objectiveQuantity, sweepCsv, sweepRows } from './sweep-table.js';
export { sweepSpec, sweepSvg } from './figures/sweep.js';
export type { Chart, ChartSwitch } from './charts/chart.js';
export { comparisonCharts } from './charts/comparison-charts.js';
export { runCharts } from './charts/run-charts.js';
export { pageScript, pageStyle } from './html/assets.js';
export { drawChart } from './html/draw.js';
export { escapeHtml, jsonInScript, Markup, markup, type Piece } from './html/markup.js';
export { figureHtml, pageHtml, type Download, type Page } from './html/page.js';
export { tableHtml, type TableCell, type TableView } from './html/table.js';
export { comparisonPage } from './html/comparison-page.js';
export { runPage } from './html/run-page.js';
export { readComparison, type ComparisonRecord, type TrialCurve } from './load/comparison-folder.js';
export { readRun, type Manifest, type RunRecord } from './load/run-folder.js';
export { makeReport } from './make-report.js';
export { vegaScripts, vegaVersion } from './html/vega-scripts.js';
export {
  traceRun,
  type DiagnosticTrace,
  type EvaluationPoint,
  type LedgerPoint,
  type RunTrace,
  type StepPoint,
  type WindowTrace,
} from './trace/run-trace.js';
