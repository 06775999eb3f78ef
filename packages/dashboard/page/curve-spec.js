/** The Vega specification of one chart: a line for each run, drawn anew from data that is put in later. */

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

/**
 * @param {object} chart
 * @param {string} chart.title
 * @param {string} chart.y what its numbers are
 * @param {number} chart.width
 * @param {number} chart.height
 * @param {{ ink: string, quiet: string, line: string }} chart.theme
 * @returns {import('vega').Spec}
 */
export function curveSpec({ title, y, width, height, theme }) {
  const place = { x: { scale: 'x', field: 'x' }, y: { scale: 'y', field: 'y' } };
  return {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    width,
    height,
    // New numbers have labels of another width.
    autosize: { type: 'fit', contains: 'padding', resize: true },
    padding: 4,
    background: 'transparent',
    config: config(theme),
    title: { text: title },
    signals: [{ name: 'steps', value: 1 }],
    data: [{ name: 'points', values: [] }],
    scales: [
      {
        name: 'x',
        type: 'linear',
        domain: [0, { signal: 'steps' }],
        range: 'width',
        nice: false,
        zero: false,
      },
      {
        name: 'y',
        type: 'linear',
        domain: { data: 'points', field: 'y' },
        range: 'height',
        nice: true,
        zero: false,
      },
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
      { scale: 'y', orient: 'left', title: y, grid: true, tickCount: 5 },
    ],
    marks: [
      {
        type: 'group',
        from: { facet: { name: 'curves', data: 'points', groupby: 'curve' } },
        marks: [
          {
            type: 'line',
            interactive: false,
            from: { data: 'curves' },
            encode: {
              update: {
                ...place,
                stroke: { field: 'color' },
                strokeDash: { field: 'dash' },
                strokeWidth: { value: 1.75 },
                strokeJoin: { value: 'round' },
              },
            },
          },
        ],
      },
      {
        // What the pointer finds; a curve of one point would not be seen without it.
        type: 'symbol',
        from: { data: 'points' },
        encode: {
          update: {
            ...place,
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
