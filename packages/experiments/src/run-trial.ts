/** The whole of one run, from configuration to result, in this process. */
import { join } from 'node:path';
import { selectBackend, type SelectedBackend } from '@ligature/backends';
import type { EventBus, Evaluator, Metrics, RunConfig } from '@ligature/core';
import { checkpointPath, saveModel } from '@ligature/trainer';
import { memory as tfMemory } from '@tensorflow/tfjs-core';
import { Collector } from './collector.js';
import { composeRun, disposeAfter, type ComposedRun } from './compose.js';
import { controllerLabel } from './controller-label.js';
import type { RunEnvironment } from './environment.js';
import { EventLog } from './event-log.js';
import { writeManifest } from './manifest.js';
import type { MemoryPeak, TextSummary, TrialResult } from './results.js';
import { makeFolders, writeJson } from './run-folder.js';
import { prepareText, type PreparedText } from './text.js';

/**
 * Trains, evaluates and saves one run.
 *
 * @param folder the run's folder; made if it is not there
 * @throws InputError for whatever the configuration gets wrong, LigatureError when training fails
 */
export async function runTrial(config: RunConfig, folder: string, env: RunEnvironment): Promise<TrialResult> {
  const backend = await selectBackend(config.backend, env.host);
  const text = await prepareText(config, env);
  const run = await composeRun(config, text, env);
  let result: TrialResult;
  try {
    makeFolders(folder);
    writeJson(join(folder, 'config.json'), config);
    writeManifest(folder, config, backend, env.host);
    result = await trainAndMeasure(config, folder, env, run, text, backend);
  } catch (error) {
    await disposeAfter(run.container);
    throw error;
  }
  await run.container.dispose();
  return result;
}

async function trainAndMeasure(
  config: RunConfig,
  folder: string,
  env: RunEnvironment,
  run: ComposedRun,
  text: PreparedText,
  backend: SelectedBackend,
): Promise<TrialResult> {
  const { bus, registry } = run;
  const log = new EventLog(folder);
  run.container.onDispose(() => log.close());
  run.container.onDispose(log.attach(bus));
  await attachRecorders(config, folder, env, run);
  const collector = new Collector();
  collector.attach(bus);
  const memory = new MemoryWatch(bus);
  env.listen?.(bus);

  const { outcome, step } = await run.trainer.run();
  const result: TrialResult = {
    controller: controllerLabel(config.controller),
    seed: config.seed,
    steps: step,
    tokens: collector.tokens,
    validation: collector.metrics('validation'),
    test: collector.metrics('test'),
    ledger: registry.ledger(config.training.batch, config.model.context),
    tieMap: registry.tieMap,
    tieMaps: collector.tieMaps,
    losses: collector.losses,
    diagnostics: collector.diagnostics,
    memory: memory.peak(),
    tokensPerSecond: collector.tokensPerSecond(),
    trainingSeconds: collector.trainingMs / 1000,
    text: summarizeText(text),
    summary: Object.assign({}, ...run.evaluators.map(named)) as Metrics,
    backend: { name: backend.name, version: backend.version, detail: backend.detail },
    outcome,
    folder,
    config,
  };
  const path = checkpointPath(step);
  const { tokenizer } = text;
  await saveModel(join(folder, path), registry, {
    config,
    tokenizerJson: tokenizer.toJSON(),
    vocabularySize: tokenizer.vocabularySize,
    step,
  });
  await bus.publish({ type: 'checkpoint.saved', step, path });
  writeJson(join(folder, 'result.json'), result);
  return result;
}

async function attachRecorders(
  config: RunConfig,
  folder: string,
  env: RunEnvironment,
  { bus, container }: ComposedRun,
): Promise<void> {
  for (const { name, options } of config.recorders) {
    const recorder = await env.host.create('recorders', name, options, { folder });
    container.onDispose(() => recorder.close());
    container.onDispose(recorder.attach(bus));
  }
}

/** An evaluator's findings under its own name: `throughput.tokensPerSecond`. */
function named(evaluator: Evaluator): Metrics {
  const found = Object.entries(evaluator.summary?.() ?? {});
  return Object.fromEntries(found.map(([metric, value]) => [`${evaluator.name}.${metric}`, value]));
}

function summarizeText({ tokenizer, tokens }: PreparedText): TextSummary {
  return {
    vocabularySize: tokenizer.vocabularySize,
    trainingTokens: tokens.tokens('train').length,
    validationTokens: tokens.tokens('validation').length,
    testTokens: tokens.tokens('test').length,
    splits: tokens.origin('test'),
  };
}

/** Peaks of this process, looked at after every step. */
class MemoryWatch {
  private backendBytes = 0;

  constructor(bus: EventBus) {
    bus.on('step.completed', 'memory watch').subscribe(() => {
      this.backendBytes = Math.max(this.backendBytes, tfMemory().numBytes);
    });
  }

  peak(): MemoryPeak {
    // Linux and macOS disagree on the unit of the system call; Node gives kibibytes on both.
    return { backendBytes: this.backendBytes, residentBytes: process.resourceUsage().maxRSS * 1024 };
  }
}
