import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '@ligature/core';
import { parseYaml } from '../src/config/yaml.js';
import { builtConfig } from './built-config.js';

let cwd: string;
beforeEach(() => void (cwd = mkdtempSync(join(tmpdir(), 'ligature-config-'))));
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const build = (text: string | Uint8Array) => {
  writeFileSync(join(cwd, 'run.yaml'), text);
  return builtConfig({ flags: {}, file: 'run.yaml', cwd });
};

describe('a hostile configuration file', () => {
  it.each([
    ['an alias that contains itself', 'model: &m { layers: *m }\n', /contains itself/],
    ['brackets without end', '['.repeat(100_000), /nested deeper than 100/],
    // Without a limit, Node ends here with "RegExpCompiler Allocation failed", which no `catch` sees.
    ['maps in maps without end', '{a: '.repeat(20_000), /nested deeper than 100/],
    ['lists in lists without end', '- '.repeat(20_000), /nested deeper than 100/],
    ['a tag for code', '!!js/function "function(){ return 1 }"\n', /tag/i],
    ['a directive for another YAML', '%YAML 1.1\n---\nseed: !!binary aGVsbG8=\n', /tag/i],
    ['a key twice', 'seed: 1\nseed: 2\n', /unique/],
    ['more than a megabyte', `seed: 1\n${'#'.repeat(2 ** 20)}`, /bytes, more than/],
    ['bytes that are no text', Uint8Array.of(0x73, 0xff, 0xfe), /not valid for encoding utf-8/],
  ])('with %s is refused', async (_what, text, message) => {
    const error = await build(text).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(message);
    expect((error as InputError).code).toBe('config-unreadable');
  });

  it('gives a hundred aliases their value, and no more', () => {
    expect(parseYaml('a: &a 1\nb: [*a, *a]\n')).toEqual({ a: 1, b: [1, 1] });
    const bomb = 'abcdefghi'
      .split('')
      .map((name, i, all) => `${name}: &${name} [${`*${all[i - 1] ?? ''},`.repeat(i && 9)}]`);
    expect(() => parseYaml(bomb.join('\n'))).toThrow(/alias/i);
  });
});
