/**
 * A split as a run measures it: cut into batches, of which rewards may have some to themselves.
 *
 * A controller learns from rewards, and validation chooses among controllers and checkpoints: measured on the same rows, it
 * would favour whoever fitted these. So the rows of rewards are taken out of the validation split for all that measures it.
 * They lie evenly over the split and not at its beginning, because splits drift: a text begins with its front matter, a
 * task may order rows by length or class. Which they are follows from the data and the configuration alone, so that every trial
 * of a comparison measures the same rest, also one whose controller asks for no reward.
 */
import {
  batchesSetApart,
  InputError,
  spreadOver,
  type Batch,
  type EvaluationSet,
  type Prepared,
  type RunConfig,
  type SplitName,
} from '@ligature/core';

export interface CutSplit {
  /** Batches that all of the split makes. */
  readonly of: number;
  /** What may be measured: all of it but what is set apart. */
  readonly open: EvaluationSet;
  /** What rewards have to themselves; empty but of the validation split. */
  readonly apart: readonly Batch[];
  /**
   * So many batches of what is open, all where it has no more: those that it begins with, or evenly over it. Where batches
   * belong together, whole groups of about so many.
   */
  take(this: void, which: 'first' | 'spread', count: number): EvaluationSet;
}

/** Of a validation split of few batches at most half are set apart: of a single one none. */
export function cutSplit(
  split: SplitName,
  prepared: Pick<Prepared, 'evaluation'>,
  { evaluation: { batch }, tying }: Pick<RunConfig, 'evaluation' | 'tying'>,
  context: number | undefined,
): CutSplit {
  const shape = { batch, context };
  const whole = prepared.evaluation(split, shape);
  const of = whole.batches.length;
  const count = split === 'validation' ? Math.min(batchesSetApart(tying), Math.floor(of / 2)) : 0;
  const groups = groupsOf(whole);
  // Where batches belong together, whole groups: of one alone none.
  const wanted = Math.min(groupsFor(count, groups, of), Math.floor(groups.length / 2));
  const isClosed = new Set(spreadOver(wanted, groups.length));
  const closed = groups.filter((_, group) => isClosed.has(group)).flat();
  const left = groups.filter((_, group) => !isClosed.has(group));
  const places = left.flat();
  const at = (wanted: readonly number[]): EvaluationSet =>
    batchesAt(whole, wanted, () =>
      prepared.evaluation(split, {
        ...shape,
        ...(areFirst(wanted) ? { maxBatches: wanted.length } : { places: wanted }),
      }),
    );
  return {
    of,
    open: at(places),
    apart: closed.map((place) => whole.batches[place] as Batch),
    take: (which, wanted) =>
      at(
        which === 'first'
          ? firstGroups(left, wanted)
          : spreadOver(groupsFor(wanted, left, places.length), left.length).flatMap(
              (group) => left[group] as number[],
            ),
      ),
  };
}

/** Places of the batches that belong together; each stands for itself where nothing else is said. */
function groupsOf({ batches, groups }: EvaluationSet): number[][] {
  let next = 0;
  return (groups ?? batches.map(() => 1)).map((size) => Array.from({ length: size }, () => next++));
}

/** How many groups have about so many batches, one at least: where each is one batch, so many. */
const groupsFor = (wanted: number, groups: readonly unknown[], batches: number): number =>
  wanted === 0 ? 0 : Math.max(1, Math.floor((wanted * groups.length) / Math.max(1, batches)));

/** Those with which so many batches are reached. */
function firstGroups(groups: readonly (readonly number[])[], wanted: number): number[] {
  const places: number[] = [];
  for (const group of groups) {
    if (places.length >= wanted) break;
    for (const place of group) places.push(place);
  }
  return places;
}

const areFirst = (places: readonly number[]): boolean => places.every((place, at) => place === at);

/**
 * Some batches of a split.
 *
 * @param ask the task for the same, which alone knows the bytes behind them; where it gives others, they are estimated by
 *   the targets' share
 */
export function batchesAt(
  whole: EvaluationSet,
  places: readonly number[],
  ask: () => EvaluationSet,
): EvaluationSet {
  if (places.length === whole.batches.length) return whole;
  const batches = places.map((place) => whole.batches[place] as Batch);
  const weight = batches.reduce((sum, batch) => sum + batch.weight, 0);
  const { split, bytes } = whole.scope;
  if (bytes === undefined) return { scope: { split, weight }, batches };
  const asked = ask();
  const same =
    asked.batches.length === batches.length &&
    asked.batches.every((batch, at) => isSame(batch, batches[at] as Batch));
  if (same) return asked;
  return { scope: { split, weight, bytes: Math.round((bytes * weight) / whole.scope.weight) }, batches };
}

const isSame = ({ fields: a }: Batch, { fields: b }: Batch): boolean =>
  Object.entries(a).every(([name, { data }]) => {
    const other = b[name]?.data;
    return other?.length === data.length && data.every((value, at) => value === other[at]);
  });

/** @throws InputError (`validation-too-small`) where rewards are to have rows to themselves, and there are none */
export function assertSetApart(
  { apart, of }: CutSplit,
  { evaluation: { batch }, tying }: Pick<RunConfig, 'evaluation' | 'tying'>,
): void {
  if (batchesSetApart(tying) === 0 || apart.length > 0) return;
  throw new InputError('validation-too-small', {
    asked: 'Set batches of the validation split apart for rewards (tying.probe: set-apart)',
    found: `it has ${of} of at most ${batch} rows, and at least one must remain for validation`,
    todo:
      'Hold out more for validation, make batches smaller (--set evaluation.batch=…), ' +
      'or measure rewards on rows that validation measures too (--set tying.probe=held-out)',
  });
}
