/** What a controller asks to have measured, made into an order with nothing left open. */
import {
  ContractError,
  describeIssues,
  independentLayers,
  mergeablePairs,
  type BlockPair,
  type MeasurementKind,
  type MeasurementOrder,
  type Observation,
  type SimilarityKind,
} from '@ligature/core';
import { z } from 'zod';
import { describe } from './plain-data.js';

export const SIMILARITY_KINDS = [
  'weight-cosine',
  'hidden-cka',
  'gradient-cosine',
] as const satisfies readonly SimilarityKind[];

export const SUBSTITUTES = ['first', 'second', 'mean', 'best'] as const;

const KNOWN = [...SIMILARITY_KINDS, 'tie-cost'] as const satisfies readonly MeasurementKind[];
/** More say little more, and a controller that asks for a million would never get an answer. */
const MOST_BATCHES = 256;

const layer = z.int().min(0);
const similarityQuestion = z.strictObject({ measure: z.enum(SIMILARITY_KINDS) });
const tieCostQuestion = z.strictObject({
  measure: z.literal('tie-cost'),
  pairs: z
    .union([z.enum(['adjacent', 'all']), z.array(z.strictObject({ first: layer, second: layer }))])
    .default('adjacent'),
  substitute: z.enum(SUBSTITUTES).default('first'),
  batches: z.int().min(1).max(MOST_BATCHES).default(4),
});

/**
 * What a controller asked to have measured; `undefined`: nothing.
 *
 * @throws ContractError (`controller-measurement-unknown`; `controller-measurement-invalid` for one that is asked for in
 *   a way that there is not, or of blocks that the observation's map does not have)
 */
export function checkWanted(
  answer: unknown,
  observation: Pick<Observation, 'window' | 'component' | 'tieMap'>,
  controller: string,
): MeasurementOrder | undefined {
  if (answer === undefined || answer === null) return undefined;
  const { window, component, tieMap } = observation;
  const asked = `Measure ${describe(answer)} for the controller "${controller}" in window ${window}`;
  const question = typeof answer === 'string' ? { measure: answer } : answer;
  const kind = KNOWN.find((known) => known === (question as { measure?: unknown }).measure);
  if (!kind) {
    throw new ContractError('controller-measurement-unknown', {
      asked,
      found: 'there is no such measurement',
      todo: `Let wants return one of ${KNOWN.join(', ')}, { measure: one of these, …}, or undefined`,
    });
  }
  const invalid = (found: string): ContractError =>
    new ContractError('controller-measurement-invalid', {
      asked,
      found,
      todo: 'Ask as Question of @ligature/core says, of blocks that the observation has, by their first layers',
    });
  const read = <T>(schema: z.ZodType<T>): T => {
    const parsed = schema.safeParse(question);
    if (parsed.success) return parsed.data;
    throw invalid(describeIssues(parsed.error));
  };
  if (kind !== 'tie-cost') return read(similarityQuestion);
  const { pairs, ...rest } = read(tieCostQuestion);
  return { ...rest, component, tieMap, pairs: pairsOf(pairs, tieMap, invalid) };
}

function pairsOf(
  wanted: 'adjacent' | 'all' | readonly BlockPair[],
  tieMap: readonly number[],
  invalid: (found: string) => ContractError,
): readonly BlockPair[] {
  if (typeof wanted === 'string') return mergeablePairs(tieMap, wanted === 'adjacent');
  const roots = independentLayers(tieMap);
  const wrong = wanted.find(
    ({ first, second }) => first >= second || !roots.includes(first) || !roots.includes(second),
  );
  if (wrong) throw invalid(`${wrong.first} and ${wrong.second} are no two blocks of ${tieMap.join('-')}`);
  return wanted;
}
