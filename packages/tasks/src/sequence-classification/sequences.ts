/**
 * Texts as sequences of ids, `[opening] a [separator]` and `[opening] a [separator] b [separator]`, as BERT reads them
 * (Devlin et al. 2019, arXiv 1810.04805, section 3.1 and figure 4).
 */
import type { Batch, Field, Tokenizer } from '@ligature/core';
import { encodeChecked, type Framing } from '../text/framing.js';
import type { LabelledSplit } from './examples.js';

/** Ids of one or two texts, without what stands around them. */
export type Encoded = readonly [Int32Array] | readonly [Int32Array, Int32Array];

export interface Sequences {
  readonly examples: readonly Encoded[];
  readonly labels: LabelledSplit['labels'];
}

/** @throws ContractError (`token-id-out-of-range`) when the tokenizer gives an id that its vocabulary has not */
export function encodeSplit({ texts, labels }: LabelledSplit, tokenizer: Tokenizer): Sequences {
  const encode = (text: string): Int32Array => encodeChecked(text, tokenizer);
  const examples = texts.map(([first, second]): Encoded =>
    second === undefined ? [encode(first)] : [encode(first), encode(second)],
  );
  return { examples, labels };
}

/** Tokens of a whole sequence: its texts, one separator for each, and what opens it. */
export const lengthOf = ([first, second]: Encoded): number =>
  first.length + 2 + (second ? second.length + 1 : 0);

/**
 * How many tokens of each text stay when no more than `room` of both may: of the longer one the last token is taken away, of
 * two equally long ones that of the second, until they fit (`longest_first` of Hugging Face's `truncate_sequences`).
 */
export function longestFirst(first: number, second: number, room: number): [number, number] {
  if (first + second <= room) return [first, second];
  const least = Math.min(first, second);
  // One is cut down until both are equal, then the second and the first in turns.
  if (2 * least < room) return first > second ? [room - second, second] : [first, room - first];
  return [Math.ceil(room / 2), Math.floor(room / 2)];
}

/** Fields of some rows: `inputs`, `attention_mask`, `token_type_ids` [rows, time] and `labels` [rows]. */
export function fillRows(
  { examples, labels }: Sequences,
  framing: Framing,
  time: number,
  rows: Int32Array,
): Batch {
  const size = rows.length * time;
  const [inputs, present, types] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
  rows.forEach((row, at) => {
    const [first, second] = examples[row] as Encoded;
    const room = time - (second ? 3 : 2);
    const [keptFirst, keptSecond] = second
      ? longestFirst(first.length, second.length, room)
      : [Math.min(first.length, room), 0];
    const start = at * time;
    let place = start;
    const put = (ids: Int32Array): void => {
      inputs.set(ids, place);
      inputs[place + ids.length] = framing.separator;
      place += ids.length + 1;
    };
    inputs[place++] = framing.opening;
    put(first.subarray(0, keptFirst));
    const border = place;
    if (second) put(second.subarray(0, keptSecond));
    present.fill(1, start, place);
    types.fill(1, border, place);
  });
  const tokens = (data: Int32Array): Field => ({ shape: [rows.length, time], dtype: 'int32', data });
  return {
    fields: {
      inputs: tokens(inputs),
      attention_mask: tokens(present),
      token_type_ids: tokens(types),
      labels: labelField(labels, rows),
    },
    weight: rows.length,
  };
}

function labelField(labels: LabelledSplit['labels'], rows: Int32Array): Field {
  const shape = [rows.length];
  const of = (row: number): number => labels[row] as number;
  return labels instanceof Int32Array
    ? { shape, dtype: 'int32', data: Int32Array.from(rows, of) }
    : { shape, dtype: 'float32', data: Float32Array.from(rows, of) };
}
