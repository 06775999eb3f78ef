/**
 * Numbers in the text of a page against the tables that they come from. A number is backed when some cell of the page's
 * CSV files, rounded to as many decimals as are printed, equals it; `%`, `k`, `M`, `KiB`, `MiB` and `min` scale the cell.
 */
import { parse } from 'csv-parse/sync';
import { marked, type Token } from 'marked';
import { plain } from './markdown.js';

export interface PrintedNumber {
  readonly line: number;
  /** As printed, with its unit. */
  readonly text: string;
  readonly value: number;
  readonly decimals: number;
  /** What a cell is multiplied by before it is compared. */
  readonly scale: number;
}

const SCALES: Readonly<Record<string, number>> = {
  '%': 100,
  k: 1e-3,
  M: 1e-6,
  KiB: 2 ** -10,
  MiB: 2 ** -20,
  min: 1 / 60,
};

// Not in names: GPT-2, WikiText-2, float32, 1e-3 is one number, 12,345 too.
const NUMBER =
  /(?<![\p{L}\d_.,/-])(?<sign>[-−+]?)(?<digits>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?<fraction>\d+))?(?<power>e-?\d+)?(?:\s?(?<unit>%|KiB|MiB|min|k|M)(?!\p{L}))?(?![\p{L}\d_])/gu;

function numbersIn(text: string, line: number): PrintedNumber[] {
  return [...text.matchAll(NUMBER)].map((match) => {
    const { sign, digits, fraction = '', power = '', unit } = match.groups as Record<string, string>;
    const plain = `${sign === '−' || sign === '-' ? '-' : ''}${digits!.replaceAll(',', '')}`;
    return {
      line,
      text: match[0].trim(),
      value: Number(`${plain}${fraction && `.${fraction}`}${power}`),
      decimals: fraction.length - (power === '' ? 0 : Number(power.slice(1))),
      scale: unit === undefined ? 1 : SCALES[unit]!,
    };
  });
}

/** Every number that a reader sees as text: not in code, not in the text of links (which name their sources). */
export function printedNumbers(markdown: string): PrintedNumber[] {
  const found: PrintedNumber[] = [];
  let line = 1;
  const visit = (token: Token): void => {
    if (['code', 'codespan', 'html', 'link', 'image'].includes(token.type)) return;
    if (token.type === 'table') {
      const { header, rows } = token as unknown as Record<'header', Cell[]> & Record<'rows', Cell[][]>;
      const start = line;
      [header, ...rows].forEach((row, index) => {
        line = start + (index === 0 ? 0 : index + 1);
        for (const cell of row) cell.tokens.forEach(visit);
      });
      line = start;
      return;
    }
    if (token.type === 'list') {
      for (const item of (token as unknown as { items: Token[] }).items) visit(item);
      return;
    }
    const inner = 'tokens' in token ? (token.tokens as Token[] | undefined) : undefined;
    if (inner !== undefined && inner.length > 0) inner.forEach(visit);
    else if ('text' in token) {
      const text = plain(String(token.text));
      text.split('\n').forEach((part, index) => found.push(...numbersIn(part, line + index)));
    }
  };
  for (const token of marked.lexer(markdown)) {
    visit(token);
    line += token.raw.split('\n').length - 1;
  }
  return found;
}

interface Cell {
  readonly tokens: Token[];
}

/** All numbers of a CSV file. @throws Error for lines of unequal length */
export function cellNumbers(csv: string): number[] {
  const rows = parse(csv) as string[][];
  return rows
    .flat()
    .filter((cell) => cell.trim() !== '')
    .map(Number)
    .filter((value) => Number.isFinite(value));
}

/**
 * The printed numbers that no cell rounds to. A difference may be printed without its sign ("0.02 lower"). Small whole
 * numbers are counts: any loss would round to one, so that these have to be in a cell as they are.
 */
export function unbacked(printed: readonly PrintedNumber[], cells: readonly number[]): PrintedNumber[] {
  return printed.filter(
    ({ value, decimals, scale }) =>
      !cells.some((cell) => {
        const count = decimals === 0 && scale === 1 && Math.abs(value) < 100;
        // Half a unit of the last place, and what decimal fractions lose in binary.
        const slack = (count ? 0 : 0.5 * 10 ** -decimals) + 1e-9 * Math.abs(cell * scale);
        return [cell, -cell].some((signed) => Math.abs(signed * scale - value) <= slack);
      }),
  );
}

/** The CSV files that a page names in `<!-- data: a.csv b.csv -->`, relative to its own folder. */
export function dataFiles(markdown: string): string[] {
  return [...markdown.matchAll(/<!--\s*data:\s*([^>]*?)\s*-->/g)].flatMap(([, names]) => names!.split(/\s+/));
}
