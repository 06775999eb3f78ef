import { z } from 'zod';

export const loraOptionsSchema = z.strictObject({
  rank: z.number().int().min(1).max(65_536).default(8).describe('columns of A and rows of B'),
  alpha: z
    .number()
    .positive()
    .optional()
    .describe('the product is scaled by alpha / rank; default: the rank'),
  targets: z
    .array(z.string().min(1))
    .min(1)
    .default(['*'])
    .describe('matrices of a layer by their names inside it, * for any part: attn.*, *.c_proj.weight'),
  train: z
    .enum(['adapter', 'all'])
    .default('adapter')
    .describe('what trains: the adapter alone, with everything else frozen, or all that trained before, too'),
});

export type LoraOptions = z.output<typeof loraOptionsSchema>;
export type LoraOptionsInput = z.input<typeof loraOptionsSchema>;
