/**
 * LoRA (Hu et al. 2021): a layer reads W + (alpha / rank) A B where the model asks for W. A and B belong to one layer
 * and are never tied, so layers that share W differ by theirs (relaxed recursive transformers, Bae et al. 2024).
 */
import { describeIssues, InputError } from '@ligature/core';
import type { Adapter, ParameterSpec } from '@ligature/core';
import { withPairs } from './cost.js';
import { loraOptionsSchema } from './options.js';
import type { LoraOptions, LoraOptionsInput } from './options.js';
import { pairsOf } from './pairs.js';
import type { Pair } from './pairs.js';
import { loraView } from './view.js';

/** @throws InputError (`options-invalid`) */
export function createLora(options: LoraOptionsInput = {}): Adapter {
  const parsed = loraOptionsSchema.safeParse(options);
  if (!parsed.success) {
    throw new InputError('options-invalid', {
      asked: 'Create the adapter lora',
      found: describeIssues(parsed.error, { value: options, schema: loraOptionsSchema }),
      todo: 'See `ligature plugins lora` for what it takes',
    });
  }
  const { rank, alpha = rank } = parsed.data;
  return {
    name: 'lora',
    wrap(specs) {
      const pairs = new Map(pairsOf(specs, parsed.data).map((pair) => [pair.target.name, pair]));
      return {
        parameters: adapted(specs, [...pairs.values()], parsed.data),
        view: (inner) => loraView(inner, pairs, alpha / rank),
        cost: (cost) => withPairs(cost, pairs.values()),
      };
    },
  };
}

/** A target's factors follow after it, so that a layer's weights stay together. */
function adapted(
  specs: readonly ParameterSpec[],
  pairs: readonly Pair[],
  { train }: LoraOptions,
): ParameterSpec[] {
  return specs.flatMap((spec) => {
    const pair = pairs.find(({ target }) => target === spec);
    const kept = train === 'adapter' ? { ...spec, trainable: false } : spec;
    return pair ? [kept, pair.a, pair.b] : [kept];
  });
}
