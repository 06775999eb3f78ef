import { describe, expect, it } from 'vitest';
import { InputError, parseJson } from '@ligature/core';

const error = (found: string): InputError =>
  new InputError('code', { asked: 'Read a file', found, todo: 'Mend it' });

describe('messages with names from a hostile file', () => {
  it('cannot speak to the terminal', () => {
    const { message, parts } = error('the name "\u001b[2J\u009b1m\0\u007f" is\tnot\nknown');
    expect(message).toBe('Read a file: the name "\\u001b[2J\\u009b1m\\u0000\\u007f" is\tnot\nknown. Mend it');
    expect(parts.found).toBe('the name "\\u001b[2J\\u009b1m\\u0000\\u007f" is\tnot\nknown');
  });

  it('stay readable when a value is a megabyte long', () => {
    const { message } = error(`begin${'x'.repeat(1e6)}end`);
    expect(message.length).toBeLessThan(2100);
    expect(message).toMatch(/: beginx+ … 998008 characters … x+end\. Mend it$/);
  });
});

describe('parseJson', () => {
  it('reads what JSON.parse reads', () => {
    const text = '{"a":[1,-0,"[[{\\"\\\\"],"__proto__":{"b":null}}';
    const value = parseJson(text) as Record<string, unknown>;
    expect(JSON.stringify(value)).toBe('{"a":[1,0,"[[{\\"\\\\"],"__proto__":{"b":null}}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('takes 100 levels and refuses 101', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(parseJson(nested(100))).toHaveLength(1);
    expect(() => parseJson(nested(101))).toThrow('nested deeper than 100');
    expect(() => parseJson('{"a":'.repeat(100_000))).toThrow('nested deeper than 100');
    expect(parseJson(`[${Array.from({ length: 500 }, () => '[]').join()}]`)).toHaveLength(500);
    expect(parseJson(`"${'['.repeat(500)}"`)).toHaveLength(500);
  });
});
