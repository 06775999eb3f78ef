/** Defaults of a command in place of the general ones: they stand below what a file and flags say. */
import type { RunConfig, RunConfigInput } from '@ligature/core';
import { checkedConfig, type ConfigDraft } from './build.js';
import { CHOICES, isObject, type Draft } from './paths.js';

/** @throws InputError (`config-invalid`) */
export function configWithDefaults(draft: ConfigDraft, defaults: RunConfigInput): RunConfig {
  return checkedConfig({ ...draft, written: above(draft.written, defaults as Draft) });
}

/** `upper` with the fields of `lower` that it leaves out. A plug-in keeps no option that was meant for another one. */
function above(upper: Draft, lower: Draft): Draft {
  const merged: Draft = { ...lower, ...upper };
  for (const [key, value] of Object.entries(upper)) {
    const below = Object.hasOwn(lower, key) ? lower[key] : undefined;
    if (isObject(value) && isObject(below) && !CHOICES.includes(key)) merged[key] = above(value, below);
  }
  return merged;
}
