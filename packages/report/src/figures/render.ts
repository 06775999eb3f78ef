/**
 * Vega specifications to SVG text, without a browser. Vega is imported on first use: it is large, and most
 * callers of this package only want tables.
 */
import { visible } from '@ligature/core';
import type { Spec } from 'vega';

export async function renderSvg(spec: Spec): Promise<string> {
  const vega = await import('vega');
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logLevel: vega.Error });
  try {
    // Vega escapes what is markup, and leaves what XML does not know at all.
    return visible(`${await view.toSVG()}\n`);
  } finally {
    view.finalize();
  }
}

/** Colours of a figure besides those of blocks and curves: CSS colours of any form. */
export interface Look {
  readonly panel: string;
  readonly ink: string;
  readonly faint: string;
  readonly grid: string;
}

/** A picture by itself has its own light panel, so that it reads the same on a dark page. */
export const PICTURE: Look = { panel: '#ffffff', ink: '#1f2328', faint: '#d0d7de', grid: '#eaeef2' };

const FONT = 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif';

/** Type and colours of all our figures. */
export function themeOf({ ink, faint, grid }: Look): NonNullable<Spec['config']> {
  const text = {
    labelFont: FONT,
    titleFont: FONT,
    labelColor: ink,
    titleColor: ink,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  } as const;
  return {
    axis: { ...text, domainColor: faint, tickColor: faint, gridColor: grid },
    legend: { ...text, symbolLimit: 0 },
    title: { font: FONT, color: ink, fontSize: 14, fontWeight: 600, anchor: 'start', offset: 12 },
    text: { font: FONT, fill: ink },
  };
}
