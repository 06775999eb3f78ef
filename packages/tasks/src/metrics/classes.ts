/**
 * Metrics of classes that are no mean over targets. Formulas and edge cases are those of scikit-learn 1.x (`f1_score` with
 * `zero_division=0`, `matthews_corrcoef`), by which GLUE is judged. They fold the scores `predicted` and `label`.
 */
import type { BatchScores, Metric } from '@ligature/core';
import { wholeColumn } from './columns.js';

/** How often each class was right, predicted, and the label. */
class ClassCounts {
  targets = 0;
  right = 0;
  readonly #hits = new Map<number, number>();
  readonly #predicted = new Map<number, number>();
  readonly #labels = new Map<number, number>();

  add(scores: BatchScores): void {
    const labels = wholeColumn(scores, 'label');
    const predictions = wholeColumn(scores, 'predicted');
    predictions.forEach((predicted, target) => {
      const label = labels[target] as number;
      this.targets += 1;
      count(this.#predicted, predicted);
      count(this.#labels, label);
      if (predicted !== label) return;
      this.right += 1;
      count(this.#hits, label);
    });
  }

  /** Classes that are a label or a prediction of some target. */
  met(): number[] {
    return [...new Set([...this.#labels.keys(), ...this.#predicted.keys()])].sort((a, b) => a - b);
  }

  of(one: number): { readonly hits: number; readonly predicted: number; readonly labels: number } {
    const [hits = 0, predicted = 0] = [this.#hits.get(one), this.#predicted.get(one)];
    return { hits, predicted, labels: this.#labels.get(one) ?? 0 };
  }
}

const count = (counts: Map<number, number>, one: number): void =>
  void counts.set(one, (counts.get(one) ?? 0) + 1);

/** 2 hits / (predicted + labels): 0 for a class that is neither. */
function f1Of(counts: ClassCounts, one: number): number {
  const { hits, predicted, labels } = counts.of(one);
  return predicted + labels === 0 ? 0 : (2 * hits) / (predicted + labels);
}

/**
 * Harmonic mean of precision and recall, 0..1: of two classes that of class 1; of more the plain mean over those that are
 * met (`average="macro"`).
 *
 * @param classes how many there are, asked for when a pass is over; `undefined`: as many as the pass says
 */
export const f1 = (classes: () => number | undefined = () => undefined): Metric => ({
  name: 'f1',
  unit: '%',
  better: 'higher',
  label: 'F1',
  fold() {
    const counts = new ClassCounts();
    return {
      add: (scores) => counts.add(scores),
      finish() {
        if (counts.targets === 0) return undefined;
        const met = counts.met();
        if ((classes() ?? Math.max(...met) + 1) <= 2) return f1Of(counts, 1);
        return met.reduce((sum, one) => sum + f1Of(counts, one), 0) / met.length;
      },
    };
  },
});

/**
 * Matthews' correlation of labels and predictions, -1..1, of any number of classes (Gorodkin 2004, "Comparing two K-category
 * assignments by a K-category correlation coefficient"): 0 where all labels, or all predictions, are of one class.
 */
export const matthews = (): Metric => ({
  name: 'matthews',
  unit: '',
  better: 'higher',
  label: 'Matthews correlation',
  fold() {
    const counts = new ClassCounts();
    return {
      add: (scores) => counts.add(scores),
      finish() {
        const { targets, right } = counts;
        if (targets === 0) return undefined;
        let [both, predictions, truths] = [0, 0, 0];
        for (const one of counts.met()) {
          const { predicted, labels } = counts.of(one);
          both += predicted * labels;
          predictions += predicted * predicted;
          truths += labels * labels;
        }
        const all = targets * targets;
        const spread = (all - predictions) * (all - truths);
        return spread === 0 ? 0 : (right * targets - both) / Math.sqrt(spread);
      },
    };
  },
});
