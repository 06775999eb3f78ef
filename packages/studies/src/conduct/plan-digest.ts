/** A fingerprint of what a study was planned to be, so that a page can say whether it still is. */
import { createHash } from 'node:crypto';

/** How trials are run and where they lie: they may change without making another study of it. */
const ASIDE = ['out', 'threads', 'backend', 'plugins', 'recorders', 'eventLog', 'checkpoint'];

/**
 * SHA-256 of a configuration and settings as JSON holds them, keys in order: not as this version reads them, so that a
 * field that a later version adds does not look like a change.
 */
export function planDigest(study: string, config: unknown, settings: unknown): string {
  const plain = JSON.parse(JSON.stringify({ study, config, settings })) as {
    config: Record<string, unknown> & { compare?: Record<string, unknown> };
  };
  for (const field of ASIDE) delete plain.config[field];
  delete plain.config.compare?.['parallel'];
  return createHash('sha256')
    .update(JSON.stringify(inOrder(plain)))
    .digest('hex');
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, inOrder(inner)]),
  );
}
