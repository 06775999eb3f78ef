/** Differences by seed: two controllers that saw the same data, order and initialization, seed for seed. */
import { meanInterval, oneSampleTest, type MeanInterval, type OneSampleTest } from './student.js';

/** One number per seed, such as a test loss. */
export interface SeededValues {
  readonly controller: string;
  readonly seeds: readonly number[];
  /** In the order of `seeds`. */
  readonly values: readonly number[];
}

/** One controller set against another: `controller` minus `control`, over the seeds that both finished. */
export interface PairedDifference {
  readonly controller: string;
  readonly control: string;
  readonly seeds: readonly number[];
  readonly differences: readonly number[];
  /** `null` without a shared seed. */
  readonly interval: MeanInterval | null;
  /** `null` below two shared seeds, or when a value is missing or infinite. */
  readonly test: OneSampleTest | null;
}

export function pairedDifference(
  controller: SeededValues,
  control: SeededValues,
  level: number,
): PairedDifference {
  const seeds = controller.seeds.filter((seed) => control.seeds.includes(seed));
  const valueOf = ({ seeds: own, values }: SeededValues, seed: number): number =>
    values[own.indexOf(seed)] ?? Number.NaN;
  const differences = seeds.map((seed) => valueOf(controller, seed) - valueOf(control, seed));
  const measured = differences.length > 0 && differences.every(Number.isFinite);
  return {
    controller: controller.controller,
    control: control.controller,
    seeds,
    differences,
    interval: measured ? meanInterval(differences, level) : null,
    test: measured && differences.length > 1 ? oneSampleTest(differences) : null,
  };
}
