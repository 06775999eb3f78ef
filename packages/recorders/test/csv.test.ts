import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { HOSTILE_TEXTS } from '@ligature/testing';
import { csvLines } from '../src/index.js';

/** What Excel, LibreOffice and Google's tables take for a formula. */
const COMPUTED = /^[\s\p{Cc}\ufeff]*[=+\-@\uff0b\uff0d\uff1d\uff20]|^[\t\r\n]/u;

const read = (text: string): string[][] => parse(text);

describe('lines of CSV', () => {
  it.each(Object.entries(HOSTILE_TEXTS))(
    'hold %s as a text, in every column and in the heading',
    (_, given) => {
      const text = given.replaceAll(/\p{Cs}/gu, '\ufffd');
      const found = read(
        csvLines([
          [text, 'b', text],
          ['a', text, 1],
        ]),
      );
      expect(found.map((row) => row.length)).toEqual([3, 3]);
      for (const cell of [found[0]?.[0], found[0]?.[2], found[1]?.[1]])
        expect(cell).toBe(COMPUTED.test(text) ? `'${text}` : text);
    },
  );

  it.each([-0.5, -1, 1e-7, -1e21, 0, Infinity, -Infinity, NaN])('leave the number %s as it is', (value) => {
    expect(csvLines([[value, String(value)]])).toMatch(
      Number.isFinite(value) ? `${value},${value}\n` : /^-?\w+,'?-?\w+\n$/,
    );
    expect(csvLines([[value]])).toBe(`${value}\n`);
  });

  it('leave texts that are numbers as they are', () => {
    for (const text of ['-1', '+1.5', '-.5e-3', '-0.5 0.25 -1', '0-0-2', '1e5'])
      expect(csvLines([[text]])).toBe(`${text}\n`);
    for (const text of ['-1+1', '-A1', '+1 A1', '-', '-1 =1', '+-1', '-0.5\n-1'])
      expect(read(csvLines([[text]]))).toEqual([[`'${text}`]]);
  });

  it('leave out what is missing, and say yes and no', () => {
    expect(csvLines([['a', null, undefined, true, false, '']])).toBe('a,,,true,false,\n');
  });
});
