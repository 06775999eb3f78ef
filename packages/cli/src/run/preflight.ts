/** Checks every name and every option of a configuration before anything is read, made or started. */
import {
  createRandomStream,
  InputError,
  type Choice,
  type PluginHost,
  type PluginKind,
  type RunConfig,
} from '@ligature/core';
import { resolveDataset } from '@ligature/datasets';

/**
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
  check('tokenizers', config.tokenizer);
  for (const evaluator of config.evaluation.evaluators) check('evaluators', evaluator);
  for (const recorder of config.recorders) check('recorders', recorder);
  if (config.backend.name !== 'auto') check('backends', config.backend);
  const dataset = await resolveDataset(config.dataset.name, { known: host.names('datasets'), folder: cwd });
  check('datasets', { name: dataset.name, options: { ...dataset.options, ...config.dataset.options } });

  // What only shows when a part is made: heads that do not divide the width, a tie map of another length.
  // Neither owns a weight yet, so both are cheap; the vocabulary is not known before the text is read.
  const { name, options: own, ...shape } = config.model;
  const twice = Object.keys(own).find((option) => option in shape);
  if (twice !== undefined) {
    throw new InputError('model-option-twice', {
      asked: `Use model.options.${twice}`,
      found: `model.${twice} is a field of its own, and would not be what the model is made with`,
      todo: `Set model.${twice} in its place`,
    });
  }
  const { layers } = await host.create('models', name, { ...shape, ...own }, { vocabularySize: 256 });
  for (const { name: controller, options } of controllers) {
    const random = createRandomStream(config.seed, 'policy/initialization');
    const made = await host.create('controllers', controller, options, { layers, seed: config.seed, random });
    made.initial?.(layers);
    made.dispose?.();
  }
}
