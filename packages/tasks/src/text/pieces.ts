/**
 * A text that comes in parts as pieces whose ids, one after the other, are those of the whole text.
 *
 * Tokenizers look no further than words or lines, but each in its own way, and none says how far. So a place to cut is tried
 * before it is used: the ids of what stands around it have to be those of its two sides. Best are ends of lines, which no usual
 * tokenizer looks across.
 */
import { InputError, type Tokenizer } from '@ligature/core';

export interface Piece {
  readonly text: string;
  /** Whether a group of the text (a document, the rows of a group) ends with it. */
  readonly endsGroup: boolean;
}

/** UTF-16 units of a piece, about. */
const PIECE = 1 << 18;
/** Units on each side of a cut that are encoded to try it. */
const AROUND = 1 << 10;
/** Places of one kind that are tried before those of the next kind. */
const TRIALS = 64;

/**
 * Kinds of places, best first: before a line end, behind one (where the end of a text is an end of a line, too), before white
 * space, between any two characters.
 */
const PLACES = [/(?<=\S)\n/gu, /(?<=\n)(?=\S)/gu, /(?<=\S)\s/gu, /(?<=.)/gsu];

/** All of a text as one group. @throws InputError (`text-not-cut`) */
export async function* piecesOf(
  parts: AsyncIterable<string>,
  tokenizer: Pick<Tokenizer, 'encode' | 'name'>,
): AsyncGenerator<Piece> {
  let held = '';
  for await (const part of parts) {
    held += part;
    while (held.length > 2 * PIECE) {
      const at = cutIn(held, tokenizer);
      yield { text: held.slice(0, at), endsGroup: false };
      held = held.slice(at);
    }
  }
  yield { text: held, endsGroup: true };
}

/** Behind one piece, and before the end of the next one. */
function cutIn(text: string, tokenizer: Pick<Tokenizer, 'encode' | 'name'>): number {
  const from = PIECE - AROUND;
  const around = text.slice(from, text.length - AROUND);
  for (const place of PLACES) {
    let tried = 0;
    for (const match of around.matchAll(place)) {
      // The ids on the left of the first ones are not all there.
      if (match.index < AROUND) continue;
      if (isCut(text, from + match.index, tokenizer)) return from + match.index;
      tried += 1;
      if (tried === TRIALS) break;
    }
  }
  throw new InputError('text-not-cut', {
    asked: `Encode a text of this length with the tokenizer "${tokenizer.name}"`,
    found:
      'the ids of a part of it depend on more than what stands around, so that it cannot be encoded in parts',
    todo: 'Use another tokenizer, or a part of the text that is short enough to be encoded at once',
  });
}

function isCut(text: string, at: number, tokenizer: Pick<Tokenizer, 'encode'>): boolean {
  const left = text.slice(wholeCharacter(text, at - AROUND), at);
  const right = text.slice(at, wholeCharacter(text, at + AROUND));
  const [first, second, both] = [left, right, left + right].map((side) => tokenizer.encode(side)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  if (both.length !== first.length + second.length) return false;
  return both.every((id, place) => id === (first[place] ?? second[place - first.length]));
}

/** Not between the halves of a surrogate pair. */
function wholeCharacter(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at + 1 : at;
}
