/** Differences by seed: two controllers that saw the same data, order and initialization, seed for seed. */
import type { Evidence } from './findings.js';

/** One number per seed, such as a test loss. */
export interface SeededValues {
  readonly controller: string;
  readonly seeds: readonly number[];
  /** In the order of `seeds`; one that is not finite is that of a trial that failed. */
  readonly values: readonly number[];
}

/** One controller set against another: `controller` minus `control`, over the seeds that both finished. */
export interface PairedDifference {
  readonly controller: string;
  readonly control: string;
  readonly seeds: readonly number[];
  readonly differences: readonly number[];
  /** Seeds that were planned. */
  readonly planned: number;
  /** How many of them gave no finite number. */
  readonly missing: { readonly controller: number; readonly control: number };
}

/** The seeds of which there is a finite number. */
export const finishedSeeds = ({ seeds, values }: SeededValues): number[] =>
  seeds.filter((_, index) => Number.isFinite(values[index]));

/** @param planned the seeds of both; left out: those of which either has a trial */
export function pairedDifference(
  controller: SeededValues,
  control: SeededValues,
  planned: readonly number[] = [...new Set([...controller.seeds, ...control.seeds])],
): PairedDifference {
  const [own, others] = [finishedSeeds(controller), finishedSeeds(control)];
  const seeds = own.filter((seed) => others.includes(seed));
  const lacking = (finished: readonly number[]): number =>
    planned.filter((seed) => !finished.includes(seed)).length;
  return {
    controller: controller.controller,
    control: control.controller,
    seeds,
    differences: seeds.map((seed) => valueAt(controller, seed) - valueAt(control, seed)),
    planned: planned.length,
    missing: { controller: lacking(own), control: lacking(others) },
  };
}

/** As evidence of a difference. @param values those of both */
export function evidenceOf(
  { seeds, differences, missing }: PairedDifference,
  controller: SeededValues,
  control: SeededValues,
): Evidence {
  return {
    differences,
    measured: seeds.flatMap((seed) => [valueAt(controller, seed), valueAt(control, seed)]),
    missing: { first: missing.controller, second: missing.control },
  };
}

const valueAt = ({ seeds, values }: SeededValues, seed: number): number =>
  values[seeds.indexOf(seed)] as number;
