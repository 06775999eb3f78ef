/** From a text that is too long to be held at once to ids that need not be held either. */
import type { ByteCache, LongText, PrepareContext, Tokenizer } from '@ligature/core';
import type { Chunking } from './chunks.js';
import { sha256 } from './digest.js';
import { assertInVocabulary } from './in-vocabulary.js';
import { piecesOf, type Piece } from './pieces.js';
import { documentPieces, rowGroupPieces } from './row-groups.js';
import { readStored, TOKEN_FILE_FORMAT, TokenWriter, widthFor, type StoredTokens } from './token-file.js';
import { utf8Length } from './utf8-length.js';

interface LongTextOptions {
  readonly tokenizer: Tokenizer;
  readonly cache?: ByteCache | undefined;
  readonly chunking: Chunking;
  readonly separator?: string | undefined;
  readonly encodeAll?: PrepareContext['encodeAll'];
  readonly progress?: ((done: number, of: number) => Promise<void>) | undefined;
}

/** Bytes of a text between two words about how far it is. */
const TOLD_EVERY = 4 * 2 ** 20;

/**
 * Encodes a text a piece at a time into a file of the cache, or finds it there. Two calls at once do the work twice and keep
 * the same file.
 *
 * @throws InputError (`text-not-cut`, `text-group-too-long`, `text-too-long`, `out-unwritable`, what the text throws)
 * @throws ContractError (`token-id-out-of-range`)
 */
export async function tokenizeLongText(
  text: LongText,
  { tokenizer, cache, chunking, separator = '', encodeAll = oneByOne, progress }: LongTextOptions,
): Promise<{ readonly stored: StoredTokens; readonly cached: boolean }> {
  const { name, vocabularySize } = tokenizer;
  const decides = [TOKEN_FILE_FORMAT, name, vocabularySize, tokenizer.toJSON(), chunking, separator];
  const key = await sha256(new TextEncoder().encode(`${JSON.stringify(decides)}\0${await text.digest()}`));
  const file = `${key}.ids`;
  const width = widthFor(vocabularySize);
  const found = await readStored(cache, file, width);
  if (found) return { stored: found, cached: true };

  const writer = await TokenWriter.begin(cache, file, width);
  try {
    const groups: number[] = [];
    let [bytes, told] = [0, 0];
    // Pieces whose ids are under way, in order.
    const waiting: Piece[] = [];
    const texts = textsOf(cut(text.parts(), chunking, separator, tokenizer), waiting);
    for await (const ids of encodeAll(tokenizer, texts)) {
      const piece = waiting.shift() as Piece;
      assertInVocabulary(ids, tokenizer);
      await writer.append(ids);
      bytes += utf8Length(piece.text);
      if (piece.endsGroup) groups.push(writer.count);
      if (bytes - told < TOLD_EVERY) continue;
      told = bytes;
      await progress?.(bytes, text.bytes);
    }
    return { stored: await writer.keep(Int32Array.from(groups), bytes), cached: false };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

async function* textsOf(pieces: AsyncIterable<Piece>, waiting: Piece[]): AsyncGenerator<string> {
  for await (const piece of pieces) {
    waiting.push(piece);
    yield piece.text;
  }
}

async function* oneByOne(tokenizer: Tokenizer, texts: AsyncIterable<string>): AsyncGenerator<Int32Array> {
  for await (const text of texts) yield tokenizer.encode(text);
}

function cut(
  parts: AsyncIterable<string>,
  chunking: Chunking,
  separator: string,
  tokenizer: Tokenizer,
): AsyncIterable<Piece> {
  if (chunking === 'bos-eos') return rowGroupPieces(parts);
  return chunking === 'documents' ? documentPieces(parts, separator) : piecesOf(parts, tokenizer);
}
