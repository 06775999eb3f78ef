/** CSV, TSV and JSON lines as tables. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cutEvenly } from '../../src/rows/cut.js';
import { openTable, type OpenOptions } from '../../src/rows/open.js';
import type { Table } from '../../src/rows/table.js';
import { temporaryFolder } from '../helpers.js';

const open = (
  name: string,
  content: string | Uint8Array,
  options: Partial<OpenOptions> = {},
): Promise<Table> =>
  openTable(join(temporaryFolder({ [name]: content }), name), name, { format: 'auto', ...options });
const values = async (table: Table, ...names: string[]) =>
  (await table.read(names)).map((row) => [row.at, ...row.values]);

describe('CSV', () => {
  it('has quotes, line ends in quotes, a byte order mark and the line ends of Windows', async () => {
    const table = await open('a.csv', '\ufeffid,text\r\n1,"a, ""b"""\r\n2,"two\r\nlines"\r\n\r\n3,last');
    expect(table.columns).toEqual(['id', 'text']);
    expect(await values(table, 'text', 'id')).toEqual([
      [2, 'a, "b"', '1'],
      [4, 'two\nlines', '2'],
      [6, 'last', '3'],
    ]);
  });

  it('has a separator and quotes of its own where that is said', async () => {
    const table = await open('a.csv', "x;y\n'1;2';\"\n", { separator: ';', quote: "'" });
    expect(await values(table, 'x', 'y')).toEqual([[2, '1;2', '"']]);
    expect(await values(await open('a.txt', 'x\n"\n', { format: 'csv', quote: null }), 'x')).toEqual([
      [2, '"'],
    ]);
  });

  it.each([
    ['', 'table-empty', /empty/],
    ['x,y\n1,2\n3\n', 'table-malformed', /line 3 has 1 columns where 2 belong/],
    ['x,y\n1,"2\n', 'table-malformed', /[Qq]uote/],
    [Uint8Array.of(120, 10, 0xff, 0xfe, 10), 'dataset-not-utf8', /UTF-8/],
  ])('is refused: %j', async (content, code, message) => {
    await expect(open('a.csv', content)).rejects.toMatchObject({ code });
    await expect(open('a.csv', content)).rejects.toThrow(message);
  });

  it('names the columns that there are where one is missing', async () => {
    const table = await open('a.csv', 'x,y\n1,2\n');
    expect(() => table.read(['z'])).toThrow(/no column "z"; its columns are x, y/);
  });
});

describe('TSV', () => {
  it('has no quotes', async () => {
    const table = await open('a.tsv', 'x\ty\n"a\tb "c"\n');
    expect(await values(table, 'x', 'y')).toEqual([[2, '"a', 'b "c"']]);
  });
});

describe('JSON lines', () => {
  it('have values of any kind, and may miss some', async () => {
    const table = await open('a.jsonl', '{"x":1,"y":"a"}\n\n{"x":null,"__proto__":{"y":2}}\n{"y":true}\n');
    expect(table.columns).toEqual(['x', 'y', '__proto__']);
    expect(await values(table, 'x', 'y')).toEqual([
      [1, 1, 'a'],
      [3, null, undefined],
      [4, undefined, true],
    ]);
  });

  it.each([
    [' \n', 'table-empty', /empty/],
    ['{"x":1}\n{x}\n', 'table-malformed', /line 2 is no JSON/],
    ['[1]\n', 'table-malformed', /line 1 is a list, no JSON object/],
    [`{"x":${'['.repeat(200)}${']'.repeat(200)}}\n`, 'table-malformed', /nested deeper/],
    [
      JSON.stringify(Object.fromEntries(Array.from({ length: 1001 }, (_, key) => [`k${key}`, 0]))),
      ...(['table-malformed', /more than 1000 different keys/] as const),
    ],
  ] as const)('are refused: %.30s', async (content, code, message) => {
    await expect(open('a.jsonl', content)).rejects.toMatchObject({ code });
    await expect(open('a.jsonl', content)).rejects.toThrow(message);
  });
});

it('a file of no known ending needs a format', async () => {
  await expect(async () => open('a.txt', 'x\n1\n')).rejects.toThrow(
    /ends in none of .*--set dataset\.format=csv/,
  );
});

describe('cutEvenly', () => {
  it('takes rows from all parts, each once, the same ones again', () => {
    const cut = cutEvenly(20, { validation: 0.2, test: 0.1 });
    expect(cut).toEqual({
      // The middles of six equal parts of 20, of which the middles of four equal parts of six are for validation.
      ...{ validation: [1, 8, 11, 18], test: [5, 15] },
      train: [0, 2, 3, 4, 6, 7, 9, 10, 12, 13, 14, 16, 17, 19],
    });
    expect(cutEvenly(3, { validation: 0.001, test: 0 })).toEqual({
      train: [0, 2],
      validation: [1],
      test: [],
    });
    expect(cutEvenly(1, { validation: 0.1, test: 0.1 }).train).toEqual([]);
  });
});
