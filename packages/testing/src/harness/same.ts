import { broken } from './finding.js';
import { difference } from './show.js';

/** @throws Finding saying where they differ, after `what` */
export function assertSame(one: unknown, other: unknown, what: string): void {
  const found = difference(one, other, ['at first', 'then']);
  if (found !== undefined) broken(`${what}: ${found}`);
}
