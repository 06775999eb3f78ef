/** Numbers for people: few digits and a unit. */

/** How to print values around `mean`: divide, round, append. */
interface Scale {
  readonly divisor: number;
  readonly digits: number;
  readonly unit: string;
}

/** Picks the scale by the mean, so that a mean and its deviation are printed in one unit. */
export type Quantity = (mean: number) => Scale;

const MISSING = '–';
/** No-break space: a number and its unit stay together in every renderer. */
const SPACE = '\u00a0';

const fixed =
  (digits: number, unit = ''): Quantity =>
  () => ({ divisor: 1, digits, unit });

const scaled =
  (steps: readonly (readonly [number, string])[], digits: number, base: string): Quantity =>
  (mean) => {
    const [divisor, unit] = steps.find(([size]) => Math.abs(mean) >= size) ?? [1, base];
    return { divisor, digits: divisor === 1 ? 0 : digits, unit };
  };

export const quantities = {
  nats: fixed(3),
  bitsPerByte: fixed(3),
  share: () => ({ divisor: 0.01, digits: 1, unit: `${SPACE}%` }),
  layers: (mean) => ({ divisor: 1, digits: Number.isInteger(mean) ? 0 : 1, unit: '' }),
  parameters: scaled(
    [
      [1e9, `${SPACE}G`],
      [1e6, `${SPACE}M`],
      [1e3, `${SPACE}k`],
    ],
    2,
    '',
  ),
  bytes: scaled(
    [
      [1e9, `${SPACE}GB`],
      [1e6, `${SPACE}MB`],
      [1e3, `${SPACE}kB`],
    ],
    1,
    `${SPACE}B`,
  ),
  rate: fixed(0),
  /** A standardized difference. */
  effect: fixed(2),
  seconds: fixed(1, `${SPACE}s`),
} as const satisfies Record<string, Quantity>;

/** One number in its unit; `–` when it is missing or infinite. */
export function formatQuantity(value: number | undefined, quantity: Quantity): string {
  if (value === undefined || !Number.isFinite(value)) return MISSING;
  const { divisor, digits, unit } = quantity(value);
  return `${(value / divisor).toFixed(digits)}${unit}`;
}

/** `0-0-2-2`: the form that `--controller` takes back. */
export function formatTieMap(map: readonly number[]): string {
  return map.join('-');
}
