/**
 * Vega specifications to SVG text, without a browser. Vega is imported on first use: it is large, and most
 * callers of this package only want tables.
 */
import type { Spec } from 'vega';

export async function renderSvg(spec: Spec): Promise<string> {
  const vega = await import('vega');
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logLevel: vega.Error });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}

/** Its own light panel, so that a picture reads the same on a dark page. */
export const PANEL = '#ffffff';
export const INK = '#1f2328';
export const FAINT = '#d0d7de';

const FONT = 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif';

/** Type and colours of all our figures. */
export const THEME: NonNullable<Spec['config']> = {
  axis: {
    labelFont: FONT,
    titleFont: FONT,
    labelColor: INK,
    titleColor: INK,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    domainColor: FAINT,
    tickColor: FAINT,
    gridColor: '#eaeef2',
  },
  legend: {
    labelFont: FONT,
    titleFont: FONT,
    labelColor: INK,
    titleColor: INK,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    symbolLimit: 0,
  },
  title: { font: FONT, color: INK, fontSize: 14, fontWeight: 600, anchor: 'start', offset: 12 },
  text: { font: FONT, fill: INK },
};
