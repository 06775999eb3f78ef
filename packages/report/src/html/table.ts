/** Tables of a page: sortable, scrolled by themselves where they are wide, whole in print. */
import { Markup, markup } from './markup.js';

export interface TableCell {
  readonly text: string | Markup;
  /** What to sort by; left out: the number that the text begins with, else the text. */
  readonly sort?: number;
}

export interface TableView {
  /** Says what it holds; shown above it. */
  readonly caption: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly (TableCell | string)[])[];
  /** Lines that stay below the others, however those are sorted. */
  readonly footer?: readonly (readonly (TableCell | string)[])[];
  /** Columns of words, besides the first one. */
  readonly words?: readonly number[];
  /** Long: scrolled in a window of its own. */
  readonly tall?: boolean;
}

export function tableHtml({
  caption,
  headings,
  rows,
  footer = [],
  words = [],
  tall = false,
}: TableView): Markup {
  const kind = (column: number) => (column === 0 || words.includes(column)) && TEXT;
  const head = headings.map((heading, column) => markup`<th scope="col"${kind(column)}>${heading}</th>`);
  const line = (row: readonly (TableCell | string)[]) =>
    markup`<tr>${row.map((given, column) => cellHtml(given, column, kind(column)))}</tr>\n`;
  const foot = footer.length > 0 && markup`<tfoot>\n${footer.map(line)}</tfoot>`;
  return markup`<div class="${tall ? 'scroll tall' : 'scroll'}" role="region" aria-label="${caption}" tabindex="0">
<table class="sortable"><caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${rows.map(line)}</tbody>${foot}</table></div>`;
}

const TEXT = new Markup(' class="text"');
const LONG = new Markup(' class="text long"');

function cellHtml(given: TableCell | string, column: number, kind: Markup | false): Markup {
  const { text, sort }: TableCell = typeof given === 'string' ? { text: given } : given;
  const value = sort ?? (typeof text === 'string' && kind === false ? numberOf(text) : undefined);
  const by = value !== undefined && markup` data-sort="${Number.isFinite(value) ? value : ''}"`;
  return column === 0
    ? markup`<th scope="row"${kind}${by}>${text}</th>`
    : markup`<td${kind !== false && typeof text === 'string' && text.length > 40 ? LONG : kind}${by}>${text}</td>`;
}

const UNITS: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 };

/** `17.50 k ± 0.2` is 17500, a dash is missing (NaN), words are no number (`undefined`). */
function numberOf(text: string): number | undefined {
  if (text === '–' || text === '') return Number.NaN;
  const found = /^([<+\-−]? ?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?)/.exec(text)?.[1];
  if (found === undefined) return undefined;
  const unit = /\d\s([kMG])B?$/.exec(text)?.[1] ?? '';
  return Number(found.replaceAll(',', '').replace('−', '-').replace(/[< ]/g, '')) * (UNITS[unit] ?? 1);
}
