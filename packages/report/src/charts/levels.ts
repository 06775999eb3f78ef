/** Values to read curves by, such as floors: thin dashed lines over the whole width, with a label at their right end. */
import type { DocumentLevel } from '@ligature/core';
import type { Mark } from 'vega';
import type { Look } from '../figures/render.js';

/** To be drawn before the curves, which may cross them. @param scale name of the y scale */
export function levelMarks(levels: readonly DocumentLevel[], look: Look, scale = 'y'): Mark[] {
  return levels.flatMap(({ label, value }): Mark[] => {
    const y = { scale, value };
    const across = { x: { value: 0 }, x2: { signal: 'width' } };
    return [
      {
        type: 'rule',
        encode: {
          update: {
            ...across,
            y,
            stroke: { value: look.ink },
            strokeOpacity: { value: 0.55 },
            strokeWidth: { value: 1 },
            strokeDash: { value: [5, 4] },
          },
        },
      },
      {
        type: 'text',
        encode: {
          update: {
            x: { signal: 'width', offset: -4 },
            y: { ...y, offset: -3 },
            align: { value: 'right' },
            baseline: { value: 'bottom' },
            fontSize: { value: 11 },
            fill: { value: look.ink },
            text: { value: label },
          },
        },
      },
    ];
  });
}

/** For the domain of the y scale, beside the fields of the curves. */
export const levelValues = (levels: readonly DocumentLevel[]): number[][] =>
  levels.length === 0 ? [] : [levels.map(({ value }) => value)];

/** ` Dashed: unigram floor 5.861, bigram floor 4.265.` Empty without any. */
export const levelsNote = (levels: readonly DocumentLevel[]): string =>
  levels.length === 0
    ? ''
    : ` Dashed: ${levels.map(({ label }) => label).join(', ')}, measured on held-out data; training losses are not.`;
