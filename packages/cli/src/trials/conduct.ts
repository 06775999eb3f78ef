/**
 * Has the trials of a study carried out and shows them: introduction, progress, a line for each that is over, Ctrl-C, and
 * how to go on.
 */
import { rmSync } from 'node:fs';
import {
  InputError,
  visible,
  visibleLine,
  type Executor,
  type EvaluationProgressed,
  type MetricSpec,
  type OrderedPlugin,
  type PlannedTrial,
  type PluginHost,
  type PreparedStudy,
  type RunConfig,
  type Study,
  type StudyDocument,
  type TrialResult,
  type TrialSignal,
} from '@ligature/core';
import { formatQuantity, formatTieMap, quantities, quantityOf } from '@ligature/report';
import { writeStudyManifest } from '@ligature/run';
import { conductStudy, folderStore, metricHeading } from '@ligature/studies';
import type { Context } from '../commands/context.js';
import { STATUS } from '../errors.js';
import { cacheFolder, type Io } from '../io.js';
import { createProgressView } from '../progress/view.js';
import { howToResume } from '../command-lines/again.js';
import { removeIfEmpty, shown } from '../folders/folder.js';
import { interruptible } from '../system/interrupt.js';
import { tieMapCells } from '../terminal/cells.js';
import { columnsOf, paintFor, wrap } from '../terminal/paint.js';

export interface StudyToShow {
  /** Name of the entry. */
  readonly name: string;
  readonly study: Study;
  readonly config: RunConfig;
  readonly settings: unknown;
  readonly trials: readonly PlannedTrial[];
  readonly host: PluginHost;
  /** The folder of the study; one made for it is removed again when bad input leaves nothing in it. */
  readonly folder: string;
  /** Plug-ins that whoever carries a trial out has to load. */
  readonly plugins: readonly OrderedPlugin[];
  /** Name of an entry of the kind `executors`; left out: a process for each trial. */
  readonly executor: string | undefined;
  readonly begin?: PreparedStudy['begin'];
  /** The study goes on in a folder of its own, perhaps with more than it began with. */
  readonly resumed?: boolean;
  readonly extended?: boolean;
}

export interface Conducted {
  /** As its JSON file holds it. */
  readonly result: unknown;
  readonly document: StudyDocument;
  /** Exit status of the command. */
  readonly status: number;
}

/** The program of a trial's own process: beside this file's parent, in the same form (compiled or source). */
const PROGRAM = new URL(
  `../trial-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/** @throws InputError when bad input left nothing to sum up, and whatever the study throws by itself */
export async function conduct(work: StudyToShow, context: Context): Promise<Conducted> {
  const { name, study, folder, plugins, config, settings, host, begin } = work;
  const { resumed = false, extended = false } = work;
  let { trials } = work;
  const parallel = trialsAtOnce(trials);
  const { io, json, quiet } = context;
  const executor = await executorOf(work, io);
  const view = createProgressView(io, { quiet, plain: json });
  const interrupt = interruptible(io, view);
  // Bad input is bad for the whole study: the first one ends it.
  const refused = new AbortController();
  const count = { finished: 0, failed: 0 };
  let badInput: InputError | undefined;
  let manifest: Promise<void> | undefined;
  const introduction = study.introduction(config, trials);
  if (introduction !== '') view.note(wrap(visible(introduction), columnsOf(io.stderr) - 1));
  const several = new Set(trials.map(({ seed }) => seed)).size > 1;
  // Not by its id: an older study may keep it under another one.
  const positionOf = ({ label, seed }: PlannedTrial): string =>
    `[${trials.findIndex((trial) => trial.label === label && trial.seed === seed) + 1}/${trials.length}]`;
  const watches = new Map<string, Watch>();
  try {
    const { result, document } = await conductStudy({
      ...{ name, config, settings, host, folder, resumed, extended, executor, plugins, parallel },
      ...(begin && { begin }),
      signal: AbortSignal.any([interrupt.signal, refused.signal]),
      onFurther: (more) => {
        trials = [...trials, ...more];
      },
      onBegin: (trial) => {
        // Not before: a study that bad input ends leaves no folder behind.
        manifest ??= writeStudyManifest(folder, context.command);
        // Whoever waits for it below is told.
        manifest.catch(() => undefined);
        const position = positionOf(trial);
        const run = view.begin(`${position} ${trial.label}${several ? `, seed ${trial.seed}` : ''}`);
        const measuring = stopwatch(io);
        watches.set(trial.id, { end: () => run.end(), seconds: measuring.seconds });
        return (signal: TrialSignal) => {
          if (signal.kind === 'printed') {
            const line = visible(signal.line);
            view.note(parallel > 1 ? `${position} ${line}` : line);
            return;
          }
          if (signal.event.type === 'evaluation.progressed') measuring.follow(signal.event);
          run.event(signal.event);
        };
      },
      onEnd: (trial, ended) => {
        const watch = watches.get(trial.id);
        watch?.end();
        if (ended.outcome === 'completed') count.finished += 1;
        view.note(finishedLine(positionOf(trial), trial, ended, io, watch?.seconds()));
      },
      onFailure: (trial, error) => {
        watches.get(trial.id)?.end();
        count.failed += 1;
        if (error instanceof InputError) {
          badInput ??= error;
          refused.abort();
        } else
          view.note(
            visible(
              `failed: ${trial.label}, seed ${trial.seed}: ${error instanceof Error ? error.message : error}`,
            ),
          );
      },
      onFinished: (trial, before) => {
        count.finished += 1;
        view.note(`${finishedLine(positionOf(trial), trial, before, io)} (finished before)`);
      },
    });
    await manifest;
    if (badInput !== undefined && count.finished === 0 && !resumed) {
      // Made for this study a moment ago, and there is nothing in it.
      rmSync(folder, { recursive: true, force: true });
      throw badInput;
    }
    if (trials.length === 0) await writeStudyManifest(folder, context.command);
    if (badInput !== undefined) view.note(`failed: ${badInput.message}`);
    const stopped = interrupt.status();
    if (stopped !== STATUS.ok) {
      const names = plugins.map(({ specifier }) => specifier);
      view.note(howToResume(shown(folder, io), names));
      return { result, document, status: stopped };
    }
    if (badInput !== undefined) return { result, document, status: STATUS.input };
    return { result, document, status: count.failed > 0 ? STATUS.failed : STATUS.ok };
  } catch (error) {
    removeIfEmpty(folder);
    throw error;
  } finally {
    view.end();
    interrupt.dispose();
    await executor.dispose?.();
  }
}

interface Watch {
  readonly end: () => void;
  readonly seconds: () => number;
}

function executorOf({ executor = 'child-process', host, folder }: StudyToShow, io: Io): Promise<Executor> {
  const context = {
    ...{ store: folderStore(folder), host, cwd: io.cwd, cacheFolder: cacheFolder(io), now: io.now },
    program: PROGRAM,
  };
  return io.executor
    ? Promise.resolve(io.executor(context))
    : host.create('executors', executor, {}, context);
}

/** As the plan records it: the same when the study goes on elsewhere. */
function trialsAtOnce([first]: readonly PlannedTrial[]): number {
  const parallel = first?.config.compare.parallel;
  return typeof parallel === 'number' ? parallel : 1;
}

/** What evaluations take, from before the first batch of each to its last. */
function stopwatch({ now }: Pick<Io, 'now'>): {
  readonly follow: (progress: EvaluationProgressed) => void;
  readonly seconds: () => number;
} {
  let begun = 0;
  let spent = 0;
  return {
    follow({ done, total }) {
      if (done === 0) begun = now();
      else if (done === total) spent += now() - begun;
    },
    seconds: () => spent / 1000,
  };
}

/** Shorter evaluations are not worth a word. */
const WORTH_A_WORD = 10;

/** One line for a trial that is over. @param measuring seconds of its evaluations, where they were seen */
function finishedLine(
  position: string,
  { label: given, seed }: PlannedTrial,
  result: TrialResult,
  io: Io,
  measuring = 0,
): string {
  const paint = paintFor(io.stderr, io.env);
  const label = visibleLine(given);
  const { test, tokensPerSecond, trainingSeconds, ledger, tieMap, metrics, subset, unit } = result;
  const primary = metrics[0] as MetricSpec;
  if (result.outcome === 'stopped')
    return `${position} ${label}, seed ${seed}: stopped after ${result.steps} steps`;
  const text = [
    `${position} ${label}, seed ${seed}: test ${measured(test[primary.name], primary)}${subset?.test ? ` (${subset.test.batches} of ${subset.test.of} batches)` : ''}`,
    `${ledger.independentLayers}/${ledger.layers} own`,
    `${formatQuantity(tokensPerSecond, quantities.rate)} ${unit === 'tokens' ? 'tok' : visibleLine(unit)}/s`,
    formatQuantity(trainingSeconds, quantities.seconds) +
      (measuring < WORTH_A_WORD ? '' : ` + ${formatQuantity(measuring, quantities.seconds)} measuring`),
  ].join(', ');
  if (paint.level === 0) return `${text}, tie map ${formatTieMap(tieMap)}`;
  const room = Math.min(columnsOf(io.stderr) - 2 - text.length, 2 * tieMap.length);
  // Less than half a column for each layer would leave layers out.
  return room < tieMap.length / 2 ? text : `${text} ${tieMapCells(tieMap, room, paint)}`;
}

/** `5.123 nats`, `accuracy 43.2 %`. */
function measured(value: number | undefined, metric: MetricSpec): string {
  const heading = metricHeading(metric);
  const text = formatQuantity(value, quantityOf(metric.unit));
  return visibleLine(heading === metric.unit ? `${text} ${heading}` : `${heading} ${text}`);
}
