/** A regular expression as far as it is understood here: what `read.ts` makes of a pattern, and engines run. */

/** One character out of a set, written as a class of JavaScript's flag `v`. */
export interface OneOf {
  readonly kind: 'set';
  readonly source: string;
}

export type Place =
  'line_start' | 'line_end' | 'string_start' | 'string_end' | 'string_end_newline' | 'word_boundary';

export type Ir =
  | OneOf
  | { readonly kind: 'sequence'; readonly parts: readonly Ir[] }
  | { readonly kind: 'choice'; readonly options: readonly Ir[] }
  | {
      readonly kind: 'repeat';
      readonly least: number;
      /** May be Infinity. */
      readonly most: number;
      readonly lazy: boolean;
      readonly body: Ir;
    }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negate: boolean; readonly body: Ir }
  | { readonly kind: 'atomic'; readonly body: Ir }
  | { readonly kind: 'place'; readonly place: Place; readonly negate: boolean };

/** Fewest and most characters that it can match. */
export function lengths(ir: Ir): { least: number; most: number } {
  switch (ir.kind) {
    case 'set':
      return { least: 1, most: 1 };
    case 'sequence': {
      const parts = ir.parts.map(lengths);
      return {
        least: parts.reduce((sum, { least }) => sum + least, 0),
        most: parts.reduce((sum, { most }) => sum + most, 0),
      };
    }
    case 'choice': {
      const options = ir.options.map(lengths);
      return {
        least: Math.min(...options.map(({ least }) => least)),
        most: Math.max(...options.map(({ most }) => most)),
      };
    }
    case 'repeat': {
      const { least, most } = lengths(ir.body);
      return { least: least * ir.least, most: most === 0 || ir.most === 0 ? 0 : most * ir.most };
    }
    case 'atomic':
      return lengths(ir.body);
    default:
      return { least: 0, most: 0 };
  }
}
