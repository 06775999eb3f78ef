export { blockColor, inkOn } from './colors.js';
export { COMPARISON_COLUMNS, comparisonCell, type ComparisonColumn } from './columns.js';
export { comparisonCsv, comparisonJson, comparisonTable } from './comparison-data.js';
export { comparisonMarkdown, describeBudget, describeText, type Figure } from './comparison-markdown.js';
export { lossSpec, lossSvg, trailingMean } from './figures/loss.js';
export { tieMapSegments, type Segment, type TieMapHistory } from './figures/segments.js';
export { tieMapSpec, tieMapSvg, type TieMapFigure } from './figures/tie-map.js';
export { formatQuantity, formatSpread, formatTieMap, quantities, type Quantity } from './format.js';
export { metricRows, runFacts, runMarkdown, type Fact } from './run-markdown.js';
