/** `Unigram`: the most probable way to cut a piece into tokens (Kudo 2018, section 3.2, by Viterbi's algorithm). */
import { z } from 'zod';
import type { IdBuffer } from '../../id-buffer.js';
import { isWellFormed, toUtf8 } from '../../utf8.js';
import { fieldOf, invalid, unsupported } from '../refuse.js';
import type { Model } from './model.js';
import { byteToken, MAX_ID } from './vocabulary.js';

export const unigramSchema = z.looseObject({
  vocab: z
    .array(z.tuple([z.string(), z.number()]))
    .min(1)
    .max(MAX_ID),
  unk_id: z.int().min(0).nullish(),
  byte_fallback: z.boolean().default(false),
});

/** How much less probable than the least probable token an unknown character is. */
const UNKNOWN_PENALTY = 10;

interface Node {
  readonly next: Map<number, Node>;
  id: number;
}

const newNode = (): Node => ({ next: new Map(), id: -1 });

export function unigram(fields: z.output<typeof unigramSchema>, field: string): Model {
  const { vocab, byte_fallback: byteFallback } = fields;
  const unknownId = fields.unk_id ?? undefined;
  if (unknownId !== undefined && unknownId >= vocab.length) {
    invalid(fieldOf(field, 'unk_id'), `is ${unknownId}, but there are ${vocab.length} tokens`);
  }
  const ids = new Map<string, number>();
  const root = newNode();
  let leastScore = Infinity;
  vocab.forEach(([token, score], id) => {
    if (!isWellFormed(token)) invalid(`${fieldOf(field, 'vocab')}[${id}]`, 'has half of a surrogate pair');
    ids.set(token, id);
    leastScore = Math.min(leastScore, score);
    let node = root;
    for (let index = 0; index < token.length; index += 1) {
      const unit = token.charCodeAt(index);
      let child = node.next.get(unit);
      if (!child) node.next.set(unit, (child = newNode()));
      node = child;
    }
    // Of two entries with one spelling the later counts.
    node.id = id;
  });
  const scores = Float64Array.from(vocab, ([, score]) => score);
  const unknownScore = leastScore - UNKNOWN_PENALTY;
  const missing = (piece: string): never =>
    unsupported(
      fieldOf(field, 'unk_id'),
      `is not given, and no token begins ${JSON.stringify(piece.slice(0, 40))}`,
    );

  /** By end: the token that ends there on the best path, and where it starts. */
  const bestPath = (piece: string): { starts: Int32Array; tokens: Int32Array } => {
    const best = new Float64Array(piece.length + 1);
    const starts = new Int32Array(piece.length + 1).fill(-1);
    const tokens = new Int32Array(piece.length + 1);
    const offer = (end: number, score: number, start: number, token: () => number): void => {
      if (starts[end] !== -1 && !(score > (best[end] as number))) return;
      tokens[end] = token();
      best[end] = score;
      starts[end] = start;
    };
    for (let start = 0; start < piece.length;) {
      const width = (piece.codePointAt(start) as number) > 0xffff ? 2 : 1;
      const soFar = best[start] as number;
      let single = false;
      let node: Node | undefined = root;
      for (let end = start; end < piece.length;) {
        node = node.next.get(piece.charCodeAt(end));
        if (!node) break;
        end += 1;
        if (node.id < 0) continue;
        const { id } = node;
        offer(end, (scores[id] as number) + soFar, start, () => id);
        single ||= end - start === width;
      }
      if (!single) {
        offer(start + width, unknownScore + soFar, start, () => unknownId ?? missing(piece.slice(start)));
      }
      start += width;
    }
    return { starts, tokens };
  };

  const pushText = (text: string, buffer: IdBuffer): void => {
    const id = ids.get(text);
    if (id !== undefined) return buffer.push(id);
    const bytes = byteFallback ? Array.from(toUtf8(text), (byte) => ids.get(byteToken(byte))) : [undefined];
    if (bytes.every((byte) => byte !== undefined)) for (const byte of bytes) buffer.push(byte);
    else buffer.push(unknownId ?? missing(text));
  };

  return {
    size: vocab.length,
    idOf: (token) => ids.get(token),
    tokens: () => vocab.map(([token], id) => [id, token] as const),
    encode(piece, buffer) {
      const { starts, tokens } = bestPath(piece);
      // From the end to the start; unknown neighbours are one.
      const texts: string[] = [];
      let unknownEnd = -1;
      for (let end = piece.length; end > 0; end = starts[end] as number) {
        const start = starts[end] as number;
        if (tokens[end] === unknownId) {
          if (unknownEnd < 0) unknownEnd = end;
          continue;
        }
        if (unknownEnd >= 0) texts.push(piece.slice(end, unknownEnd));
        unknownEnd = -1;
        texts.push(piece.slice(start, end));
      }
      if (unknownEnd >= 0) texts.push(piece.slice(0, unknownEnd));
      for (const text of texts.reverse()) pushText(text, buffer);
    },
  };
}
