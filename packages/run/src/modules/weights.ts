/** Where weights start, when not at random: `weights.from` of the configuration. */
import {
  ContractError,
  InputError,
  TOKENS,
  type RunConfig,
  type RunModule,
  type SplitName,
  type WeightSource,
} from '@ligature/core';
import type { WeightRegistry } from '@ligature/weight-sharing';
import { createChosen } from '../create-chosen.js';
import type { ComposeEnvironment } from '../compose-environment.js';
import { RUN_TOKENS } from '../tokens.js';

/** The rest of the run begins anew: the loop, the batches, the controller. */
export const weights =
  (config: RunConfig, env: ComposeEnvironment): RunModule =>
  async (container) => {
    const { from } = config.weights;
    if (from === null) return;
    const kind = await createChosen(env.host, config, 'weights', from, {
      folder: env.cwd,
      ...(env.stored && { stored: env.stored }),
    });
    const source = await kind.open();
    assertSameDigests(source.digests ?? {}, container.get(TOKENS.prepared).digests, from.name);
    takeOn(container.get(TOKENS.registry) as WeightRegistry, source, from.name);
    container.provide(RUN_TOKENS.weightsOrigin, { kind: from.name, ...source.origin });
  };

/** What fits neither model nor profile was asked for by whoever wrote the configuration. */
function takeOn(registry: WeightRegistry, source: WeightSource, name: string): void {
  try {
    if (source.registry === undefined) registry.importWeights(source.weights);
    else registry.restore(source.registry, source.weights);
  } catch (cause) {
    if (!(cause instanceof ContractError)) throw cause;
    const { found } = cause.parts;
    throw new InputError(
      'weights-unfit',
      {
        asked: `Start from the weights of "${name}"`,
        found: `they are of another model or tying profile: ${found}`,
        todo: 'Use the same model, adapters and profile',
      },
      { cause },
    );
  }
}

function assertSameDigests(
  found: Readonly<Record<string, string>>,
  own: Readonly<Record<SplitName, string>>,
  name: string,
): void {
  if (found['train'] === undefined || found['train'] === own.train) return;
  throw new InputError('run-data-changed', {
    asked: `Start from the weights of "${name}"`,
    found: 'they were trained on other data, or with another tokenizer',
    todo: 'Use the same dataset and tokenizer',
  });
}
