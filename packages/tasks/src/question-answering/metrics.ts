/**
 * From the scores of windows to answers of questions, and how good these are. A question has one answer: the best span over all of
 * its windows, or none where "no answer" scores more (Devlin et al. 2019, arXiv 1810.04805, sections 4.2 and 4.3).
 */
import type { BatchScores, Metric } from '@ligature/core';
import { meanMetric } from '../metrics.js';
import { wholeColumn } from '../metrics/columns.js';
import { textOf, type Located } from './offsets.js';
import { bestOver, exactMatch, wordF1, type Rules } from './official.js';

/** What a number in the score `question` stands for: 1 is the first one. */
export interface KnownQuestions {
  readonly rules: Rules;
  /** How much more "no answer" has to score. */
  readonly nullThreshold: number;
  readonly questions: readonly {
    readonly context: Located;
    readonly answers: readonly string[];
  }[];
}

/** Names of the scores of a window. */
export const SCORES = ['nats', 'question', 'windows', 'start', 'end', 'span', 'none'] as const;

interface Best {
  /** Windows of it that were not met yet. */
  missing: number;
  start: number;
  end: number;
  span: number;
  /** The least over the windows: each that holds an answer speaks against it. */
  none: number;
}

/**
 * @param known asked for when a pass is over; nothing can be said without
 * @returns metrics over the questions all of whose windows were met. A part of a question is judged by nobody: its answer may
 *   stand in the rest
 */
export function questionMetrics(known: () => KnownQuestions | undefined): readonly Metric[] {
  const metric = (
    about: Pick<Metric, 'name' | 'label'>,
    judge: (predicted: string, gold: string, rules: Rules) => number,
  ): Metric => ({
    ...{ ...about, unit: '%', better: 'higher' },
    fold() {
      const met = new Map<number, Best>();
      return {
        add: (scores) => takeIn(met, scores),
        finish() {
          const data = known();
          const whole = [...met].filter(([, { missing }]) => missing === 0).sort(([a], [b]) => a - b);
          if (!data || whole.length === 0) return undefined;
          const sum = whole.reduce((all, [number, best]) => {
            const question = data.questions[number - 1];
            if (!question) return all;
            const predicted = answerOf(best, question.context, data);
            const { rules } = data;
            return all + bestOver(question.answers, rules, (gold) => judge(predicted, gold, rules));
          }, 0);
          return sum / whole.length;
        },
      };
    },
  });
  return [
    metric({ name: 'f1', label: 'F1' }, wordF1),
    metric({ name: 'exactMatch', label: 'exact match' }, exactMatch),
    meanMetric({ name: 'nats', unit: 'nats', better: 'lower', label: 'loss' }, 'nats'),
  ];
}

function takeIn(met: Map<number, Best>, scores: BatchScores): void {
  const columns = SCORES.map((name) => wholeColumn(scores, name));
  for (let at = 0; at < scores.weight; at += 1) {
    const [, question, windows, start, end, span, none] = columns.map((column) => column[at]) as [
      ...[number, number, number, number, number, number, number],
    ];
    const best = met.get(question) ?? { missing: windows, start, end, span: -Infinity, none };
    met.set(question, best);
    best.missing -= 1;
    best.none = Math.min(best.none, none);
    if (span > best.span) Object.assign(best, { start, end, span });
  }
}

export function answerOf(
  { start, end, span, none }: Omit<Best, 'missing'>,
  context: Located,
  { rules, nullThreshold }: Pick<KnownQuestions, 'rules' | 'nullThreshold'>,
): string {
  return rules === '2.0' && none - span > nullThreshold ? '' : textOf(context, [start, end]);
}
