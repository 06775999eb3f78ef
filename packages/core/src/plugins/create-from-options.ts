/** What the function that makes a controller begins and ends with. */
import type { z } from 'zod';
import { describeIssues } from '../config/issues.js';
import { initialMap, type InitialMap } from '../config/initial-map.js';
import type { Controller } from '../contracts/controller.js';
import { InputError } from '../errors.js';

export interface ControllerOptions<S extends z.ZodType> {
  /** The name of the controller, for messages. */
  readonly controller: string;
  readonly schema: S;
  readonly options: unknown;
  readonly layers: number;
}

/** @throws InputError (`options-invalid`) */
export function parseControllerOptions<S extends z.ZodType>({
  controller,
  schema,
  options,
}: Omit<ControllerOptions<S>, 'layers'>): z.output<S> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new InputError('options-invalid', {
    asked: `Create the ${controller} controller`,
    found: describeIssues(parsed.error, { value: options, schema }),
    todo: `See \`ligature plugins ${controller}\` for what it takes`,
  });
}

/**
 * Validates options, makes the controller with them and gives it the map that its option `initial` stands for.
 *
 * @throws InputError (`options-invalid`; `tie-map-invalid` when `initial` does not fit the stack)
 */
export function createFromOptions<
  S extends z.ZodType<{ readonly initial: InitialMap }>,
  C extends Controller,
>({ controller, schema, options, layers }: ControllerOptions<S>, make: (options: z.output<S>) => C): C {
  const parsed = parseControllerOptions({ controller, schema, options });
  const initial = initialMap(parsed.initial, layers);
  const made = make(parsed);
  return initial ? Object.assign(made, { initial: () => initial }) : made;
}
