/** Random models whose vocabularies fit the texts: they are made of the words that the texts have been cut into. */
import type { Dice } from './dice.js';

type Model = Record<string, unknown>;

const UNKNOWN = ['<unk>', '[UNK]', 'UNK'];
const BYTES = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
);

/** @param words as the pre-tokenizer leaves them */
export function randomModel(dice: Dice, words: readonly string[]): Model {
  const distinct = dice.shuffle([...new Set(words.filter((word) => word !== ''))]).slice(0, 120);
  const model = dice.weighted<Model>([
    [5, () => bpe(dice, distinct)],
    [2, () => wordPiece(dice, distinct)],
    [2, () => wordLevel(dice, distinct)],
    [4, () => unigram(dice, distinct)],
  ]);
  return dice.chance(0.06)
    ? Object.fromEntries(Object.entries(model).filter(([name]) => name !== 'type'))
    : model;
}

/** Ids in some order, now and then with holes. */
function vocabularyOf(dice: Dice, tokens: Iterable<string>): Record<string, number> {
  const holes = dice.chance(0.05) ? 0.05 : 0;
  let id = holes > 0 ? dice.int(0, 5) : 0;
  const list = [...new Set(dice.chance(0.02) ? [...tokens, ''] : tokens)];
  const entries: [string, number][] = [];
  for (const token of dice.chance(0.5) ? dice.shuffle(list) : list) {
    entries.push([token, id]);
    id += dice.chance(holes) ? dice.int(2, 9) : 1;
  }
  return Object.fromEntries(entries);
}

/** Mostly present in the vocabulary, seldom not. */
function unknownToken(dice: Dice, tokens: Set<string>, none: boolean): string | null {
  const token = dice.pick(UNKNOWN);
  if (!dice.chance(0.04)) tokens.add(token);
  return none && dice.chance(0.3) ? null : token;
}

function addBytes(dice: Dice, tokens: Set<string>): void {
  for (const byte of BYTES) if (!dice.chance(0.01)) tokens.add(byte);
}

/** Some tokens are missing, so that texts meet the unknown token. */
function thin(dice: Dice, tokens: Set<string>): void {
  const loss = dice.pick([0, 0.02, 0.1]);
  for (const token of [...tokens]) if (dice.chance(loss)) tokens.delete(token);
}

function bpe(dice: Dice, words: readonly string[]): Model {
  const prefix = dice.chance(0.15) ? dice.pick(['##', '@@', '▁']) : dice.pick([null, null, null, '']);
  const suffix = dice.chance(0.15) ? dice.pick(['</w>', '@@', '_']) : dice.pick([null, null, null, '']);
  const split = words.map((word) => {
    const characters = [...word];
    return characters.map(
      (one, at) =>
        (at > 0 ? (prefix ?? '') : '') + one + (at === characters.length - 1 ? (suffix ?? '') : ''),
    );
  });
  const tokens = new Set(split.flat());
  thin(dice, tokens);
  const merges = randomMerges(dice, split, tokens, prefix ?? '');
  const byteFallback = dice.chance(0.3);
  if (byteFallback || dice.chance(0.03)) addBytes(dice, tokens);
  // Words that no merge makes: `ignore_merges` finds them.
  for (const word of words) if (dice.chance(0.1)) tokens.add(word);
  const unknown = unknownToken(dice, tokens, true);
  return {
    type: 'BPE',
    dropout: dice.weighted<number | null>([
      [40, () => null],
      [3, () => 0],
      [1, () => dice.pick([0.5, 1])],
    ]),
    unk_token: unknown,
    continuing_subword_prefix: prefix,
    end_of_word_suffix: suffix,
    fuse_unk: dice.chance(0.4),
    byte_fallback: byteFallback,
    ignore_merges: dice.chance(0.3),
    vocab: vocabularyOf(dice, tokens),
    merges: dice.chance(0.6) ? merges : merges.map((merge) => merge.join(' ')),
  };
}

/** Joins neighbours at random, everywhere they stand side by side, as a trainer would. */
function randomMerges(dice: Dice, split: string[][], tokens: Set<string>, prefix: string): string[][] {
  const merges: string[][] = [];
  const seen = new Set<string>();
  for (let round = dice.int(0, 70); round > 0 && split.length > 0; round -= 1) {
    const word = dice.pick(split);
    if (word.length < 2) continue;
    const at = dice.int(0, word.length - 2);
    const [left, right] = [word[at] as string, word[at + 1] as string];
    if (!tokens.has(left) || !tokens.has(right) || seen.has(JSON.stringify([left, right]))) continue;
    seen.add(JSON.stringify([left, right]));
    const joined = left + right.slice(prefix.length);
    tokens.add(joined);
    merges.push([left, right]);
    for (const other of split) {
      for (let i = 0; i + 1 < other.length; i += 1)
        if (other[i] === left && other[i + 1] === right) other.splice(i, 2, joined);
    }
  }
  if (dice.chance(0.05)) merges.push(...merges.slice(0, 3));
  return dice.chance(0.15) ? dice.shuffle(merges) : merges;
}

/** Substrings by characters, never halves of one. */
function pieces(dice: Dice, words: readonly string[], each: number): string[] {
  return words.flatMap((word) => {
    const characters = [...word];
    return dice.list(0, each, () => {
      const start = dice.int(0, characters.length - 1);
      return characters.slice(start, start + dice.int(1, 4)).join('');
    });
  });
}

function wordPiece(dice: Dice, words: readonly string[]): Model {
  const prefix = dice.pick(['##', '##', '##', '', '@@', '▁']);
  const tokens = new Set(words.flatMap((word) => [...word]).flatMap((one) => [one, prefix + one]));
  thin(dice, tokens);
  for (const piece of pieces(dice, words, 3)) tokens.add(dice.chance(0.5) ? piece : prefix + piece);
  for (const word of words) if (dice.chance(0.3)) tokens.add(word);
  const unknown = unknownToken(dice, tokens, false);
  return {
    ...{ type: 'WordPiece', unk_token: unknown, continuing_subword_prefix: prefix },
    ...{ max_input_chars_per_word: dice.pick([100, 100, 200, 5, 1, 0]), vocab: vocabularyOf(dice, tokens) },
  };
}

function wordLevel(dice: Dice, words: readonly string[]): Model {
  const tokens = new Set(words);
  thin(dice, tokens);
  const unknown = unknownToken(dice, tokens, false);
  return { type: 'WordLevel', vocab: vocabularyOf(dice, tokens), unk_token: unknown };
}

function unigram(dice: Dice, words: readonly string[]): Model {
  const tokens = new Set(words.flatMap((word) => [...word]));
  thin(dice, tokens);
  for (const piece of [...pieces(dice, words, 3), ...words.filter(() => dice.chance(0.3))]) tokens.add(piece);
  const byteFallback = dice.chance(0.35);
  if (byteFallback) addBytes(dice, tokens);
  // Few scores, so that ties occur.
  const coarse = dice.chance(0.3);
  const best = dice.chance(0.05) ? -3 : 1;
  const score = (): number => -dice.int(best, coarse ? 6 : 9000) / (coarse ? 1 : 1000);
  const vocab = dice.shuffle([...tokens]).map((token): [string, number] => [token, score()]);
  const unknown = dice.int(0, Math.min(3, vocab.length));
  if (dice.chance(0.03))
    vocab.push(...vocab.slice(0, 2).map(([token]): [string, number] => [token, score()]), ['', score()]);
  vocab.splice(unknown, 0, [dice.pick(UNKNOWN), dice.chance(0.8) ? 0 : score()]);
  return { type: 'Unigram', unk_id: dice.chance(0.15) ? null : unknown, byte_fallback: byteFallback, vocab };
}
