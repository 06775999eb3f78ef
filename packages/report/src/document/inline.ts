/** Texts of a document: `code` and *emphasis*; everything else in them stands for itself. */

export interface InlinePart {
  readonly kind: 'text' | 'code' | 'emphasis';
  readonly text: string;
}

export function inlineParts(text: string): InlinePart[] {
  return text
    .split(/(`+[^`].*?`+|\*[^*\s][^*]*\*)/g)
    .filter((part) => part !== '')
    .map((part): InlinePart => {
      const [, fence, inside] = /^(`+)(.*?)\1$/.exec(part) ?? [];
      if (fence !== undefined) return { kind: 'code', text: (inside ?? '').trim() };
      const [, stressed] = /^\*([^*]+)\*$/.exec(part) ?? [];
      return stressed === undefined ? { kind: 'text', text: part } : { kind: 'emphasis', text: stressed };
    });
}
