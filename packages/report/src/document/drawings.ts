/** Drawings of a document as pictures by themselves, and as charts of a page. */
import type { DocumentChart, RunConfig, VegaDrawing } from '@ligature/core';
import type { Spec } from 'vega';
import { comparisonLossChart } from '../charts/comparison-loss.js';
import { PAGE, pageSpec, seriesColor, type Chart, type Parts } from '../charts/chart.js';
import { blockColor } from '../colors.js';
import { linesSpec } from '../figures/lines.js';
import { lossSpec } from '../figures/loss.js';
import { PICTURE, renderSvg, themeOf, type Look } from '../figures/render.js';
import { tieMapSpec } from '../figures/tie-map.js';
import { lossCurves } from './loss-curves.js';

/** SVG text; the same input gives the same bytes. */
export async function chartSvg(chart: DocumentChart): Promise<string> {
  // Vega numbers gradients over the whole life of a process; a drawing has one at most.
  return (await renderSvg(pictureSpec(chart))).replaceAll(/\bgradient_\d+/g, 'gradient_0');
}

export function pictureSpec({ title, drawing }: DocumentChart): Spec {
  switch (drawing.kind) {
    case 'lines':
      return linesSpec(title, drawing);
    case 'loss':
      return lossSpec(
        drawing.curves.map(({ label: controller, seed, losses }) => ({ controller, seed, losses })),
        title,
        drawing.yTitle,
        drawing.levels,
      );
    case 'tie-map':
      return tieMapSpec({ ...drawing, title });
    case 'vega':
      return { ...framed(drawing, PICTURE), title: { text: title, frame: 'group' } };
  }
}

function framed({ spec }: VegaDrawing, look: Look): Spec {
  return {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    ...(colored(spec, look) as Partial<Spec>),
    background: look.panel,
    padding: 16,
    config: themeOf(look),
  };
}

const COLOR = /color\((ink|faint|grid|panel|block \d+|series \d+)\)/g;

/** Names of colours become those of the look, wherever they stand. */
function colored(part: unknown, look: Look): unknown {
  if (typeof part === 'string') {
    return part.replaceAll(COLOR, (_, name: string) => {
      const [kind, index] = name.split(' ');
      if (index === undefined) return look[kind as keyof Look];
      return kind === 'block' || look === PICTURE ? blockColor(Number(index)) : seriesColor(Number(index));
    });
  }
  if (Array.isArray(part)) return part.map((one) => colored(one, look));
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, colored(value, look)]));
}

/**
 * @param folder of the study, whose trials' logs say what a loss cost
 * @returns `undefined` where there is nothing to draw
 */
export function pageChart(
  chart: DocumentChart,
  { folder, config }: { readonly folder?: string | undefined; readonly config: RunConfig | null },
): Chart | undefined {
  const { id, title, alt, notes, drawing } = chart;
  switch (drawing.kind) {
    case 'loss': {
      const curves = lossCurves(drawing, folder, config?.training.accumulation ?? 1);
      return comparisonLossChart(
        curves,
        { id, title },
        {
          lossUnit: drawing.yTitle,
          unit: drawing.unit ?? 'tokens',
          levels: drawing.levels ?? [],
        },
      );
    }
    case 'lines':
      return { id, title, alt, notes, spec: withTooltips(linesSpec(title, drawing, PAGE)) };
    case 'tie-map':
      return { id, title, alt, notes, spec: withTooltips(tieMapSpec({ ...drawing, title }, PAGE)) };
    case 'vega': {
      if (drawing.wide !== true) return { id, title, alt, notes, spec: withTooltips(framed(drawing, PAGE)) };
      const { description = title, ...parts } = colored(drawing.spec, PAGE) as Parts & {
        readonly description?: string;
      };
      return { id, title, alt, notes, spec: pageSpec(description, parts) };
    }
  }
}

/** A picture of the house in the colours of the page; at the pointer it says what it was drawn from. */
function withTooltips({ title: _, ...spec }: Spec): Spec {
  const marks = (spec.marks ?? []).map((mark) =>
    (mark.type === 'symbol' || mark.type === 'rect') && mark.from !== undefined && 'data' in mark.from
      ? {
          ...mark,
          encode: { ...mark.encode, update: { ...mark.encode?.update, tooltip: { signal: 'datum' } } },
        }
      : mark,
  );
  return { ...spec, padding: 4, marks };
}
