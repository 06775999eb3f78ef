/** Options of the dataset `hub`: those of what its files become, and how the Hub is asked. */
import { glueOptionsSchema, tableOptionsSchema } from '@ligature/datasets';
import { z } from 'zod';

const { text, text2, label, labels, classes, validation, test } = tableOptionsSchema.shape;

export const hubOptionsSchema = z
  .strictObject({
    repo: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe('Name on the Hub, hf:owner/name/config@revision; the name given as dataset if left out'),
    ...{ text, text2, label, labels, classes },
    rows: z
      .enum(['auto', 'lines', 'paragraphs'])
      .default('auto')
      .describe('What rows of a running text are; auto: lines where every row with words ends a line'),
    ...{ validation, test },
    mismatched: glueOptionsSchema.shape.mismatched,
    mirror: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe(
        'Address of a server that speaks as the Hub does; it is never sent HF_TOKEN. Left out: HF_ENDPOINT',
      ),
    offline: z.boolean().default(false).describe('Only what the cache holds, as HF_HUB_OFFLINE=1 says, too'),
  })
  .superRefine((options, context) => {
    const { text2, label, labels, classes } = options;
    const given = { text2, label, labels, classes };
    const parsed = tableOptionsSchema.safeParse(
      Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    );
    for (const { path, message } of parsed.error?.issues ?? []) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  });

export type HubDatasetOptions = z.output<typeof hubOptionsSchema>;
