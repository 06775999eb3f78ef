/** One case: a `tokenizer.json` that the native library takes, and texts for it. */
import { readFileSync } from 'node:fs';
import { expect, type Expected } from './compare.js';
import { createDice, type Dice } from './dice.js';
import { idsOf, numbered, type AddedToken } from './ids.js';
import { randomDecoder, randomPostProcessor } from './endings.js';
import { randomModel } from './models.js';
import { askWords } from './oracle.js';
import { randomNormalizer, randomPreTokenizer, type Part } from './parts.js';
import { randomText } from './texts.js';

export type TokenizerFile = Record<string, unknown>;

export interface DifferentialCase {
  readonly file: TokenizerFile;
  readonly texts: readonly string[];
  readonly expected: Expected;
}

export const TEXTS_PER_FILE = 25;
const MOST_ATTEMPTS = 50;

/** Of `Precompiled`; how they were made stands in `make_fixtures.py` there. */
const CHARSMAPS = JSON.parse(
  readFileSync(new URL('../../../packages/tokenizers/test/fixtures/charsmaps.json', import.meta.url), 'utf8'),
) as string[];

const CONTENTS = [
  ...'<s> </s> [CLS] [MASK] <mask> <|endoftext|> <|end|> <|end|>x <pad> <unk> [UNK] <0x41> ▁ ▁the Ġ ## . ...'.split(
    ' ',
  ),
  ...'the The HELLO hello lo he hell a ab bc abcab é größe Ａ ﬁ 中 中文 👍 1 12 __proto__ constructor'.split(
    ' ',
  ),
  ...[
    "'s",
    ' lead',
    'trail ',
    'a b',
    'o w',
    '  ',
    '\n\n',
    '\t',
    '\u0301',
    'e\u0301',
    '\u200d',
    '\u00a0',
    '\ufeff',
  ],
];

/** The same number gives the same case. */
export async function randomCase(number: number): Promise<DifferentialCase> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const dice = createDice(number, `tokenizer ${attempt}`);
    const found = await attemptCase(dice);
    if (found) return found;
  }
  throw new Error(`no file of ${MOST_ATTEMPTS} was one that the native library takes: case ${number}`);
}

async function attemptCase(dice: Dice): Promise<DifferentialCase | undefined> {
  const contents = dice.chance(0.35) ? [] : dice.list(1, 6, () => dice.pick(CONTENTS));
  const texts = dice.list(TEXTS_PER_FILE, TEXTS_PER_FILE, () => randomText(dice, contents));
  const parts = { normalizer: randomNormalizer(dice, CHARSMAPS), pre_tokenizer: randomPreTokenizer(dice) };
  const model = { type: 'WordLevel', vocab: {}, unk_token: '' };
  const words = await askWords({ ...parts, added_tokens: [], model }, texts);
  if (!words) return undefined;
  const file = fileFor(dice, { parts, contents, words });
  const expected = await expect(file, texts);
  return expected && { file, texts, expected };
}

interface Ingredients {
  readonly parts: { readonly normalizer: Part; readonly pre_tokenizer: Part };
  readonly contents: readonly string[];
  readonly words: readonly string[];
}

function fileFor(dice: Dice, { parts, contents, words }: Ingredients): TokenizerFile {
  const model = randomModel(dice, words);
  const added = addedTokens(dice, contents, model);
  const special = added.map(({ content, id }) => [content, id] as const);
  const file: TokenizerFile = {
    version: '1.0',
    truncation: dice.chance(0.01) ? truncation(dice) : null,
    padding: dice.chance(0.01) ? padding(dice) : null,
    added_tokens: added,
    ...parts,
    post_processor: randomPostProcessor(dice, special),
    decoder: randomDecoder(dice),
    model,
  };
  // What says nothing may be absent.
  const silent = Object.entries(file).filter(
    ([name, value]) => name === 'version' || value === null || value === added,
  );
  for (const [name, value] of silent) {
    if ((value !== added || added.length === 0) && dice.chance(0.3)) delete file[name];
  }
  return dice.chance(0.03) ? disturbed(dice, file) : file;
}

/** One field more, one of another kind of value, or one that is gone. The native library takes few of these. */
function disturbed(dice: Dice, file: TokenizerFile): TokenizerFile {
  const copy = structuredClone(file);
  const objects: Record<string, unknown>[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Array.isArray(value)) objects.push(value as Record<string, unknown>);
    for (const [name, child] of Object.entries(value))
      if (name !== 'vocab' && name !== 'merges') visit(child);
  };
  visit(copy);
  const object = dice.pick(objects);
  const name = dice.pick([...Object.keys(object), 'comment']);
  if (dice.chance(0.3)) delete object[name];
  else object[name] = dice.pick<unknown>([null, true, false, 0, 1, -1, '', 'x', [], {}]);
  return copy;
}

const truncation = (dice: Dice): Record<string, unknown> => ({
  ...{
    direction: dice.pick(['Right', 'Left']),
    max_length: dice.int(1, 9),
    strategy: 'LongestFirst',
    stride: 0,
  },
});

const padding = (dice: Dice): Record<string, unknown> => ({
  strategy: dice.pick<unknown>(['BatchLongest', { Fixed: dice.int(1, 30) }]),
  direction: dice.pick(['Right', 'Left']),
  pad_to_multiple_of: dice.pick([null, 8]),
  ...{ pad_id: 0, pad_type_id: 0, pad_token: '<pad>' },
});

/** Mostly with the ids that the native library gives them, whatever the file says. */
function addedTokens(dice: Dice, contents: readonly string[], model: Record<string, unknown>): AddedToken[] {
  const pool = dice.chance(0.3)
    ? [...contents, ...dice.shuffle([...idsOf(model).keys()]).slice(0, 2)]
    : contents;
  const repeated = dice.chance(0.04)
    ? [...pool, ...pool, '']
    : [...new Set(pool)].filter((one) => one !== '');
  const tokens = repeated.map((content) => {
    const special = dice.chance(0.6);
    return {
      id: 0,
      content,
      ...{ single_word: dice.chance(0.2), lstrip: dice.chance(0.2), rstrip: dice.chance(0.2) },
      ...{ normalized: dice.chance(special ? 0.15 : 0.7), special },
    };
  });
  return numbered(tokens, model).map((token) =>
    dice.chance(0.003) ? { ...token, id: token.id + 3 } : token,
  );
}
