/** What needs no training: every place alike, and how often a window holds no answer. */
import type { Batch, BatchScores, Field, Floor } from '@ligature/core';
import { holdsAnswer, type Windows } from './windows.js';

/** Of the formulas: what was measured with others is measured anew. */
const FORMAT = 1;

/**
 * Both answer with the first token of the context, as all spans score alike, or not at all.
 *
 * @param windows of the training split
 * @param key everything that their scores and answers depend on besides the batches
 */
export function questionFloors(windows: () => Windows, count: number, key: string): Floor[] {
  const floor = (name: string, description: string, chances: (places: number) => Chances): Floor => ({
    ...{ name, description, key: `question-answering/${FORMAT}/${key}` },
    score: (batch) => scored(batch, chances),
  });
  let none: number | undefined;
  const share = (): number => (none ??= shareWithout(windows()));
  return [
    floor('uniform', 'every position of a window that may be said, alike', (places) => ({
      ...{ none: 1 / (places + 1), place: 1 / (places + 1) },
    })),
    floor(
      'no answer',
      `how often the ${count.toLocaleString('en-US')} windows to train on hold no answer; else every position alike`,
      (places) => ({ none: share(), place: (1 - share()) / Math.max(1, places) }),
    ),
  ];
}

/** Of position 0, and of each position of the context. */
interface Chances {
  readonly none: number;
  readonly place: number;
}

/** Of the windows those that hold no answer, one more of either kind, so that neither is impossible. */
function shareWithout(windows: Windows): number {
  const count = windows.of.length;
  let without = 0;
  for (let window = 0; window < count; window += 1) without += Number(!holdsAnswer(windows, window));
  return (without + 1) / (count + 2);
}

function scored({ fields, weight }: Batch, chances: (places: number) => Chances): BatchScores {
  const of = (name: string): Int32Array => (fields[name] as Field).data as Int32Array;
  const time = (fields['allowed'] as Field).shape[1] as number;
  const rows = Array.from({ length: weight }, (_, row) => {
    const allowed = of('allowed').subarray(row * time, (row + 1) * time);
    const places = allowed.reduce((sum, kind) => sum + Number(kind === 1), 0);
    const { none, place } = chances(places);
    const first = Math.max(0, allowed.indexOf(1)) + (of('shifts')[row] as number);
    const isNone = of('starts')[row] === 0;
    return {
      nats: -Math.log(isNone ? none : place),
      first,
      span: 2 * Math.log(place),
      none: 2 * Math.log(none),
    };
  });
  const column = (value: (row: (typeof rows)[number]) => number): Float32Array =>
    Float32Array.from(rows, value);
  return {
    weight,
    columns: {
      ...{ nats: column(({ nats }) => nats), question: Float32Array.from(of('questions')) },
      ...{ windows: Float32Array.from(of('windows')), start: column(({ first }) => first) },
      ...{ end: column(({ first }) => first), span: column(({ span }) => span) },
      none: column(({ none }) => none),
    },
  };
}
