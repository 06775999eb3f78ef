/** Random tokenizer.json files, and recorded ones, against Hugging Face's native library. */
import { readdirSync, readFileSync } from 'node:fs';
import { loadTokenizerJson } from '@ligature/tokenizers';
import { describe, expect, it } from 'vitest';
import { compare } from '../../tools/fuzz/differential/compare.js';
import { askOracle, oracleRuns } from '../../tools/fuzz/differential/oracle.js';
import { randomCase, type TokenizerFile } from '../../tools/fuzz/differential/random-case.js';
import { shrink } from '../../tools/fuzz/differential/shrink.js';
import { LIMITS } from '../../tools/fuzz/judge.js';
import { runTarget } from '../../tools/fuzz/run-target.js';
import { tokenizerDifferential, type Tally } from '../../tools/fuzz/targets/tokenizer-differential.js';

const FILES = 220;
const PAIRS = 5000;
const SHAPES = new URL('../../packages/tokenizers/test/fixtures/public-shapes/', import.meta.url);

/** A reader that knows nothing of a field reads the file without it. */
function without(file: TokenizerFile, name: string): TokenizerFile {
  return JSON.parse(JSON.stringify(file), (key, value: unknown) =>
    key === name ? false : value,
  ) as TokenizerFile;
}

it('the native library runs where it is published', () => {
  const published = ['darwin-x64', 'darwin-arm64', 'linux-x64', 'linux-arm64', 'win32-x64'];
  expect(oracleRuns || !published.includes(`${process.platform}-${process.arch}`)).toBe(true);
});

describe.skipIf(!oracleRuns)('tokenizer.json against the native library', () => {
  it(
    `${PAIRS} pairs of file and text: same ids and text, or a refusal that names the field`,
    { timeout: 600_000 },
    async () => {
      const tally: Tally = { files: 0, pairs: 0, refusedFiles: 0 };
      const { failure } = await runTarget(tokenizerDifferential(tally), {
        cases: FILES,
        seed: 11,
        limits: { ...LIMITS, seconds: 10 },
      });
      expect(failure).toBeUndefined();
      expect(tally.files).toBe(FILES);
      expect(tally.pairs).toBeGreaterThanOrEqual(PAIRS);
      expect(tally.refusedFiles).toBeLessThanOrEqual(FILES / 10);
    },
  );

  it.each(['lstrip', 'single_word', 'invert', 'byte_fallback', 'ignore_merges'])(
    'a reader that ignores %s is found out, with a small file',
    { timeout: 600_000 },
    async (field) => {
      for (let number = 0; number < 100; number += 1) {
        const { file, expected } = await randomCase(number);
        const ignorant = (whole: TokenizerFile) => loadTokenizerJson(without(whole, field));
        const { difference } = compare(file, expected, ignorant);
        if (!difference || compare(file, expected).difference) continue;
        const small = await shrink(file, difference, ignorant);
        expect(JSON.stringify(small.file)).toContain(`"${field}":true`);
        expect(JSON.stringify(small).length).toBeLessThan(1500);
        return;
      }
      expect.unreachable(`no case needs ${field}`);
    },
  );

  it('what the fixtures of public models say is what the library gives', async () => {
    const names = readdirSync(SHAPES).filter((name) => name.endsWith('.json'));
    for (const name of names) {
      const { tokenizer, cases } = JSON.parse(readFileSync(new URL(name, SHAPES), 'utf8')) as {
        tokenizer: TokenizerFile;
        cases: { text: string; ids: number[]; decoded: string }[];
      };
      const answers = await askOracle(
        tokenizer,
        cases.map(({ text }) => text),
        cases.map(({ ids }) => ids),
      );
      expect({ name, ...answers }).toEqual({
        name,
        encoded: cases.map(({ ids }) => ids),
        decoded: cases.map(({ decoded }) => decoded),
      });
    }
  });
});
