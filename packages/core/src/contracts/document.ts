/**
 * What a study says, as data: pages, Markdown, terminals and CSV files are made from it, so that none of them can say
 * anything else. Texts are Markdown of one paragraph: `code` and *emphasis*, nothing more.
 */
import type { RunConfig } from '../config/schema.js';
import type { FailedTrial, LossPoint, TieMapChange } from './trial.js';

/** Where a part is shown; files beside the document are written whatever it says. */
export type Medium = 'terminal' | 'markdown' | 'page';

/**
 * How a number is printed. Known ones: `count`, `layers`, `share` (0..1 as percent), `%` (the same), `parameters`,
 * `operations`, `bytes`, `rate`, `effect`, `probability`, `seconds`, `nats`, `bits/byte`, `map`, `text`. Any other, and
 * the empty one, prints a bare number.
 */
export type Unit = string;

/**
 * One cell: a text, a number, a tie map, a mean with what is behind its ±, the two ends of an interval, or a difference
 * with its interval. `null`: not measured, or without a meaning here.
 */
export type DocumentCell =
  | string
  | number
  | null
  | readonly number[]
  | { readonly mean: number; readonly plus: number | null }
  | { readonly low: number | null; readonly high: number | null }
  | { readonly difference: number; readonly low: number | null; readonly high: number | null };

export interface DocumentColumn {
  /** Heading in CSV, where numbers are raw; left out: for people only. */
  readonly key?: string;
  /** Heading for people; left out: for programs only. */
  readonly heading?: string;
  readonly unit: Unit;
  /** Digits after the point, where those of the unit would not tell neighbours apart. */
  readonly digits?: number;
}

export interface DocumentTable {
  readonly kind: 'table';
  /** What it holds, in a line. */
  readonly caption: string;
  readonly columns: readonly DocumentColumn[];
  readonly rows: readonly (readonly DocumentCell[])[];
  /** Lines below the rows to read them by, a cell for each column: for people, never sorted among the rows nor in the file. */
  readonly footer?: readonly (readonly DocumentCell[])[];
  /** How to read it. */
  readonly note?: string;
  /** A CSV file with all columns that have a key. */
  readonly file?: string;
  /** Left out: everywhere. Empty: in its file alone. */
  readonly in?: readonly Medium[];
  /** Lines in a terminal, at most; the rest is in the files. */
  readonly lines?: number;
}

export interface DocumentPoint {
  readonly x: number;
  readonly y: number;
  /** Ends of an interval around `y`. */
  readonly low?: number;
  readonly high?: number;
}

/** One line per series, with dots where there are few points, and intervals as bars. */
export interface LinesDrawing {
  readonly kind: 'lines';
  readonly xTitle: string;
  readonly yTitle: string;
  readonly series: readonly { readonly name: string; readonly points: readonly DocumentPoint[] }[];
  /** The y axis begins at zero: for counts and sizes. */
  readonly fromZero?: boolean;
}

/** A value on the y axis to read curves by. */
export interface DocumentLevel {
  readonly label: string;
  readonly value: number;
}

/** Training losses of trials; a page draws them against what they cost, as the trials' logs say. */
export interface LossDrawing {
  readonly kind: 'loss';
  readonly yTitle: string;
  /** What `tokens` of the curves counts; left out: tokens. */
  readonly unit?: string;
  /** Values to read the curves by: dashed lines with a label. */
  readonly levels?: readonly DocumentLevel[];
  readonly curves: readonly {
    readonly trial: string;
    readonly label: string;
    readonly seed: number;
    readonly tokens: number;
    readonly losses: readonly LossPoint[];
  }[];
}

/** The tie map of a trial over its training. */
export interface TieMapDrawing {
  readonly kind: 'tie-map';
  readonly layers: number;
  readonly steps: number;
  readonly tieMaps: readonly TieMapChange[];
}

/**
 * Anything else: a Vega specification without theme, background and title. Colours are names: `color(ink)`,
 * `color(faint)`, `color(grid)`, `color(panel)`, `color(block 2)` (of the block that layer 2 owns), `color(series 0)`;
 * whoever draws it fills them in.
 */
export interface VegaDrawing {
  readonly kind: 'vega';
  readonly spec: Readonly<Record<string, unknown>>;
  /** As wide as the page lets it be: the specification has no width, and may use the signals `width` and `room`. */
  readonly wide?: boolean;
}

export interface DocumentChart {
  readonly kind: 'chart';
  /** Unique in the document; letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** What one sees, in words, for those who do not. */
  readonly alt: string;
  /** How to read it. */
  readonly notes: readonly string[];
  readonly drawing: LinesDrawing | LossDrawing | TieMapDrawing | VegaDrawing;
  /** An SVG file beside the document; Markdown shows those alone. */
  readonly file?: string;
  /** Left out: everywhere but in a terminal. */
  readonly in?: readonly Medium[];
}

export type DocumentBlock =
  | { readonly kind: 'heading'; readonly text: string; readonly in?: readonly Medium[] }
  | { readonly kind: 'text'; readonly text: string; readonly in?: readonly Medium[] }
  /** Where the verdict stands. */
  | { readonly kind: 'verdict' }
  | { readonly kind: 'list'; readonly items: readonly string[]; readonly in?: readonly Medium[] }
  /** Tie maps, a line each: in colour where there are colours. */
  | {
      readonly kind: 'tie-maps';
      readonly title: string;
      readonly maps: readonly { readonly label: string; readonly map: readonly number[] }[];
      readonly in?: readonly Medium[];
    }
  | DocumentTable
  | DocumentChart;

export interface StudyDocument {
  /** The files are called after it: `comparison.md`, `comparison.json`. */
  readonly name: string;
  /** Above the title: `comparison`. */
  readonly kind: string;
  readonly title: string;
  /** What was done, and on what. */
  readonly lead: string;
  /** What the numbers show and what they do not, in plain words that follow from them. */
  readonly verdict: string;
  readonly body: readonly DocumentBlock[];
  readonly failed: readonly FailedTrial[];
  /** Trials that have not been run to their end, failures left out. */
  readonly unfinished: number;
  /** The command that repeats it with the configuration saved as `config.json`. */
  readonly command: string;
  /** Of the trials; `null` where nothing was trained. */
  readonly config: RunConfig | null;
}
