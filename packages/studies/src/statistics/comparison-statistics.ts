/** What a comparison shows about the losses of its controllers, and how surely. */
import { CONFIDENCE, findings, judge, type JudgedBy, type Judgement } from './findings.js';
import {
  evidenceOf,
  finishedSeeds,
  pairedDifference,
  type PairedDifference,
  type SeededValues,
} from './paired.js';
import { meanInterval, type MeanInterval } from './student.js';

/** A controller against the control. */
export interface ControlComparison extends PairedDifference, Judgement {}

export interface ControllerMean extends MeanInterval {
  readonly controller: string;
  /** Seeds that were planned: the mean is over `n` of them. */
  readonly planned: number;
}

export interface ComparisonStatistics {
  readonly confidence: number;
  /** What the others are set against; `null` when it has no finished trial. */
  readonly control: string | null;
  /** The margin of equivalence that was named before; `null` where none was. */
  readonly margin: number | null;
  /** One for each controller with a finite number. */
  readonly means: readonly ControllerMean[];
  readonly againstControl: readonly ControlComparison[];
  /** The controller that finished every seed and is shown to be better than every other one; `null` when none is. */
  readonly winner: string | null;
}

export interface ComparedBy extends JudgedBy {
  /** Seeds of every controller; left out: those of which any has a trial. */
  readonly planned?: readonly number[];
}

/** @param control the controller to set the others against */
export function comparisonStatistics(
  losses: readonly SeededValues[],
  control: string,
  by: ComparedBy = {},
): ComparisonStatistics {
  const { margin = null, planned = [...new Set(losses.flatMap(({ seeds }) => seeds))] } = by;
  const reference = losses.find((one) => one.controller === control && finishedSeeds(one).length > 0);
  return {
    confidence: CONFIDENCE,
    control: reference?.controller ?? null,
    margin,
    means: losses.flatMap(({ controller, values }) => {
      const finite = values.filter(Number.isFinite);
      return finite.length === 0
        ? []
        : [{ controller, planned: planned.length, ...meanInterval(finite, CONFIDENCE) }];
    }),
    againstControl: reference ? against(losses, reference, { ...by, planned }) : [],
    winner: winnerOf(losses, { ...by, planned }),
  };
}

type By = ComparedBy & { readonly planned: readonly number[] };

/** Every other controller against one, a family of tests. */
function against(losses: readonly SeededValues[], control: SeededValues, by: By): ControlComparison[] {
  const others = losses.filter((one) => one !== control);
  const pairs = others.map((one) => pairedDifference(one, control, by.planned));
  const judged = judge(
    pairs.map((pair, index) => evidenceOf(pair, others[index] as SeededValues, control)),
    by,
  );
  return pairs.map((pair, index) => ({ ...pair, ...(judged[index] as Judgement) }));
}

/**
 * It must be shown to beat each of the others, and lack none of its own trials. No correction: all of these tests have to
 * succeed at once, so the largest p-value is that of the whole claim (intersection–union test, Berger 1982, Technometrics 24(4)).
 */
function winnerOf(losses: readonly SeededValues[], by: By): string | null {
  if (losses.length < 2) return null;
  const beats = (one: SeededValues, other: SeededValues): boolean => {
    const pair = pairedDifference(one, other, by.planned);
    return findings([evidenceOf(pair, one, other)], by)[0]?.finding === (by.better ?? 'lower');
  };
  const whole = (one: SeededValues): boolean => {
    const finished = finishedSeeds(one);
    return by.planned.every((seed) => finished.includes(seed));
  };
  const winner = losses.find(
    (one) => whole(one) && losses.every((other) => other === one || beats(one, other)),
  );
  return winner?.controller ?? null;
}
