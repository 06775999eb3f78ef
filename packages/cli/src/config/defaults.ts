/** Defaults of a command in place of the general ones: they stand below what a file and flags say. */
import { runConfigSchema, type RunConfig, type RunConfigInput } from '@ligature/core';
import { checkedConfig, type ConfigDraft } from './build.js';
import { CHOICES, choiceOf, isObject, type Draft } from './paths.js';

/** @throws InputError (`config-invalid`) */
export function configWithDefaults(draft: ConfigDraft, defaults: RunConfigInput): RunConfig {
  return checkedConfig({ ...draft, written: above(draft.written, defaults as Draft) });
}

/** `upper` with the fields of `lower` that it leaves out. */
function above(upper: Draft, lower: Draft): Draft {
  const merged: Draft = { ...lower, ...upper };
  for (const [key, value] of Object.entries(upper)) {
    const below = Object.hasOwn(lower, key) ? lower[key] : undefined;
    if (CHOICES.includes(key)) merged[key] = chosenAbove(key, value, below);
    else if (isObject(value) && isObject(below)) merged[key] = above(value, below);
  }
  return merged;
}

/** A plug-in keeps no option that was meant for another one. */
function chosenAbove(field: string, upper: unknown, lower: unknown): unknown {
  const [above, below] = [choiceOf(upper), choiceOf(lower)];
  if (!above || !below) return upper;
  const usual = choiceOf((runConfigSchema.parse({}) as Draft)[field])?.name;
  const name = above.name ?? usual;
  if (name !== (below.name ?? usual)) return upper;
  return { name, options: { ...below.options, ...above.options } };
}
