/** Checks every name and every option of a configuration before anything is read, made or started. */
import {
  createRandomStream,
  createRunContainer,
  InputError,
  MOVED_EVALUATORS,
  TOKENS,
  type Choice,
  type ControllerContext,
  type PluginHost,
  type PluginKind,
  type RunConfig,
  type RunContainer,
} from '@ligature/core';
import { resolveDataset } from '@ligature/datasets';

/**
 * @param config settled
 * @param controllers those that will run
 * @throws InputError for the first thing that is wrong
 */
export async function preflight(
  config: RunConfig,
  controllers: readonly Choice[],
  host: PluginHost,
  cwd: string,
): Promise<void> {
  const check = (kind: PluginKind, { name, options }: Choice): unknown => host.options(kind, name, options);
  for (const controller of controllers) check('controllers', controller);
  check('rewards', config.reward);
  if (config.tokenizer !== null) check('tokenizers', config.tokenizer);
  for (const evaluator of config.evaluation.evaluators) {
    refuseMoved(evaluator, host);
    check('evaluators', evaluator);
  }
  for (const recorder of config.recorders) check('recorders', recorder);
  if (config.weights.from !== null) check('weights', config.weights.from);
  if (config.backend.name !== 'auto') check('backends', config.backend);
  if (config.dataset !== null) {
    const { name: written, options } = config.dataset;
    const dataset = await resolveDataset(written, {
      known: host.names('datasets'),
      folder: cwd,
      given: options,
    });
    check('datasets', { name: dataset.name, options: { ...dataset.options, ...options } });
  }
  await makeOnce(config, controllers, host);
}

/** In configurations of before there were tasks. */
function refuseMoved({ name }: Choice, host: PluginHost): void {
  if (!MOVED_EVALUATORS.includes(name) || host.names('evaluators').includes(name)) return;
  throw new InputError('evaluator-moved', {
    asked: `Use the evaluator "${name}"`,
    found: 'there is none of that name: what it measured, the task measures by itself now',
    todo: `Leave "${name}" out of evaluation.evaluators`,
  });
}

/**
 * What only shows when a part is made: heads that do not divide the width, a tie map of another length. Neither owns a
 * weight yet, so both are cheap. What the data says to the model is not known before it is read; a vocabulary may be
 * anything, and a model that needs other facts is looked at when the run begins.
 */
async function makeOnce(config: RunConfig, controllers: readonly Choice[], host: PluginHost): Promise<void> {
  const { name, options } = config.model;
  const limits = { seconds: config.tying.timeoutSeconds };
  const layers =
    config.tokenizer === null
      ? layersOf(config)
      : (await host.create('models', name, options, { inputs: { vocabularySize: 256 } }, limits)).layers;
  if (layers === undefined) return;
  const container = createRunContainer();
  container.provide(TOKENS.createController, (name, own) =>
    host.create('controllers', name, own, contextOf(config, layers, container), limits),
  );
  for (const { name: controller, options: own } of controllers) {
    const context = contextOf(config, layers, container);
    const made = await host.create('controllers', controller, own, context, limits);
    made.initial?.(layers);
    made.dispose?.();
  }
}

const contextOf = ({ seed }: RunConfig, layers: number, { get }: RunContainer): ControllerContext => ({
  layers,
  seed,
  random: createRandomStream(seed, 'policy/initialization'),
  get,
});

function layersOf({ model }: RunConfig): number | undefined {
  const { layers } = model.options;
  return typeof layers === 'number' ? layers : undefined;
}
