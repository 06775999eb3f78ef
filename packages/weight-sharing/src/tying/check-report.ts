import { ContractError, type LearningReport } from '@ligature/core';
import { describe } from './plain-data.js';

const MOST_NAMES = 1000;
const LONGEST_NAME = 200;

/**
 * A copy of what a controller reports of an update; nothing where it reports nothing.
 *
 * @throws ContractError (`controller-report-invalid`): an event log holds finite numbers only
 */
export function checkReport(answer: unknown, window: number, controller: string): LearningReport | undefined {
  if (answer === undefined || answer === null) return undefined;
  const refuse = (found: string, cause?: unknown): never => {
    throw new ContractError(
      'controller-report-invalid',
      {
        asked: `Record what the controller "${controller}" learned from window ${window}: ${describe(answer)}`,
        found,
        todo: 'Return finite numbers by name, or nothing',
      },
      { cause },
    );
  };
  if (typeof answer !== 'object' || Array.isArray(answer)) return refuse('it is no object of numbers');
  let entries: [string, unknown][];
  try {
    entries = Object.entries(answer);
  } catch (error) {
    return refuse('it cannot be read', error);
  }
  if (entries.length > MOST_NAMES) refuse(`it has ${entries.length} numbers, more than ${MOST_NAMES}`);
  for (const [name, value] of entries) {
    if (name.length > LONGEST_NAME) refuse(`a name has ${name.length} characters, more than ${LONGEST_NAME}`);
    if (typeof value !== 'number' || !Number.isFinite(value) || name === '__proto__') {
      refuse(`"${name}" is ${describe(value)}`);
    }
  }
  return Object.freeze(Object.fromEntries(entries) as Record<string, number>);
}
