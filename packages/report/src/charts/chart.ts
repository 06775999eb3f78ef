/** A chart of a page: a Vega specification with what a page says around it. Colours are those of the page's style. */
import type { Mark, Signal, Spec } from 'vega';
import { themeOf, type Look } from '../figures/render.js';

/** A choice that the reader makes: sets a signal of the specification. */
export interface ChartSwitch {
  readonly signal: string;
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export interface Chart {
  /** Unique on its page; letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** What one sees, in words, for those who do not. */
  readonly alt: string;
  /** How to read it, and what was left out. */
  readonly notes: readonly string[];
  readonly spec: Spec;
  readonly switches?: readonly ChartSwitch[];
}

/** Custom properties of the page's style: light, dark and print give them their colours. */
export const PAGE: Look = {
  panel: 'transparent',
  ink: 'var(--ink)',
  faint: 'var(--faint)',
  grid: 'var(--grid)',
};

const SERIES = 8;

/** The colour of the curve or point number `index`, as the style names it. */
export const seriesColor = (index: number): string => `var(--series-${index % SERIES})`;

/** Dashes tell apart what has one colour. */
export const seriesDash = (index: number): number[] =>
  [[], [6, 3], [2, 2], [8, 3, 2, 3]][Math.floor(index / SERIES) % 4] as number[];

/** Width of a chart while it has no page around it. */
export const DRAWN_WIDTH = 860;

const ROOM = `isFinite(containerSize()[0]) ? containerSize()[0] : ${DRAWN_WIDTH}`;

const following = (name: string): Signal => ({
  name,
  init: ROOM,
  on: [{ events: { source: 'window', type: 'resize' }, update: ROOM }],
});

/**
 * As wide as the page lets it be. `width` becomes what axes leave of it; legends go by `room`, which does not change
 * with what they take. Marks named `hover…` are left out where nobody can hover.
 */
export const containerWidth: readonly Signal[] = [following('width'), following('room')];

export { below, shortLabels } from '@ligature/studies';

/**
 * Invisible bands over the whole height, one a point, from the point before it to its own place: what the pointer is
 * over says its tooltip and shows faintly.
 */
export const hoverBands = (
  name: `hover-${string}`,
  data: string,
  x: { scale: string; field: string },
  tooltip: string,
): Mark => ({
  type: 'rect',
  name,
  from: { data },
  encode: {
    update: {
      x: { scale: 'x', signal: 'isValid(datum.before) ? datum.before : 0' },
      x2: x,
      y: { value: 0 },
      y2: { signal: 'height' },
      fill: { value: PAGE.ink },
      fillOpacity: { value: 0 },
      tooltip: { signal: tooltip },
    },
    hover: { fillOpacity: { value: 0.12 } },
  },
});

export type Parts = Pick<Spec, 'data' | 'scales' | 'axes' | 'marks' | 'legends' | 'signals' | 'layout'> & {
  readonly height?: number;
};

/** What all charts of a page have in common. */
export function pageSpec(description: string, { signals = [], height, ...parts }: Parts): Spec {
  return {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    description,
    background: PAGE.panel,
    padding: 4,
    ...(height !== undefined && { height }),
    autosize: { type: 'fit-x', contains: 'padding', resize: true },
    config: themeOf(PAGE),
    signals: [...containerWidth, ...signals],
    ...parts,
  };
}
