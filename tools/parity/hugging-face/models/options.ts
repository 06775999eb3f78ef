/** What the configurations of several architectures have in common. */
import { describeIssues } from '@ligature/core';
import { z } from 'zod';
import type { HfConfig } from '../case.js';

/** Names of activation functions; several of `transformers` are one function. */
const ACTIVATIONS = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'gelu_new',
  gelu_fast: 'gelu_new',
  gelu_pytorch_tanh: 'gelu_new',
} as const;

export const activation = z
  .enum(Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[])
  .transform((name) => ACTIVATIONS[name]);

export const size = z.int().positive();

/** An option that is read and may only be so, because nothing else is computed here. */
export const only = <T extends z.util.Literal>(value: T): z.ZodOptional<z.ZodLiteral<T>> =>
  z.literal(value).optional();

/** @throws Error naming what cannot be */
export function readConfig<S extends z.ZodType>(schema: S, config: HfConfig): z.output<S> {
  const parsed = schema.safeParse(config);
  if (!parsed.success) throw new Error(`config.json: ${describeIssues(parsed.error)}`);
  return parsed.data;
}
