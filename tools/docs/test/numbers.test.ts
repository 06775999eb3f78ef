/** What `npm run docs:check` takes for a number, and when it believes it. */
import { describe, expect, it } from 'vitest';
import { cellNumbers, dataFiles, printedNumbers, unbacked } from '../numbers.js';

const shown = (markdown: string): string[] => printedNumbers(markdown).map(({ text }) => text);
const wrong = (markdown: string, csv: string): string[] =>
  unbacked(printedNumbers(markdown), cellNumbers(csv)).map(({ text }) => text);

describe('numbers on a page', () => {
  it('are those that a reader sees, in paragraphs, lists and tables', () => {
    expect(shown("Kendall's tau")).toEqual([]);
    expect(shown('A loss of 5.229 after 204,800 tokens, 32 % fewer.\n\n- 470 k\n- −0.02\n')).toEqual([
      '5.229',
      '204,800',
      '32 %',
      '470 k',
      '−0.02',
    ]);
    expect(shown('| a | b |\n| - | - |\n| `7` | 1e-3 |\n')).toEqual(['1e-3']);
  });

  it('are not those in names, code, links and comments', () => {
    expect(
      shown(
        'GPT-2 on WikiText-2 with `--seeds 3`, float32 ([2401.12819](https://x.org/1)) <!-- 5 -->\n\n```\n6\n```\n',
      ),
    ).toEqual([]);
  });

  it('know their line', () => {
    expect(printedNumbers('# A\n\none\n2\n\n| a |\n| - |\n| b |\n| 4 |\n').map(({ line }) => line)).toEqual([
      4, 9,
    ]);
  });
});

describe('a number is backed', () => {
  const csv =
    'controller,loss,p,reduction,bytes,seeds\nnone,5.2287,,0.3191,943718400,3\nrandom,4.6,-0.0213,0,,3\n';

  it('by a cell that rounds to it, with its unit and without its sign', () => {
    expect(wrong('5.229, 5.23, 5.2, 32 %, 31.9 %, 900 MiB, 0.021 lower, 3 seeds', csv)).toEqual([]);
  });

  it('by nothing else', () => {
    expect(wrong('5.228, 5.24, 33 %, 901 MiB, 0.31, 0.022, 2 seeds', csv)).toEqual([
      ...['5.228', '5.24', '33 %', '901 MiB', '0.31', '0.022', '2'],
    ]);
  });

  it('and small whole numbers only by themselves, not by what rounds to them', () => {
    expect(wrong('5 layers', csv)).toEqual(['5']);
  });
});

it('a page names its files in a comment', () => {
  expect(dataFiles('# T\n\n<!-- data: data/a.csv data/b.csv -->\n')).toEqual(['data/a.csv', 'data/b.csv']);
});
