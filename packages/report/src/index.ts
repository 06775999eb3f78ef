export type { Chart, ChartSwitch } from './charts/chart.js';
export { runCharts } from './charts/run-charts.js';
export { blockColor, inkOn } from './colors.js';
export { cellText, quantityOf, tableCsv, tableRows } from './document/cells.js';
export { chartSvg, pictureSpec } from './document/drawings.js';
export { documentFiles, REPORT } from './document/files.js';
export { documentMarkdown, isIn } from './document/markdown.js';
export { documentPage } from './document/page.js';
export { trailingMean } from './figures/loss.js';
export { tieMapSegments, type Segment, type TieMapHistory } from './figures/segments.js';
export { tieMapSpec, tieMapSvg, type TieMapFigure } from './figures/tie-map.js';
export { formatQuantity, formatTieMap, quantities, type Quantity } from './format.js';
export { pageScript, pageStyle } from './html/assets.js';
export { drawChart } from './html/draw.js';
export { escapeHtml, jsonInScript, Markup, markup, type Piece } from './html/markup.js';
export { figureHtml, pageHtml, type Download, type Page } from './html/page.js';
export { runPage } from './html/run-page.js';
export { tableHtml, type TableCell, type TableView } from './html/table.js';
export { vegaScripts, vegaVersion } from './html/vega-scripts.js';
export { readRun, type Manifest, type RunRecord } from './load/run-folder.js';
export { makeReport } from './make-report.js';
export {
  bestOfRun,
  floorsOfRun,
  isMeasuredMap,
  metricTable,
  resultTable,
  runFacts,
  runMarkdown,
  type Fact,
} from './run-markdown.js';
export {
  isBesideLoss,
  measuredOf,
  metricTitle,
  traceRun,
  type DiagnosticTrace,
  type EvaluationPoint,
  type LedgerPoint,
  type Measured,
  type RunTrace,
  type StepPoint,
  type WindowTrace,
} from './trace/run-trace.js';
