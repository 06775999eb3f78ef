/** Names of trials: unique within a study, and fit to name a folder anywhere. */
import { createHash } from 'node:crypto';
import { InputError, type PlannedTrial } from '@ligature/core';

/** File systems take 255 bytes; a table of folders is read by people. */
const MOST = 80;

/**
 * `cycle-blocks=4-seed-1`. What is too long is cut, and told apart by a digest of the whole.
 *
 * @param label what its seeds have in common
 */
export function trialId(label: string, seed: number): string {
  const plain = label.replace(/[^A-Za-z0-9.=-]+/g, '-').replace(/^-+|-+$/g, '');
  const name = plain.length <= MOST ? plain : `${plain.slice(0, MOST - 13)}-${digest(label)}`;
  return `${name}-seed-${seed}`;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Two trials never share a folder. @throws InputError (`trial-twice`, `trial-unnamed`) */
export function assertDistinct(trials: readonly PlannedTrial[]): void {
  const seen = new Map<string, PlannedTrial>();
  for (const trial of trials) {
    if (!/^[A-Za-z0-9][A-Za-z0-9.=_-]{0,199}$/.test(trial.id)) {
      throw new InputError('trial-unnamed', {
        asked: `Plan ${trial.label}, seed ${trial.seed}`,
        found: `"${trial.id}" cannot name a folder`,
        todo: 'Give the trial an id of letters, digits, points, equals signs and dashes',
      });
    }
    // File systems that do not tell cases apart would put both into one folder.
    const key = trial.id.toLowerCase();
    const other = seen.get(key);
    if (other !== undefined) {
      throw new InputError('trial-twice', {
        asked: `Plan ${trial.label}, seed ${trial.seed}`,
        found: `${other.label}, seed ${other.seed} is called "${other.id}" as well`,
        todo: 'Leave one of them out, or write their options in different ways',
      });
    }
    seen.set(key, trial);
  }
}
