/** Numbers inside sentences. */
export { plural } from '../presentation/words.js';
export { probability as probabilityText } from '../statistics/wording.js';

/** `97 %`; three digits where that would say all or nothing. */
export function shareText(share: number): string {
  const percent = 100 * share;
  const whole = Math.round(percent);
  return `${whole === percent || (whole > 0 && whole < 100) ? whole : percent.toPrecision(3)} %`;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
