/** `bench step --against FOLDER`: this checkout and an earlier one in turn, each with its own bench and packages. */
import type { StepRequest } from '../measures/step.js';
import { summarizeRounds, takeTurns, type Paired, type Round } from '../paired.js';
import { checkBench, measureInChild } from '../process/in-child.js';
import { table } from '../table.js';

export interface AgainstResult extends Paired {
  readonly backend: string;
  readonly rounds: readonly Round[];
}

/** @throws InputError when there is no bench in the folder, or a backend cannot run */
export async function measureAgainst(
  folder: string,
  rounds: number,
  backends: readonly string[],
  request: Omit<StepRequest, 'backend'>,
): Promise<AgainstResult[]> {
  checkBench(folder);
  const results: AgainstResult[] = [];
  for (const backend of backends) {
    const taken = await takeTurns(rounds, async (side, round) => {
      process.stderr.write(`round ${round + 1}/${rounds}, ${side}\n`);
      const root = side === 'before' ? folder : undefined;
      return (await measureInChild('step', { ...request, backend }, root)).secondsPerStep;
    });
    results.push({ backend, ...summarizeRounds(taken), rounds: taken });
  }
  return results;
}

export function againstTable(workload: string, results: readonly AgainstResult[]): string {
  const ratio = (value: number): string => `${value.toFixed(3)}x`;
  const rows = results.map(({ backend, rounds, before, now, ...ratios }) => [
    ...[backend, String(rounds.length), before.toFixed(4), now.toFixed(4)],
    ...[ratios.ratio, ratios.lowest, ratios.highest, ratios.fastest].map(ratio),
  ]);
  const header = [
    ...['backend', 'rounds', 's/step before', 's/step now'],
    ...['now / before', 'lowest', 'highest', 'of the fastest'],
  ];
  return `workload ${workload}\n\n${table(header, rows)}`;
}
