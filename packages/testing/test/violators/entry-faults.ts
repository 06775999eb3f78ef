/** Faults of the entry itself, which every kind of plug-in can have. */
import type { z } from 'zod';
import { z as zod } from 'zod';

/** Whatever an entry is made of, these look at it alone. */
const ENTRY_RULES = [
  'registers',
  'options-defaults',
  'options-json',
  'options-unknown',
  'options-described',
  'creates',
];

export interface EntryFault {
  readonly rule: string;
  readonly only: readonly string[];
  readonly fault: string;
  readonly found: RegExp;
  /** In the place of the good entry's summary and schema. */
  readonly meta: { readonly summary?: string; readonly options?: z.ZodType };
}

/** @param fields those of the good schema, so that the entry works apart from its fault */
export function entryFaults(fields: z.ZodRawShape): EntryFault[] {
  const object = zod.strictObject;
  let parses = 0;
  const faults: Omit<EntryFault, 'only'>[] = [
    { rule: 'registers', fault: 'has an empty summary', found: /host refuses it/, meta: { summary: '' } },
    {
      rule: 'registers',
      fault: 'has a summary of two lines',
      found: /more than one line/,
      meta: { summary: 'a\nb' },
    },
    {
      rule: 'options-defaults',
      fault: 'has an option without a default',
      found: /rate is missing|rate must be/,
      meta: { options: object({ ...fields, rate: zod.number().describe('a rate') }) },
    },
    {
      rule: 'options-json',
      fault: 'has an option that JSON cannot hold',
      found: /no JSON Schema/,
      meta: {
        options: object({
          ...fields,
          names: zod.map(zod.string(), zod.number()).default(new Map()).describe('names'),
        }),
      },
    },
    {
      rule: 'options-json',
      fault: 'parses the same options to something else each time',
      found: /serial/,
      meta: {
        options: object({
          ...fields,
          serial: zod
            .number()
            .default(() => (parses += 1))
            .describe('a number'),
        }),
      },
    },
    {
      rule: 'options-described',
      fault: 'does not say what an option does',
      found: /"inner.rate"/,
      meta: {
        options: object({
          ...fields,
          inner: zod
            .strictObject({ rate: zod.number().default(1) })
            .prefault({})
            .describe('inner options'),
        }),
      },
    },
    {
      rule: 'options-unknown',
      fault: 'passes over options that it does not know',
      found: /takes/,
      meta: { options: zod.object(fields) },
    },
  ];
  return faults.map((fault) => ({ ...fault, only: ENTRY_RULES }));
}
