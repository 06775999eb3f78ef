/** HTML that stays HTML whatever names a user chose: what is put into a template is escaped unless it is markup. */
import { visible } from '@ligature/core';

export class Markup {
  constructor(readonly text: string) {}
}

type Piece = Markup | string | number | undefined | false | null | readonly Piece[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escaped, and with nothing that acts on the direction of what stands beside it. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (one) => ESCAPES[one] as string);
}

function textOf(piece: Piece): string {
  if (piece instanceof Markup) return piece.text;
  if (Array.isArray(piece)) return (piece as readonly Piece[]).map(textOf).join('');
  if (piece === undefined || piece === false || piece === null) return '';
  return escapeHtml(String(piece));
}

/** A template (a tag that formatters leave as it is) whose values are escaped; arrays are put one after the other, `undefined` and `false` left out. */
export function markup(parts: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  return new Markup(parts.map((part, index) => part + textOf(values[index])).join(''));
}

/** JSON to stand inside a `<script>`: no end of it, and no beginning of a comment, can come from data. */
export function jsonInScript(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

export type { Piece };
