/** How much rewards tell a learner: the share of windows in which a reward was clipped, or said what it had said before. */
import {
  dataLabel,
  stackLayers,
  type FailedTrial,
  type LigatureEvent,
  type RunConfig,
  largest,
  smallest,
} from '@ligature/core';
import { floorFooter } from '../floors.js';
import type { AuditFloors, AuditPoint, AuditReport, AuditTable } from '../types.js';
import { list, plural, shareText } from '../words.js';

/** Perplexity above which the official reward is clipped. */
export const OFFICIAL_CLIP = 10;

export interface RewardedWindow {
  /** Training steps done when it was measured. */
  readonly step: number;
  readonly reward: number;
  readonly raw: number;
  readonly saturated: boolean;
  /** Mean training loss of the window. */
  readonly loss: number;
}

/** One trained run. */
export interface RewardRun {
  readonly reward: string;
  readonly seed: number;
  readonly windows: readonly RewardedWindow[];
}

/** The rewards of a run's event log. */
export function rewardedWindows(events: Iterable<LigatureEvent>): RewardedWindow[] {
  const windows: RewardedWindow[] = [];
  let closed = { step: 0, loss: Number.NaN };
  for (const event of events) {
    if (event.type === 'window.closed') {
      const { losses, step } = event;
      closed = { step, loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length };
    }
    if (event.type === 'reward.measured') {
      const { reward, raw, saturated } = event;
      windows.push({ ...closed, reward, raw, saturated });
    }
  }
  return windows;
}

interface Summary {
  readonly reward: string;
  readonly runs: readonly RewardRun[];
  readonly windows: number;
  /** Share of windows whose reward was clipped. */
  readonly saturated: number;
  /** Share of windows, the first left out, whose reward is exactly that of the window before. */
  readonly repeated: number;
  /** Share of windows with a training perplexity above ten. */
  readonly above: number;
  /** The first window that was not clipped, of each run; `undefined` where all were. */
  readonly ends: readonly (RewardedWindow | undefined)[];
  readonly lastLoss: number;
}

function summarize(reward: string, runs: readonly RewardRun[]): Summary {
  const all = runs.flatMap(({ windows }) => windows);
  const followed = runs.flatMap(({ windows }) =>
    windows.slice(1).map((window, index) => window.reward === windows[index]?.reward),
  );
  return {
    reward,
    runs,
    windows: all.length,
    saturated: share(all.map(({ saturated }) => saturated)),
    repeated: share(followed),
    above: share(all.map(({ loss }) => Math.exp(loss) > OFFICIAL_CLIP)),
    ends: runs.map(({ windows }) => windows.find(({ saturated }) => !saturated)),
    lastLoss: mean(runs.map(({ windows }) => windows.at(-1)?.loss ?? Number.NaN)),
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const share = (flags: readonly boolean[]): number => mean(flags.map(Number));

/** Of losses whose exponential is the perplexity that the official reward is made of. */
const PER_TOKEN = 'nats per token';

export function rewardsReport(
  runs: readonly RewardRun[],
  config: RunConfig,
  failed: readonly FailedTrial[],
  floors: AuditFloors,
): AuditReport {
  const { lossUnit } = floors;
  const ofTokens = lossUnit === PER_TOKEN;
  const names = [...new Set(runs.map(({ reward }) => reward))];
  const summaries = names.map((name) =>
    summarize(
      name,
      runs.filter(({ reward }) => reward === name),
    ),
  );
  return {
    audit: 'rewards',
    title: 'Saturated rewards over training',
    question: 'For how much of a training does each reward tell the learner anything?',
    method:
      `A ${stackLayers(config)}-layer stack was trained on ${dataLabel(config)}${config.tokenizer === null ? '' : ` (tokenizer ${config.tokenizer.name})`} for ` +
      `${plural(config.training.steps, 'step')} by ${config.controller.name}, once for each reward and seed, a reward every ${plural(config.tying.window, 'step')}. ` +
      'The official reward is minus the perplexity, clipped to plus and minus 10.',
    tables: [table(summaries, ofTokens, floors), everyWindow(runs)],
    figure: {
      title: 'What the learner was told (first seed)',
      xTitle: 'training step',
      yTitle: 'reward, scaled to its own range',
      series: names.flatMap((name) => {
        const run = runs.find(({ reward }) => reward === name);
        return run ? [{ name, points: scaled(run.windows) }] : [];
      }),
    },
    finding: summaries.map((summary) => sentence(summary, lossUnit)).join(' '),
    floors,
    limits: [
      ...(ofTokens
        ? [
            `Perplexity is per token, so the vocabulary decides when it falls below ten: with bytes it may, with the subwords of the paper's ` +
              'GPT-2 tokenizer (50,257) it takes a good model. Repeat with another --tokenizer.',
          ]
        : []),
      'A reward that varies need not be worth learning from: noise varies as well.',
      'The loss of a window is the mean of its training batches; the official reward is measured on other batches.',
    ],
    failed,
    config,
  };
}

/** From 0, its smallest value in the run, to 1, its largest; half where it never changes. */
function scaled(windows: readonly RewardedWindow[]): AuditPoint[] {
  const rewards = windows.map(({ reward }) => reward);
  const [low, high] = [smallest(rewards), largest(rewards)];
  return windows.map(({ step, reward }) => ({
    x: step,
    y: high === low ? 0.5 : (reward - low) / (high - low),
  }));
}

function table(summaries: readonly Summary[], ofTokens: boolean, floors: AuditFloors): AuditTable {
  const columns: AuditTable['columns'] = [
    { key: 'reward', heading: 'Reward', unit: 'text' },
    { key: 'windows', heading: 'Windows', unit: 'count' },
    { key: 'saturated', heading: 'Clipped', unit: 'share' },
    { key: 'repeated', heading: 'Same as before', unit: 'share' },
    ...(ofTokens ? [{ key: 'above_ten', heading: 'Perplexity above 10', unit: 'share' } as const] : []),
    { key: 'runs_ended', heading: 'Runs where it ends', unit: 'text' },
    { key: 'end_step', heading: 'Ends at step', unit: 'layers' },
    { key: 'end_nats', heading: 'Ends at loss', unit: '' },
    { key: 'last_nats', heading: 'Last loss', unit: '' },
  ];
  return {
    key: 'rewards',
    title: 'Rewards, over all windows and seeds',
    columns,
    ...floorFooter(columns, ['end_nats', 'last_nats'], floors),
    rows: summaries.map(({ reward, runs, windows, saturated, repeated, above, ends, lastLoss }) => {
      const ended = ends.filter((end) => end !== undefined);
      const at = (pick: (end: RewardedWindow) => number): number | null =>
        saturated === 0 || ended.length === 0 ? null : mean(ended.map(pick));
      return [
        ...[reward, windows, saturated, repeated, ...(ofTokens ? [above] : [])],
        saturated === 0 ? 'never clipped' : `${ended.length} of ${runs.length}`,
        ...[at(({ step }) => step), at(({ loss }) => loss), lastLoss],
      ];
    }),
  };
}

function everyWindow(runs: readonly RewardRun[]): AuditTable {
  return {
    key: 'windows',
    title: 'Every window',
    detail: true,
    columns: [
      { key: 'reward', heading: 'Reward', unit: 'text' },
      { key: 'seed', heading: 'Seed', unit: 'count' },
      { key: 'step', heading: 'Step', unit: 'count' },
      { key: 'value', heading: 'Value', unit: '' },
      { key: 'raw', heading: 'Raw', unit: '' },
      { key: 'saturated', heading: 'Clipped', unit: 'count' },
      { key: 'loss', heading: 'Loss', unit: '' },
    ],
    rows: runs.flatMap(({ reward, seed, windows }) =>
      windows.map(({ step, reward: value, raw, saturated, loss }) => [
        ...[reward, seed, step, value, raw],
        ...[Number(saturated), loss],
      ]),
    ),
  };
}

function sentence({ reward, runs, saturated, repeated, ends, lastLoss }: Summary, lossUnit: string): string {
  const same =
    repeated === 0
      ? 'no window repeated the reward before it'
      : `${shareText(repeated)} of the windows repeated the reward before them exactly`;
  if (saturated === 0) return `${reward} was never clipped; ${same}.`;
  const clipped = `${reward} was clipped in ${shareText(saturated)} of the windows, and ${same}`;
  const ended = ends.flatMap((end, index) => (end ? [{ end, seed: runs[index]?.seed }] : []));
  if (ended.length === 0) {
    return `${clipped}: it stayed clipped to the end of every run, at ${lastLoss.toFixed(2)} ${lossUnit}${lossUnit === PER_TOKEN ? ` (perplexity ${Math.exp(lastLoss).toFixed(1)})` : ''}, so the learner was told nothing.`;
  }
  const where = ended.map(
    ({ end, seed }) =>
      `step ${end.step} at ${end.loss.toFixed(2)} ${lossUnit.split(' per ')[0]} (seed ${seed})`,
  );
  const rest = ended.length < ends.length ? `; in ${plural(ends.length - ended.length, 'run')} never` : '';
  return `${clipped}: the first reward that was not clipped came at ${list(where)}${rest}.`;
}
