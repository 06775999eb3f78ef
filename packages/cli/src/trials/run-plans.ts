/**
 * Runs the trials of a study and shows them: introduction, progress, a line for each that is over, Ctrl-C, and how to
 * go on. What `compare` and the other studies share; each brings its folder, its words and what becomes of the results.
 */
import { rmSync } from 'node:fs';
import { InputError, type LigatureEvent } from '@ligature/core';
import { writeStudyManifest, type TrialResult } from '@ligature/run';
import { type TrialPlan, type TrialsOptions } from '@ligature/studies';
import { formatQuantity, formatTieMap, quantities } from '@ligature/report';
import type { Context } from '../commands/context.js';
import { STATUS } from '../errors.js';
import { cacheFolder, type Io } from '../io.js';
import { createProgressView } from '../progress/view.js';
import { howToResume } from '../run/again.js';
import { removeIfEmpty, shown } from '../run/folder.js';
import { interruptible } from '../run/interrupt.js';
import { tieMapCells } from '../terminal/cells.js';
import { columnsOf, paintFor, wrap } from '../terminal/paint.js';
import { executeInProcess } from './execute.js';

export interface PlansToRun<S> {
  readonly plans: readonly TrialPlan[];
  /** The folder of the study; one made for it is removed again when bad input leaves nothing in it. */
  readonly folder: string;
  /** Plug-ins to load in each trial's process. */
  readonly plugins: readonly string[];
  /** The study goes on in a folder of its own. */
  readonly resumed?: boolean;
  /** One sentence before the first trial. */
  readonly introduction: string;
  /** Runs the trials (by `compareTrials`, `runTrials`, …) with these options and sums them up. */
  readonly run: (options: TrialsOptions) => Promise<S>;
}

export interface RanPlans<S> {
  readonly summary: S;
  /** Exit status of the command. */
  readonly status: number;
}

/** @throws InputError when bad input left nothing to sum up, and whatever `run` throws by itself */
export async function runPlans<S>(work: PlansToRun<S>, context: Context): Promise<RanPlans<S>> {
  const { plans, folder, plugins, resumed = false } = work;
  const parallel = trialsAtOnce(plans);
  const { io, json, quiet } = context;
  const view = createProgressView(io, { quiet, plain: json });
  const interrupt = interruptible(io, view);
  // Bad input is bad for the whole study: the first one ends it.
  const refused = new AbortController();
  const count = { finished: 0, failed: 0 };
  let badInput: InputError | undefined;
  view.note(wrap(work.introduction, columnsOf(io.stderr) - 1));
  const several = new Set(plans.map(({ seed }) => seed)).size > 1;
  const positionOf = (plan: TrialPlan): string =>
    `[${plans.findIndex(({ folderName }) => folderName === plan.folderName) + 1}/${plans.length}]`;
  const options: TrialsOptions = {
    folder,
    parallel,
    signal: AbortSignal.any([interrupt.signal, refused.signal]),
    execute: async (plan, trialFolder, start) => {
      // Not before: a study that bad input ends leaves no folder behind.
      writeStudyManifest(folder, context.command);
      const position = positionOf(plan);
      const run = view.begin(`${position} ${plan.label}${several ? `, seed ${plan.seed}` : ''}`);
      const measuring = stopwatch(io);
      const result = await (io.executeTrial ?? executeInProcess)(plan, trialFolder, {
        ...start,
        cwd: io.cwd,
        cacheFolder: cacheFolder(io),
        plugins,
        signal: interrupt.signal,
        event: (event) => {
          measuring.follow(event);
          run.event(event);
        },
        printed: (line) => view.note(parallel > 1 ? `${position} ${line}` : line),
      }).finally(() => run.end());
      if (result.outcome === 'completed') count.finished += 1;
      view.note(finishedLine(position, plan, result, io, measuring.seconds()));
      return result;
    },
    onFailure: (plan, error) => {
      count.failed += 1;
      if (error instanceof InputError) {
        badInput ??= error;
        refused.abort();
      } else
        view.note(
          `failed: ${plan.label}, seed ${plan.seed}: ${error instanceof Error ? error.message : error}`,
        );
    },
    onFinished: (plan, result) => {
      count.finished += 1;
      view.note(`${finishedLine(positionOf(plan), plan, result, io)} (finished before)`);
    },
  };
  try {
    const summary = await work.run(options);
    if (badInput !== undefined && count.finished === 0 && !resumed) {
      // Made for this study a moment ago, and there is nothing in it.
      rmSync(folder, { recursive: true, force: true });
      throw badInput;
    }
    if (badInput !== undefined) view.note(`failed: ${badInput.message}`);
    const stopped = interrupt.status();
    if (stopped !== STATUS.ok) {
      view.note(howToResume(shown(folder, io), plugins));
      return { summary, status: stopped };
    }
    if (badInput !== undefined) return { summary, status: STATUS.input };
    return { summary, status: count.failed > 0 ? STATUS.failed : STATUS.ok };
  } catch (error) {
    removeIfEmpty(folder);
    throw error;
  } finally {
    view.end();
    interrupt.dispose();
  }
}

/** As the plan records it: the same when the study goes on elsewhere. */
function trialsAtOnce([first]: readonly TrialPlan[]): number {
  const parallel = first?.config.compare.parallel;
  return typeof parallel === 'number' ? parallel : 1;
}

/** What evaluations take, from before the first batch of each to its last. */
function stopwatch({ now }: Pick<Io, 'now'>): {
  readonly follow: (event: LigatureEvent) => void;
  readonly seconds: () => number;
} {
  let begun = 0;
  let spent = 0;
  return {
    follow(event) {
      if (event.type !== 'evaluation.progressed') return;
      if (event.done === 0) begun = now();
      else if (event.done === event.total) spent += now() - begun;
    },
    seconds: () => spent / 1000,
  };
}

/** Shorter evaluations are not worth a word. */
const WORTH_A_WORD = 10;

/** One line for a trial that is over. @param measuring seconds of its evaluations, where they were seen */
function finishedLine(
  position: string,
  { label, seed }: TrialPlan,
  result: TrialResult,
  io: Io,
  measuring = 0,
): string {
  const paint = paintFor(io.stderr, io.env);
  const { test, tokensPerSecond, trainingSeconds, ledger, tieMap } = result;
  if (result.outcome === 'stopped')
    return `${position} ${label}, seed ${seed}: stopped after ${result.steps} steps`;
  const text = [
    `${position} ${label}, seed ${seed}: test ${formatQuantity(test['nats'], quantities.nats)} nats`,
    `${ledger.independentLayers}/${ledger.layers} own`,
    `${formatQuantity(tokensPerSecond, quantities.rate)} tok/s`,
    formatQuantity(trainingSeconds, quantities.seconds) +
      (measuring < WORTH_A_WORD ? '' : ` + ${formatQuantity(measuring, quantities.seconds)} measuring`),
  ].join(', ');
  if (paint.level === 0) return `${text}, tie map ${formatTieMap(tieMap)}`;
  const room = Math.min(columnsOf(io.stderr) - 2 - text.length, 2 * tieMap.length);
  // Less than half a column for each layer would leave layers out.
  return room < tieMap.length / 2 ? text : `${text} ${tieMapCells(tieMap, room, paint)}`;
}
