import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namePattern } from '../src/index.js';

describe('a pattern over names', () => {
  it.each<[string, string, boolean]>([
    ['transformer.wte.weight', 'transformer.wte.weight', true],
    ['transformer.wte.weight', 'transformer.wte.weight.x', false],
    ['*', '', true],
    ['*.weight', 'attn.c_attn.weight', true],
    ['attn.*', 'mlp.attn.x', false],
    ['*.1.*.weight', 'h.1.ln_1.weight', true],
    ['*.1.*.weight', 'h.1.weight', false],
    // The star takes nothing, and no letter counts twice.
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['a.c', 'abc', false],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(namePattern(pattern)(name)).toBe(expected);
  });

  it('says what a regular expression says', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
    const pattern = fc.array(text, { maxLength: 4 }).map((parts) => parts.join('*'));
    fc.assert(
      fc.property(pattern, text, (one, name) => {
        const expression = new RegExp(`^${one.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
        expect(namePattern(one)(name)).toBe(expression.test(name));
      }),
    );
  });

  it('is quick for one of many stars', () => {
    expect(namePattern(`${'*a'.repeat(5000)}*b`)('a'.repeat(10_000))).toBe(false);
  });
});
