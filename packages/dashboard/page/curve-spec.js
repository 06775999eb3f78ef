/** The Vega specification of one chart: a path for each curve, put in later, in the scales that it has then. */

const FONT = 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif';

/**
 * @param {{ ink: string, quiet: string, line: string }} theme
 * @returns {import('vega').Config}
 */
function config({ ink, quiet, line }) {
  const text = { labelFont: FONT, titleFont: FONT, labelColor: quiet, titleColor: quiet };
  return {
    axis: {
      ...text,
      labelFontSize: 11,
      titleFontSize: 11,
      titleFontWeight: 'normal',
      domainColor: line,
      tickColor: line,
      gridColor: line,
      gridOpacity: 0.6,
    },
    title: { font: FONT, color: ink, fontSize: 13, fontWeight: 600, anchor: 'start', offset: 8 },
  };
}

/** Pixels around the plot. Fixed: a chart that makes room for its labels anew would move with every number. */
const PADDING = { left: 58, right: 14, top: 30, bottom: 40 };

/**
 * @param {object} chart
 * @param {string} chart.title
 * @param {number} chart.width with everything
 * @param {number} chart.height
 * @param {{ ink: string, quiet: string, line: string }} chart.theme
 * @returns {import('vega').Spec}
 */
export function curveSpec({ title, width, height, theme }) {
  const domain = [{ signal: 'low' }, { signal: 'high' }];
  return {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    width: width - PADDING.left - PADDING.right,
    height: height - PADDING.top - PADDING.bottom,
    autosize: 'none',
    padding: PADDING,
    background: 'transparent',
    config: config(theme),
    title: { text: title },
    signals: [
      { name: 'steps', value: 1 },
      // What the numbers are: of the runs that are put in.
      { name: 'title', value: '' },
      { name: 'low', value: 0 },
      { name: 'high', value: 1 },
    ],
    data: [
      { name: 'curves', values: [] },
      { name: 'dots', values: [] },
    ],
    scales: [
      {
        name: 'x',
        type: 'linear',
        domain: [0, { signal: 'steps' }],
        range: 'width',
        nice: false,
        zero: false,
      },
      { name: 'y', type: 'linear', domain, range: 'height', nice: 5, zero: false },
    ],
    axes: [
      {
        scale: 'x',
        orient: 'bottom',
        title: 'training step',
        tickCount: 6,
        tickMinStep: 1,
        format: '~s',
        labelOverlap: true,
      },
      { scale: 'y', orient: 'left', title: { signal: 'title' }, grid: true, tickCount: 5 },
    ],
    marks: [
      {
        // One path a curve: a line mark would be one item a point, in a group a curve, which takes seconds for 200 runs.
        type: 'path',
        interactive: false,
        from: { data: 'curves' },
        encode: {
          update: {
            path: { field: 'path' },
            stroke: { field: 'color' },
            strokeDash: { field: 'dash' },
            strokeWidth: { value: 1.75 },
            strokeJoin: { value: 'round' },
          },
        },
      },
      {
        // What the pointer finds; a curve of one point would not be seen without it.
        type: 'symbol',
        from: { data: 'dots' },
        encode: {
          update: {
            x: { scale: 'x', field: 'x' },
            y: { scale: 'y', field: 'y' },
            size: { signal: 'datum.alone ? 30 : 60' },
            fill: { field: 'color' },
            fillOpacity: { signal: 'datum.alone ? 1 : 0' },
            tooltip: { field: 'label' },
          },
          hover: { fillOpacity: { value: 1 } },
        },
      },
    ],
  };
}
