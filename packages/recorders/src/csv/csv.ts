/** Rows as CSV that programs read back and spreadsheets do not run. */
import { stringify } from 'csv-stringify/sync';

export type CsvCell = string | number | boolean | null | undefined;

/** Numbers, one or several: they begin with a sign and are no formula. */
const NUMBERS = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?( [+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)*$/i;

/** What a spreadsheet computes, however it is spelled (wide signs) and whatever spaces and controls stand before it. */
const FORMULA = /^([\s\p{Cc}\ufeff]*[=+\-@\uff0b\uff0d\uff1d\uff20]|[\t\r\n])/u;

/**
 * A line for each row. A text that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP advises
 * (https://owasp.org/www-community/attacks/CSV_Injection); numbers, also those that are texts, stay as they are.
 */
export function csvLines(rows: readonly (readonly CsvCell[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { cast: { string: inert, boolean: String } },
  );
}

const inert = (text: string): string => (FORMULA.test(text) && !NUMBERS.test(text) ? `'${text}` : text);
