import { z } from 'zod';

export const questionAnsweringOptionsSchema = z.strictObject({
  context: z
    .int()
    .min(10)
    .max(65_536)
    .nullable()
    .default(null)
    .describe(
      "longest sequence in tokens; null: the model's context. Longer texts are read in several windows",
    ),
  stride: z
    .int()
    .min(0)
    .max(65_536)
    .nullable()
    .default(null)
    .describe(
      'tokens that one window has in common with the next; null: 128, or a third of a shorter sequence',
    ),
  maxQuestion: z
    .int()
    .min(1)
    .max(65_536)
    .nullable()
    .default(null)
    .describe(
      'tokens of a question at most, of which the first ones are kept; null: 64, or a third of a shorter sequence',
    ),
  maxAnswer: z.int().min(1).max(1024).default(30).describe('tokens of the longest answer that is given'),
  nullThreshold: z
    .number()
    .default(0)
    .describe(
      'how much more "no answer" has to score than the best answer to be given, where that may be right',
    ),
});

export type QuestionAnsweringOptions = z.output<typeof questionAnsweringOptionsSchema>;
