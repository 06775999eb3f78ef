/** Flags of `ligature audit random-ratio`, which trains nothing and so has settings of its own. */
import { InputError } from '@ligature/core';
import type { RandomRatioSettings } from '@ligature/studies';
import { z } from 'zod';
import { parseNumber } from '../config/flags.js';
import type { AuditFlags } from './audit-flags.js';
import { checkFlags } from './run-options.js';

const schema = z.object({
  seeds: z.int().min(1).max(100_000).default(200),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  sweeps: z.int().min(1).max(1000).default(3),
});

const SIZES = [4, 6, 8, 12, 16, 24, 32, 48];
const size = z.int().min(2).max(1024);

/** What it takes besides. */
const OTHERS = ['layers', 'out', 'name', 'list', 'json', 'quiet', 'verbose'];

/** @throws InputError (`flag-misplaced`, `number-invalid`, `value-out-of-range`) */
export function randomRatioSettings(flags: AuditFlags): RandomRatioSettings {
  const known = [...Object.keys(schema.shape), ...OTHERS];
  const other = Object.keys(flags).find((flag) => !known.includes(flag));
  if (other !== undefined) {
    throw new InputError('flag-misplaced', {
      asked: `Audit random-ratio with --${other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      found: 'it trains nothing',
      todo: 'Use --layers, --seeds, --seed and --sweeps',
    });
  }
  const layers = flags.layers === undefined ? SIZES : flags.layers.split(',').map(sizeOf);
  return { ...checkFlags(schema, { ...flags }, ['seeds', 'seed', 'sweeps']), layers: [...new Set(layers)] };
}

function sizeOf(text: string): number {
  const layers = parseNumber(text, '--layers');
  if (size.safeParse(layers).success) return layers;
  throw new InputError('value-out-of-range', {
    asked: `Use ${text} layers`,
    found: 'it is no whole number from 2 to 1024',
    todo: 'Give sizes between commas, such as --layers 4,12,48',
  });
}
