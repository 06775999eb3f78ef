/** Random post-processors and decoders. */
import type { Dice } from './dice.js';
import { byteLevel, metaspace, replace, type Part } from './parts.js';

/** @param special tokens that a template may name, with their ids */
export function randomPostProcessor(dice: Dice, special: readonly (readonly [string, number])[]): Part {
  const token = (): readonly [string, number] => (special.length > 0 ? dice.pick(special) : ['[SEP]', 0]);
  const single = (): Record<string, unknown> =>
    dice.weighted<Record<string, unknown>>([
      [2, () => byteLevel(dice)],
      [1, () => ({ type: 'BertProcessing', sep: token(), cls: token() })],
      [
        1,
        () => ({
          type: 'RobertaProcessing',
          sep: token(),
          cls: token(),
          trim_offsets: dice.chance(0.5),
          add_prefix_space: dice.chance(0.5),
        }),
      ],
      [2, () => template(dice, token(), token())],
    ]);
  return dice.weighted<Part>([
    [5, () => null],
    [4, single],
    [1, () => ({ type: 'Sequence', processors: dice.list(1, 2, single) })],
  ]);
}

function template(
  dice: Dice,
  first: readonly [string, number],
  last: readonly [string, number],
): Record<string, unknown> {
  const special = ([id]: readonly [string, number]) => ({ SpecialToken: { id, type_id: 0 } });
  const text = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  const twice = dice.chance(0.03) ? [text('A', 0)] : [];
  return {
    type: 'TemplateProcessing',
    single: [
      ...(dice.chance(0.7) ? [special(first)] : []),
      text('A', 0),
      ...twice,
      ...(dice.chance(0.7) ? [special(last)] : []),
    ],
    pair: [text('A', 0), text('B', 1)],
    special_tokens: Object.fromEntries(
      [first, last].map(([id, number]) => [id, { id, ids: [number], tokens: [id] }]),
    ),
  };
}

export function randomDecoder(dice: Dice): Part {
  const single = (): Record<string, unknown> =>
    dice.weighted<Record<string, unknown>>([
      [3, () => byteLevel(dice)],
      [
        3,
        () => ({
          type: 'WordPiece',
          prefix: dice.pick(['##', '##', '', '@@', '▁']),
          cleanup: dice.chance(0.5),
        }),
      ],
      [3, () => metaspace(dice)],
      [1, () => ({ type: 'BPEDecoder', suffix: dice.pick(['</w>', '', '@@', 'e']) })],
      [
        1,
        () => ({
          type: 'CTC',
          pad_token: dice.pick(['<pad>', '<unk>', 'a']),
          word_delimiter_token: dice.pick(['|', ' ', '▁']),
          cleanup: dice.chance(0.5),
        }),
      ],
      [3, () => ({ type: 'ByteFallback' })],
      [2, () => ({ type: 'Fuse' })],
      [
        2,
        () => ({
          type: 'Strip',
          content: dice.pick([' ', '▁', 'e', 'é']),
          start: dice.int(0, 2),
          stop: dice.int(0, 2),
        }),
      ],
      [2, () => replace(dice)],
    ]);
  return dice.weighted<Part>([
    [2, () => null],
    [5, single],
    [3, () => ({ type: 'Sequence', decoders: dice.list(1, 4, single) })],
    // What LLaMA's first files have.
    [
      1,
      () => ({
        type: 'Sequence',
        decoders: [
          { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
          { type: 'ByteFallback' },
          { type: 'Fuse' },
          { type: 'Strip', content: ' ', start: 1, stop: 0 },
        ],
      }),
    ],
  ]);
}
