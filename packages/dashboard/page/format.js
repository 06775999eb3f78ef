/** Numbers and names for people. */

const MISSING = '–';

/** @param {number | null} value @param {number} digits */
export const fixed = (value, digits) => (value === null ? MISSING : value.toFixed(digits));

/** @param {number | null} value */
export const whole = (value) => (value === null ? MISSING : Math.round(value).toLocaleString('en-US'));

/** At most three digits that tell something. @param {number} value */
export const short = (value) => Number(value.toPrecision(3)).toString();

/** @param {number} count @param {string} one */
export const plural = (count, one) => `${count} ${count === 1 ? one : `${one}s`}`;
