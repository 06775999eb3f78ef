/** The studies of this package as commands: data alone, so that a command line can be read before any of them is loaded. */
import type { StudyCommand } from '@ligature/core';
import {
  gradientsCommand,
  memoryCommand,
  randomRatioCommand,
  rewardsCommand,
  storagesCommand,
} from '../audits/commands.js';
import { comparisonCommand } from '../comparison/command.js';
import { forkedHalvingCommand } from '../forked-halving/command.js';
import { landscapeCommand } from '../landscape/command.js';
import { retrainingCommand } from '../retraining/command.js';
import { sweepCommand } from '../sweep/command.js';

/** By the names of their entries. */
export const studyCommands: Readonly<Record<string, StudyCommand>> = {
  comparison: comparisonCommand,
  sweep: sweepCommand,
  landscape: landscapeCommand,
  retraining: retrainingCommand,
  'forked-halving': forkedHalvingCommand,
  storages: storagesCommand,
  'random-ratio': randomRatioCommand,
  rewards: rewardsCommand,
  gradients: gradientsCommand,
  memory: memoryCommand,
};

/** Several studies under one command: `audit storages`. */
export interface CommandGroup {
  readonly description: string;
  /** Of the argument that chooses. */
  readonly argument: string;
  readonly help: string;
  readonly examples: readonly string[];
}

export const commandGroups: Readonly<Record<string, CommandGroup>> = {
  audit: {
    description: 'check a claim about the official code, and say what came out',
    argument: 'storages, random-ratio, rewards, gradients or memory',
    help: `Audits:
  storages      distinct weights against logged independent layers, by episode
  random-ratio  independent layers of random actions against the harmonic number
  rewards       share of saturated rewards over a training
  gradients     2 x 2 of gradient mode and untie policy, paired by seed
  memory        parameters, memory and FLOPs as L blocks become 1

Each prints tables and a finding that follows from them, and writes Markdown,
JSON, CSV, a page and a picture. All but random-ratio train: --layers, --seeds
and --steps make them larger or smaller, \`ligature resume\` goes on with one
that was stopped. random-ratio takes --layers 4,12,48, --seeds, --seed and
--sweeps.`,
    examples: [
      'ligature audit random-ratio',
      'ligature audit storages --layers 24 --seeds 5',
      'ligature audit rewards --tokenizer bpe --steps 1000',
      'ligature audit memory --set tying.gradient=source-only --json',
    ],
  },
};
