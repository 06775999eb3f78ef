/** What `ligature sweep` varies, as a configuration writes it. Paths are checked when the sweep is planned. */
import { z } from 'zod';

const range = z.strictObject({
  low: z.number().describe('smallest value'),
  high: z.number().describe('largest value'),
  scale: z.enum(['linear', 'log']).default('linear').describe('log: equal ratios are equally likely'),
  step: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('from one value to the next; null: any value'),
  integer: z
    .boolean()
    .nullable()
    .default(null)
    .describe("whole numbers alone; null: as the field's type says"),
});

export const sweepSchema = z
  .strictObject({
    vary: z
      .record(
        z.string().min(1),
        z.union([z.array(z.unknown()).min(1).max(10_000), z.string(), z.number(), z.boolean(), range]),
      )
      .default({})
      .describe(
        'path of a field -> a list of values, a range, or the text of --vary: 10,50 or log:1e-4..1e-2',
      ),
    search: z
      .enum(['grid', 'random'])
      .nullable()
      .default(null)
      .describe('every combination, or drawn at random; null: grid where all values can be counted'),
    samples: z
      .number()
      .int()
      .positive()
      .max(10_000)
      .default(20)
      .describe('configurations that a random search draws'),
    seeds: z
      .union([z.number().int().positive().max(1000), z.array(z.number().int().min(0)).min(1)])
      .default(1)
      .describe('how many seeds for each configuration, counted up from `seed`, or a list of them'),
    objective: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        "what configurations are ranked by: validation.nats, test.accuracy, tokensPerSecond, …; null: the task's first metric on the validation split",
      ),
    goal: z
      .enum(['minimize', 'maximize'])
      .nullable()
      .default(null)
      .describe('null: as the metric says; of costs tokensPerSecond alone is maximized'),
    axes: z
      .array(z.string().min(1))
      .min(1)
      .max(2)
      .nullable()
      .default(null)
      .describe('the one or two fields of the picture; null: the first two'),
  })
  .describe('what `ligature sweep` runs');
