/**
 * Random `tokenizer.json` files against Hugging Face's native library: the same ids and the same text back, or a
 * refusal that names the field. Each case is one file with 25 texts, both of a number.
 */
import * as fc from 'fast-check';
import { compare } from '../differential/compare.js';
import { oracleRuns } from '../differential/oracle.js';
import { randomCase } from '../differential/random-case.js';
import { shrink, type Shrunken } from '../differential/shrink.js';
import { defineTarget, Violation, type Target } from '../target.js';

/** What the cases of a run came to. */
export interface Tally {
  files: number;
  pairs: number;
  refusedFiles: number;
}

export function tokenizerDifferential(tally: Tally = { files: 0, pairs: 0, refusedFiles: 0 }): Target {
  return defineTarget({
    name: 'tokenizer-differential',
    reads: 'random tokenizer.json files, with the ids and texts of the native library',
    input: fc.noShrink(fc.noBias(fc.nat(2 ** 31 - 1))),
    async prepare(number) {
      if (!oracleRuns) throw new Violation('@anush008/tokenizers does not run on this machine');
      const { file, expected } = await randomCase(number);
      const found = compare(file, expected).difference;
      const failure = found && describe(number, await shrink(file, found));
      return () => {
        if (failure !== undefined) throw new Violation(failure);
        const { pairs, refused } = compare(file, expected);
        tally.files += 1;
        tally.pairs += pairs;
        if (refused > 0) tally.refusedFiles += 1;
        return undefined;
      };
    },
  });
}

const KINDS = {
  ids: 'other ids than the native library',
  text: 'another text than the native library',
  crash: 'an error that is no refusal',
  unnamed: 'a refusal that names no field',
  random: 'a file whose ids are random',
} as const;

function describe(number: number, { file, difference }: Shrunken): string {
  const { kind, input, ours, native } = difference;
  const lines = { file, [typeof input === 'string' ? 'text' : 'ids']: input, ours, native };
  return [
    `case ${number}: ${KINDS[kind]}`,
    ...Object.entries(lines).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
  ].join('\n');
}
