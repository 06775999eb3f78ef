/** Names of trials: unique within a study, and fit to name a folder anywhere. */
import { createHash } from 'node:crypto';
import { InputError, type PlannedTrial } from '@ligature/core';

/** File systems take 255 bytes; a table of folders is read by people. */
const MOST = 80;

/** What Windows keeps for devices, whatever follows after a point. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** Of the study itself; a trial of such a name would lie among its files, or on one of them. */
const OF_THE_STUDY =
  /^(plan|outcome|manifest)\.json$|^run\.lock(\.|$)|^report\.(html|md)$|^(tie-maps|start|checkpoints)$/i;

/**
 * `cycle-blocks=4-seed-1`. What is too long, or what a file system would take for something else, is cut and told apart by
 * a digest of the whole. Labels that differ only in what is replaced get one name: see {@link trialIds}.
 *
 * @param label what its seeds have in common
 */
export function trialId(label: string, seed: number): string {
  return nameOf(label, seed, false);
}

/**
 * The same for all labels of a study at once: two of them that would get one name, also for a file system that tells no
 * cases apart, are told apart by digests. The first keeps its plain name, so a study that grows keeps its folders.
 *
 * @returns gives the id of a trial
 */
export function trialIds(labels: readonly string[]): (label: string, seed: number) => string {
  const taken = new Set<string>();
  const twins = new Set<string>();
  for (const label of new Set(labels)) {
    const key = trialId(label, 0).toLowerCase();
    if (taken.has(key)) twins.add(label);
    taken.add(key);
  }
  return (label, seed) => nameOf(label, seed, twins.has(label));
}

function nameOf(label: string, seed: number, twin: boolean): string {
  const plain = plainly(label);
  if (!twin && plain !== '' && plain.length <= MOST && !DEVICE.test(plain)) return `${plain}-seed-${seed}`;
  // A point after the name of a device would still make it one.
  const start = DEVICE.test(plain) ? plain.replaceAll('.', '-') : plain;
  return `${start === '' ? 'trial' : start.slice(0, MOST - 13)}-${digest(label)}-seed-${seed}`;
}

const plainly = (label: string): string =>
  label.replace(/[^A-Za-z0-9.=-]+/g, '-').replace(/^[.=-]+|-+$/g, '');

/** What earlier versions called its folder, other than today: cut without a digest, or not cut. */
export function formerIds({ id, label, seed }: PlannedTrial): string[] {
  const plain = label.replace(/[^A-Za-z0-9.=-]+/g, '-').replace(/^-+|-+$/g, '');
  const names = [`${plain.slice(0, MOST)}-seed-${seed}`, `${plain}-seed-${seed}`];
  return [...new Set(names)].filter((name) => name !== id && /^[A-Za-z0-9][A-Za-z0-9.=-]*$/.test(name));
}

const isName = (id: string): boolean => /^[A-Za-z0-9][A-Za-z0-9.=_-]{0,199}$/.test(id);

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Two trials never share a folder. @throws InputError (`trial-twice`, `trial-unnamed`) */
export function assertDistinct(trials: readonly PlannedTrial[]): void {
  const seen = new Map<string, PlannedTrial>();
  for (const trial of trials) {
    const { id } = trial;
    // Windows drops a point at the end.
    if (!isName(id) || id.endsWith('.') || DEVICE.test(id) || OF_THE_STUDY.test(id)) {
      throw new InputError('trial-unnamed', {
        asked: `Plan ${trial.label}, seed ${trial.seed}`,
        found: `"${id}" cannot name a folder everywhere, or names a file of the study`,
        todo: 'Give the trial an id of letters, digits, points, equals signs and dashes, such as "rate-50-seed-1"',
      });
    }
    // File systems that do not tell cases apart would put both into one folder.
    const key = id.toLowerCase();
    const other = seen.get(key);
    if (other !== undefined) {
      throw twice(trial, `${other.label}, seed ${other.seed} is called "${other.id}" as well`);
    }
    seen.set(key, trial);
  }
}

/**
 * Two trials of a study never are one run, however their options were written down.
 *
 * @param settled a configuration with all that it leaves open, so that what means the same is the same
 * @throws InputError (`trial-twice`)
 */
export function assertNoTwins(
  trials: readonly PlannedTrial[],
  settled: (config: PlannedTrial['config']) => unknown,
): void {
  const seen = new Map<string, PlannedTrial>();
  for (const trial of trials) {
    const key = digest(JSON.stringify(settled({ ...trial.config, seed: trial.seed }), sortedKeys));
    const other = seen.get(key);
    if (other !== undefined) {
      throw twice(
        trial,
        `${other.label}, seed ${other.seed} is the very same run, and equal runs give equal results`,
      );
    }
    seen.set(key, trial);
  }
}

/** In whatever order the fields of an object were written. */
const sortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

const twice = ({ label, seed }: PlannedTrial, found: string): InputError =>
  new InputError('trial-twice', {
    asked: `Plan ${label}, seed ${seed}`,
    found,
    todo: 'Leave one of them out, or give them different options',
  });
