/** What tying saves and what it does not: parameters, memory and operations as the blocks of a stack become fewer. */
import {
  tieMapFromBlocks,
  type FailedTrial,
  type RunConfig,
  type TieMap,
  type TrialResult,
  largest,
} from '@ligature/core';
import type { AuditPoint, AuditReport, AuditTable } from '../types.js';
import { capital, describeBudget } from '../../presentation/words.js';
import { list, plural, shareText } from '../words.js';

/** Runs of neighbours as equal as can be: layer i belongs to block floor(i * blocks / layers). */
export function contiguousMap(layers: number, blocks: number): TieMap {
  return tieMapFromBlocks(
    Array.from({ length: layers }, (_, layer) => Math.floor((layer * blocks) / layers)),
  );
}

/** One trained run of one map. */
export type MemoryRun = { readonly blocks: number } & Pick<
  TrialResult,
  'seed' | 'ledger' | 'memory' | 'tokensPerSecond'
>;

/** Means over the runs of one number of blocks. */
interface Level {
  readonly blocks: number;
  readonly parameters: number;
  readonly weights: number;
  readonly gradients: number;
  readonly moments: number;
  readonly activations: number;
  readonly total: number;
  readonly tensors: number;
  readonly resident: number;
  readonly operations: number;
  readonly rate: number;
}

type Amount = Exclude<keyof Level, 'blocks'>;

/** @param unit what the task counts */
export function memoryReport(
  runs: readonly MemoryRun[],
  config: RunConfig,
  failed: readonly FailedTrial[],
  unit: string,
): AuditReport {
  const levels = [...new Set(runs.map(({ blocks }) => blocks))]
    .sort((a, b) => b - a)
    .map((blocks) => levelOf(blocks, runs));
  const points = (amount: Amount): AuditPoint[] =>
    levels.map((level) => ({ x: level.blocks, y: level[amount] / 1e6 }));
  return {
    audit: 'memory',
    title: 'What tying saves',
    question: 'How do parameters, memory and operations change as the blocks of a stack become fewer?',
    method:
      `${describeBudget(config)} with fixed maps of neighbours, gradient mode ${config.tying.gradient}, each run in a process of its own, ` +
      `${plural(new Set(runs.map(({ seed }) => seed)).size, 'seed')}.`,
    tables: [table(levels, unit), everyRun(runs, unit)],
    figure: {
      title: 'Memory by number of blocks',
      xTitle: 'blocks',
      yTitle: 'MB',
      fromZero: true,
      series: [
        { name: 'ledger: weights', points: points('weights') },
        { name: 'ledger: moments', points: points('moments') },
        { name: 'ledger: activations', points: points('activations') },
        { name: 'ledger: all', points: points('total') },
        { name: 'measured: tensors', points: points('tensors') },
        { name: 'measured: process', points: points('resident') },
      ],
    },
    finding: finding(levels),
    limits: [
      'Weights, gradients, moments and activations are those of the ledger: counted, not measured; activations are what the ' +
        'backward pass needs of one batch. The peak of tensors was measured after each step, when gradients and activations are gone; ' +
        'the peak of the process includes them, the language runtime, the data, and a backend that keeps memory for the next step.',
      'Operations are those of matrix products. Under gradient mode source-only copies take no weight gradient, so there tying ' +
        'saves operations as well: repeat with --set tying.gradient=source-only.',
      `How much of a whole depends on the batch and on the sizes of the model: more ${unit} per step mean more activations, which tying keeps.`,
    ],
    failed,
    config,
  };
}

function levelOf(blocks: number, runs: readonly MemoryRun[]): Level {
  const own = runs.filter((run) => run.blocks === blocks);
  const mean = (pick: (run: MemoryRun) => number): number =>
    own.reduce((sum, run) => sum + pick(run), 0) / own.length;
  const bytes = (part: keyof MemoryRun['ledger']['bytes']): number =>
    mean(({ ledger }) => ledger.bytes[part]);
  const parts = {
    weights: bytes('weights'),
    gradients: bytes('gradients'),
    moments: bytes('moments'),
    activations: bytes('activations'),
  };
  return {
    blocks,
    parameters: mean(({ ledger }) => ledger.uniqueParameters),
    ...parts,
    total: parts.weights + parts.gradients + parts.moments + parts.activations,
    tensors: mean(({ memory }) => memory.backendBytes),
    resident: mean(({ memory }) => memory.residentBytes),
    operations: mean(({ ledger }) => ledger.flops.step),
    rate: mean(({ tokensPerSecond }) => tokensPerSecond),
  };
}

const columns = (
  unit: string,
): readonly {
  readonly amount: Amount;
  readonly key: string;
  readonly heading: string;
  readonly unit: 'parameters' | 'bytes' | 'operations' | 'rate';
}[] => [
  { amount: 'parameters', key: 'unique_parameters', heading: 'Unique params', unit: 'parameters' },
  { amount: 'weights', key: 'weight_bytes', heading: 'Weights', unit: 'bytes' },
  { amount: 'gradients', key: 'gradient_bytes', heading: 'Gradients', unit: 'bytes' },
  { amount: 'moments', key: 'moment_bytes', heading: 'Moments', unit: 'bytes' },
  { amount: 'activations', key: 'activation_bytes', heading: 'Activations', unit: 'bytes' },
  { amount: 'total', key: 'ledger_bytes', heading: 'All four', unit: 'bytes' },
  { amount: 'tensors', key: 'peak_tensor_bytes', heading: 'Measured tensors', unit: 'bytes' },
  { amount: 'resident', key: 'peak_resident_bytes', heading: 'Measured process', unit: 'bytes' },
  { amount: 'operations', key: 'step_operations', heading: 'FLOPs a step', unit: 'operations' },
  { amount: 'rate', key: 'tokens_per_second', heading: `${capital(unit)}/s`, unit: 'rate' },
];

function table(levels: readonly Level[], unit: string): AuditTable {
  const shown = columns(unit);
  return {
    key: 'blocks',
    title: 'By number of blocks, means over seeds',
    columns: [
      { key: 'blocks', heading: 'Blocks', unit: 'count' },
      ...shown.map(({ key, heading, unit: of }) => ({ key, heading, unit: of })),
    ],
    rows: levels.map((level) => [level.blocks, ...shown.map(({ amount }) => level[amount])]),
  };
}

function everyRun(runs: readonly MemoryRun[], unit: string): AuditTable {
  const shown = columns(unit);
  const lines = runs.map((run) => ({ seed: run.seed, level: levelOf(run.blocks, [run]) }));
  return {
    ...table([], unit),
    key: 'runs',
    title: 'Every run',
    detail: true,
    columns: [
      { key: 'blocks', heading: 'Blocks', unit: 'count' },
      { key: 'seed', heading: 'Seed', unit: 'count' },
      ...shown.map(({ key, heading, unit: of }) => ({ key, heading, unit: of })),
    ],
    rows: lines.map(({ seed, level }) => [level.blocks, seed, ...shown.map(({ amount }) => level[amount])]),
  };
}

/** Changes smaller than this share count as none. */
const SAME = 0.01;

const NAMES: Partial<Record<Amount, string>> = {
  parameters: 'parameters',
  weights: 'weights',
  gradients: 'gradients',
  moments: 'optimizer moments',
  activations: 'activations',
  operations: 'operations of a step',
};

function finding(levels: readonly Level[]): string {
  const [most, fewest] = [levels[0], levels.at(-1)];
  if (!most || !fewest || most === fewest) return 'Fewer than two maps finished, so nothing can be compared.';
  const saved = (amount: Amount): number => 1 - fewest[amount] / most[amount];
  const amounts = Object.keys(NAMES) as Amount[];
  const named = (some: readonly Amount[]): string =>
    list(some.map((amount) => `${NAMES[amount]} (−${shareText(saved(amount))})`));
  const less = amounts.filter((amount) => saved(amount) > SAME);
  const more = amounts.filter((amount) => saved(amount) < -SAME);
  const same = amounts.filter((amount) => Math.abs(saved(amount)) <= SAME);
  const sentences = [
    less.length > 0
      ? `From ${plural(most.blocks, 'block')} to ${fewest.blocks} tying saves ${named(less)}.`
      : `From ${plural(most.blocks, 'block')} to ${fewest.blocks} tying saves nothing that was counted.`,
    same.length > 0 ? `It does NOT save ${list(same.map((amount) => NAMES[amount] as string))}.` : '',
    more.length > 0 ? `More is needed of ${list(more.map((amount) => NAMES[amount] as string))}.` : '',
    `By the ledger, memory ${change(saved('total'))}; the measured peak of tensors ${change(saved('tensors'))}, ` +
      `that of the whole process ${change(saved('resident'))}.`,
  ];
  return [...sentences, ledgerSentence(levels)].filter(Boolean).join(' ');
}

/** After a step there are weights and moments, so the ledger can be held against the tensors that were measured. */
function ledgerSentence(levels: readonly Level[]): string {
  const off = largest(
    levels.map(({ weights, moments, tensors }) => Math.abs(tensors / (weights + moments) - 1)),
  );
  return off <= SAME
    ? `The tensors measured after a step are the weights and moments of the ledger, within ${shareText(Math.max(off, 0.001))}.`
    : `The tensors measured after a step are off from the weights and moments of the ledger by up to ${shareText(off)}.`;
}

const change = (saved: number): string =>
  Math.abs(saved) <= SAME
    ? 'stays as it is (within 1 %)'
    : `${saved > 0 ? 'falls' : 'grows'} by ${shareText(Math.abs(saved))}`;
