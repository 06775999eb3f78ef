/** Options of a table: which columns are what, and how its file is read. */
import { z } from 'zod';
import { FORMATS } from '../rows/open.js';
import { sharesSchema } from '../splits.js';

const { validation, test } = sharesSchema.shape;
const column = z.string().min(1).max(1000);

export const tableOptionsSchema = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A CSV, TSV, JSON lines or Parquet file, or a folder with one for each split; the name given as dataset if left out',
      ),
    text: column.default('text').describe('Column of the texts'),
    text2: column.optional().describe('Column of second texts, where texts are read in pairs'),
    label: column.optional().describe('Column of the labels; left out: the texts are one running text'),
    rows: z
      .enum(['paragraphs', 'lines', 'auto'])
      .default('paragraphs')
      .describe(
        'What rows of a running text are; lines: with their ends, an empty one a blank line, as of WikiText on the Hub; auto: lines where every row with words ends a line',
      ),
    labels: z
      .enum(['auto', 'classes', 'numbers'])
      .default('auto')
      .describe('What labels are; auto: numbers where one of them has a fraction, classes otherwise'),
    classes: z
      .array(z.string().min(1).max(1000))
      .min(1)
      .max(10_000)
      .optional()
      .describe(
        'Names of the classes in the order of their ids; left out: the labels to train on, in their order',
      ),
    format: z
      .enum(['auto', ...FORMATS])
      .default('auto')
      .describe('Kind of the file; auto: by the ending of its name'),
    separator: z
      .string()
      .length(1)
      .regex(/[^\n\r"]/u)
      .optional()
      .describe('What stands between columns of CSV and TSV; left out: a comma, a tab'),
    quote: z
      .string()
      .length(1)
      .regex(/[^\n\r]/u)
      .nullable()
      .optional()
      .describe('What quotes columns of CSV and TSV; null: nothing. Left out: " in CSV, nothing in TSV'),
    validation: validation.describe(
      'Share of the rows to train on that is held out for validation, where no file is for it',
    ),
    test: test.describe(
      'Share of the rows to train on that is held out for testing, where no file is for it',
    ),
  })
  .superRefine(({ text2, label, labels, classes }, context) => {
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (text2 !== undefined && label === undefined)
      refuse('label', 'pairs of texts have labels: name their column');
    if (classes && labels === 'numbers') refuse('classes', 'labels that are numbers have no classes');
    if (classes && label === undefined) refuse('label', 'name the column that holds the classes');
    if (classes && new Set(classes).size !== classes.length)
      refuse('classes', 'no two classes may be called alike');
  });

export type TableOptions = z.output<typeof tableOptionsSchema>;
