/** One case: a `tokenizer.json` that the native library takes, and texts for it. */
import { expect, type Expected } from './compare.js';
import { createDice, type Dice } from './dice.js';
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

const CONTENTS = [
  ...'<s> </s> [CLS] [MASK] <mask> <|endoftext|> <|end|> <|end|>x <pad> <unk> [UNK] <0x41> ▁ ▁the Ġ ## . ...'.split(
    ' ',
  ),
  ...'the The HELLO hello lo a ab é größe Ａ ﬁ 中 中文 👍 1 12'.split(' '),
  ...["'s", ' lead', 'trail ', 'a b', '  ', '\n\n', '\t', '\u0301', 'e\u0301', '\u200d', '\u00a0', '\ufeff'],
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
  const parts = { normalizer: randomNormalizer(dice, []), pre_tokenizer: randomPreTokenizer(dice) };
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
  return file;
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

export interface AddedToken {
  id: number;
  content: string;
  [flag: string]: unknown;
}

/** Mostly with the ids that the native library gives them, whatever the file says. */
function addedTokens(dice: Dice, contents: readonly string[], model: Record<string, unknown>): AddedToken[] {
  const pool = dice.chance(0.3)
    ? [...contents, ...dice.shuffle([...idsOf(model).keys()]).slice(0, 2)]
    : contents;
  const tokens = [...new Set(pool)]
    .filter((content) => content !== '')
    .map((content) => {
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

/** Added tokens have the id that they have in the vocabulary, or the next after all others. */
export function numbered(tokens: readonly AddedToken[], model: Record<string, unknown>): AddedToken[] {
  const ids = idsOf(model);
  let largest = -1;
  return tokens.map((token) => {
    const id = ids.get(token.content) ?? Math.max(ids.size, largest + 1);
    largest = Math.max(largest, id);
    return { ...token, id };
  });
}

function idsOf({ vocab }: Record<string, unknown>): Map<string, number> {
  if (Array.isArray(vocab)) return new Map((vocab as [string, number][]).map(([token], id) => [token, id]));
  return new Map(Object.entries(vocab as Record<string, number>));
}
