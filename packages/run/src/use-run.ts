/** What a finished run is good for: measuring it again, and writing text with it. */
import {
  createRandomStream,
  createRunContainer,
  InputError,
  TOKENS,
  type Ledger,
  type Metric,
  type Metrics,
  type MetricSpec,
  type Prepared,
  type RunContainer,
  type SplitName,
  type Subset,
  type Task,
  type Tokenizer,
} from '@ligature/core';
import { generateTokens, type GenerationOptions as TokenOptions } from '@ligature/tasks';
import { createEvaluation, headOf, summaryOf, type Evaluated } from '@ligature/trainer';
import { roundWeights, type Rounding } from '@ligature/weight-sharing';
import { memory } from '@tensorflow/tfjs-core';
import { compareData, dataChanged, dataUnknown } from './checkpointing.js';
import { raiseNotice, tell } from './compose-environment.js';
import { controllerLabel } from './controller-label.js';
import { createChosen } from './create-chosen.js';
import { cutSplit } from './cut-split.js';
import { prepareData } from './data.js';
import { measureFloors, type FloorOnSets } from './floors.js';
import { onBus, type HeardEnvironment, type RunEnvironment } from './environment.js';
import { allMetrics } from './modules/measuring.js';
import { openRun, type OpenRun } from './open-run.js';
import type { BackendOverride } from './take-backend.js';

export interface RunEvaluation {
  readonly split: SplitName;
  /** Targets that were scored: tokens of a language model. */
  readonly tokens: number;
  /** Of the text behind them, where there is a text. */
  readonly bytes?: number;
  readonly metrics: Metrics;
  /** Where only some batches of the split were wanted, or rewards had some to themselves. */
  readonly subset?: Subset;
  /** What they are: name, unit, direction. */
  readonly specs: readonly MetricSpec[];
  readonly unit: string;
  readonly lossUnit: string;
  /** What needs no training reaches on the same targets, the weakest first. */
  readonly floors: readonly (Pick<FloorOnSets, 'name' | 'description'> & { readonly metrics: Metrics })[];
  readonly controller: string;
  readonly seed: number;
  /** As it is stored, first as it was trained, then with weights rounded as was asked for. */
  readonly stored: readonly StoredEvaluation[];
  readonly ledger: Ledger;
  readonly tieMap: readonly number[];
  /** Where the model is that of the best step by validation: that step, and how many the run had. */
  readonly best?: OpenRun['best'];
}

/** The model in one way of storing it. */
export interface StoredEvaluation {
  readonly rounding: Rounding;
  readonly metrics: Metrics;
  /** Size of the file of weights: each block once, header included. */
  readonly bytes: number;
  /** Numbers of it that were rounded, and those that stayed float32. */
  readonly rounded: number;
  readonly kept: number;
}

/**
 * Measures a run's saved model on a split of its own dataset (without what the run set apart for rewards), and with its weights rounded, if asked. Nothing in the folder
 * of the run changes.
 *
 * @param options `round`: how weights are rounded besides, one after the other
 * @throws InputError (`run-data-changed`) when that split is not what it was when the run was trained; another split that
 *   is not is said
 */
export async function evaluateRun(
  folder: string,
  options: BackendOverride & {
    readonly split: SplitName;
    readonly batches?: number;
    readonly round?: readonly Rounding[];
  },
  env: RunEnvironment,
): Promise<RunEvaluation> {
  const run = await openRun(folder, env, options);
  try {
    const { config, task, model, objective, registry, saved } = run;
    const inside = onBus(env, run.bus);
    const { prepared: data } = await prepareData(task, config, inside, saved.task);
    await compareWithRun(run, data, options.split, inside);
    const { context } = model;
    const { of, apart, open, take } = cutSplit(options.split, data, config, context);
    const set = options.batches === undefined ? open : take('spread', options.batches);
    const training = { batch: config.training.batch, context };
    const { shape } = data.batches(training, createRandomStream(config.seed, 'data-order'));
    const ledger = (): Ledger => registry.ledger(objective.cost(shape));
    const { get } = partsOf(run, data, ledger, env);
    const evaluators = await Promise.all(
      config.evaluation.evaluators.map((chosen) =>
        createChosen(env.host, config, 'evaluators', chosen, {
          layers: objective.layers,
          backendBytes: () => memory().numBytes,
          now: env.now,
          get,
        }),
      ),
    );
    const metrics = allMetrics(task, evaluators);
    const sets = {
      full: { [options.split]: set },
      batches: { [options.split]: of },
      apart: { [options.split]: apart.length },
    };
    const floors = await measureFloors({ prepared: data, task, config, context, sets: sets.full }, inside);
    const evaluate = createEvaluation(objective, registry, sets, metrics, (progress) =>
      tell(run.bus, { type: 'evaluation.progressed', ...progress }),
    );
    // Before weights are rounded: a registry counts those that it has taken on anew.
    const costs = ledger();
    // No signal ends it.
    const { stored, evaluated } = await evaluateStored(
      run,
      options.round ?? [],
      async () => (await evaluate(options.split, true)) as Evaluated,
    );
    return {
      split: options.split,
      ...evaluated,
      tokens: set.scope.weight,
      ...(set.scope.bytes !== undefined && { bytes: set.scope.bytes }),
      ...specsOf(task, metrics),
      floors: floors.map(({ name, description, splits }) => ({
        ...{ name, description },
        metrics: splits[options.split] ?? {},
      })),
      ...{ controller: controllerLabel(config.controller), seed: config.seed },
      stored,
      ledger: costs,
      tieMap: registry.tieMap,
      ...(run.best && { best: run.best }),
    };
  } finally {
    run.dispose();
  }
}

/** As it was trained, then rounded: always from the weights of the checkpoint. */
async function evaluateStored(
  { registry, model }: OpenRun,
  round: readonly Rounding[],
  measure: () => Promise<Evaluated>,
): Promise<{ readonly stored: readonly StoredEvaluation[]; readonly evaluated: Evaluated }> {
  const weights = registry.exportWeights();
  const found: StoredEvaluation[] = [];
  const passes: Evaluated[] = [];
  for (const rounding of new Set<Rounding>(['none', ...round])) {
    const { restored, bytes, rounded, kept } = roundWeights(weights, model, rounding);
    if (rounding !== 'none') registry.importWeights(restored);
    const count = (names: readonly string[]): number =>
      names.reduce((sum, name) => sum + (restored.tensors.get(name)?.data.length ?? 0), 0);
    const pass = await measure();
    passes.push(pass);
    found.push({ rounding, metrics: pass.metrics, bytes, rounded: count(rounded), kept: count(kept) });
  }
  return { stored: found, evaluated: passes[0] as Evaluated };
}

async function compareWithRun(
  { folder, digests = {} }: OpenRun,
  data: Prepared,
  split: SplitName,
  env: HeardEnvironment,
): Promise<void> {
  const { changed, unknown } = compareData(digests, data);
  if (changed.includes(split)) throw dataChanged(`Measure the run "${folder}" on its ${split} data`, [split]);
  if (changed.length > 0) {
    await raiseNotice(
      env,
      `the data of the run (${changed.join(', ')}) has changed since; its ${split} data is as it was`,
    );
  }
  if (unknown.includes(split)) await raiseNotice(env, dataUnknown([split]));
}

/** What an evaluator may take of a run that is measured and not trained. */
function partsOf(run: OpenRun, prepared: Prepared, ledger: () => Ledger, env: RunEnvironment): RunContainer {
  const parts = createRunContainer();
  parts.provide(TOKENS.bus, run.bus);
  parts.provide(TOKENS.config, run.config);
  parts.provide(TOKENS.now, env.now);
  parts.provide(TOKENS.task, run.task);
  parts.provide(TOKENS.prepared, prepared);
  parts.provide(TOKENS.model, run.model);
  parts.provide(TOKENS.objective, run.objective);
  parts.provide(TOKENS.registry, run.registry);
  parts.provide(TOKENS.ledger, ledger);
  return parts;
}

function specsOf(task: Task, metrics: readonly Metric[]): Pick<RunEvaluation, 'specs' | 'unit' | 'lossUnit'> {
  const { metrics: specs, unit, lossUnit } = summaryOf(task, metrics);
  return { specs, unit, lossUnit };
}

/** How tokens are drawn, and where to begin. */
export interface GenerationOptions extends Omit<TokenOptions, 'stopId'> {
  readonly prompt: string;
  readonly seed: number;
}

/**
 * Writes on from a prompt, piece by piece. A piece is whole characters: bytes of a character that is not
 * complete yet wait for the rest.
 */
export async function* generateText(run: OpenRun, options: GenerationOptions): AsyncGenerator<string> {
  const { prompt, seed, ...sampling } = options;
  const tokenizer = tokenizerOf(run);
  const start = tokenizer.bosId ?? tokenizer.eosId ?? 0;
  const before = promptIds(tokenizer, prompt);
  const stopId = endOfText(tokenizer);
  const tokens = generateTokens(
    { model: run.model, head: headOf(run.model, run.fitted.head) },
    run.registry.view(),
    before.length > 0 ? before : [start],
    { ...sampling, ...(stopId !== undefined && { stopId }) },
    createRandomStream(seed, 'generation'),
  );
  // Decoded after the prompt, so that a tokenizer of words puts a space between the two.
  const ids = [...before];
  let shown = tokenizer.decode(ids).length;
  for await (const id of tokens) {
    ids.push(id);
    const text = tokenizer.decode(ids);
    if (text.endsWith('\uFFFD')) continue;
    yield text.slice(shown);
    shown = text.length;
  }
  const rest = tokenizer.decode(ids).slice(shown);
  if (rest) yield rest;
}

/** @throws InputError (`run-writes-no-text`) for a run whose task predicts no next token */
function tokenizerOf({ fitted, task, folder }: OpenRun): Tokenizer {
  if (fitted.tokenizer && fitted.head.kind === 'causal-lm') return fitted.tokenizer;
  throw new InputError('run-writes-no-text', {
    asked: `Write text with the run "${folder}"`,
    found: `its task is ${task.name}, which predicts no next token`,
    todo: 'Use a run of the task causal-lm',
  });
}

/** An end of line or text that the tokenizer adds by itself is taken off again: the text is to go on there. */
function promptIds(tokenizer: Tokenizer, prompt: string): number[] {
  const { eosId } = tokenizer;
  const ids = [...tokenizer.encode(prompt)];
  if (eosId === undefined || ids.at(-1) !== eosId) return ids;
  const written = prompt.endsWith(tokenizer.decode([eosId]));
  return written ? ids : ids.slice(0, -1);
}

/** The token after which nothing follows. The `<eos>` of WikiText words is the end of a line, not of a text. */
function endOfText(tokenizer: Tokenizer): number | undefined {
  const { eosId } = tokenizer;
  return eosId === undefined || tokenizer.decode([eosId]) === '\n' ? undefined : eosId;
}

/** Words of a prompt that the tokenizer does not know and reads as one `<unk>`; other tokenizers know all. */
export function unknownWords(run: OpenRun, prompt: string): string[] {
  const tokenizer = tokenizerOf(run);
  if (tokenizer.name !== 'word') return [];
  const words = new Set(prompt.split(/\p{White_Space}+/u).filter((word) => word !== '' && word !== UNKNOWN));
  return [...words].filter((word) => tokenizer.decode(tokenizer.encode(word)).trim() === UNKNOWN);
}

const UNKNOWN = '<unk>';
