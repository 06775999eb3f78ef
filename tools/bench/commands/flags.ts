/** Flags that several commands have, and how their values are read. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { WORKLOAD_NAMES } from '../workloads.js';

export const names = (value: string): string[] => {
  const parts = value.split(',').map((part) => part.trim());
  if (parts.some((part) => part === ''))
    throw new InvalidArgumentError('Write names with commas between them: wasm,cpu.');
  return parts;
};

export const count =
  (least: number) =>
  (value: string): number => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least)
      throw new InvalidArgumentError(`It must be an integer of at least ${least}.`);
    return number;
  };

export const workloadOption = (): Option =>
  new Option('--workload <name>', 'what to train').choices(WORKLOAD_NAMES).default('mini');

/** `--threads` and `--json`, which every command has. */
export function commonFlags(command: Command): Command {
  return command
    .option('--threads <n>', 'threads of backends that can be told; default: their own choice', count(1))
    .option('--json', 'print one JSON object and nothing else', false);
}

export interface CommonFlags {
  readonly threads?: number;
  readonly json: boolean;
}

/** For requests, in which a field that is left out is absent. */
export const threadsOf = ({ threads }: CommonFlags): { threads?: number } =>
  threads === undefined ? {} : { threads };

export function print(json: boolean, result: object, text: () => string): void {
  process.stdout.write(`${json ? JSON.stringify(result) : text()}\n`);
}
