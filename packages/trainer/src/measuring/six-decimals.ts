/** Decimals that are kept: more than float32 can promise of a sum over thousands of rows, and short in a log. */
const DECIMALS = 1e6;

/** + 0 makes a zero of -0, which JSON has not. */
export const sixDecimals = (value: number): number => Math.round(value * DECIMALS) / DECIMALS + 0;
