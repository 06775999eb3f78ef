/**
 * Values of a varied field: `10,50,100` is a list, `0.1..0.9` a range, `0..1:0.25` a range with a step, `log:1e-4..1e-2`
 * is drawn logarithmically, `int:1..9` has whole numbers alone.
 */
import { InputError, type RunConfig, type StudyTools } from '@ligature/core';
import type { SweepDimension, SweepRange } from '../types.js';
import type { FieldType } from './field-type.js';

/** As a configuration writes the values of one field. */
export type Written = NonNullable<RunConfig['sweep']>['vary'][string];

const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`;
const RANGE = new RegExp(`^((?:log:|int:)*)(${NUMBER})\\.\\.(${NUMBER})(?::(${NUMBER}))?$`);

/**
 * @param key the field as the user named it, for messages
 * @throws InputError (`sweep-range-invalid`, `sweep-value-twice`, `choice-invalid`, `tie-map-invalid`)
 */
export function dimensionOf(
  key: string,
  path: readonly string[],
  written: Written,
  type: FieldType,
  read: StudyTools['read'],
): SweepDimension {
  if (Array.isArray(written)) return list(key, path, written, read);
  if (typeof written === 'object') {
    const { low, high, scale, step, integer } = written;
    const whole = integer ?? type.integer ?? (Number.isInteger(low) && Number.isInteger(high));
    return range(key, { kind: 'range', low, high, scale, step, integer: whole }, type);
  }
  if (typeof written !== 'string') return list(key, path, [written], read);
  const [, marks = '', low = '', high = '', step] = RANGE.exec(written.trim()) ?? [];
  if (low === '')
    return list(
      key,
      path,
      read.split(written, ',').map((part) => part.trim()),
      read,
    );
  // 0..1 of a field whose type nobody knows: whole numbers, as they are written.
  const plain = [low, high, step ?? '0'].every((text) => /^[-+]?\d+$/.test(text));
  const parsed: SweepRange = {
    kind: 'range',
    low: Number(low),
    high: Number(high),
    scale: marks.includes('log:') ? 'log' : 'linear',
    step: step === undefined ? null : Number(step),
    integer: marks.includes('int:') || (type.integer ?? plain),
  };
  return range(key, parsed, type);
}

function list(
  key: string,
  path: readonly string[],
  items: readonly unknown[],
  read: StudyTools['read'],
): SweepDimension {
  const values = items.map((item) => valueOf(key, path, item, read));
  const texts = values.map((value) => JSON.stringify(value));
  const twice = texts.find((text, index) => texts.indexOf(text) !== index);
  if (twice !== undefined) {
    throw new InputError('sweep-value-twice', {
      asked: `Vary ${key}`,
      found: `the value ${twice} is listed twice, and equal configurations give equal runs`,
      todo: 'List each value once',
    });
  }
  return { kind: 'list', values };
}

/** A text of a list is read as --set reads it, and as its flag where the field is the choice of a plug-in. */
function valueOf(key: string, path: readonly string[], item: unknown, read: StudyTools['read']): unknown {
  if (typeof item !== 'string') return item;
  if (item === '') {
    throw new InputError('sweep-value-empty', {
      asked: `Vary ${key}`,
      found: 'one of its values is empty',
      todo: 'Write values between commas, such as --vary tying.window=5,10,20, or a range such as 5..20',
    });
  }
  return read.field(path, item, `--vary ${key}`);
}

function range(key: string, one: SweepRange, { fields }: FieldType): SweepRange {
  const found = wrong(one);
  if (fields.length > 0) {
    throw new InputError('sweep-range-invalid', {
      asked: `Vary ${key} between ${one.low} and ${one.high}`,
      found: `${key} is no number; its fields are ${fields.join(', ')}`,
      todo: `Vary one of them: --vary ${key}.${fields[0]}=${one.low}..${one.high}`,
    });
  }
  if (found === undefined) return one;
  throw new InputError('sweep-range-invalid', {
    asked: `Vary ${key} between ${one.low} and ${one.high}`,
    found,
    todo: 'Write low..high, such as 0.1..0.9, log:1e-4..1e-2, 8..64:8 or int:1..9',
  });
}

function wrong({ low, high, scale, step, integer }: SweepRange): string | undefined {
  if (!(low < high)) return `${low} is not below ${high}`;
  if (scale === 'log' && low <= 0) return `a logarithmic range begins above zero, not at ${low}`;
  if (scale === 'log' && step !== null) return 'a logarithmic range takes no step';
  if (step !== null && (step <= 0 || step > high - low)) return `the step ${step} leads nowhere`;
  if (integer && ![low, high, step ?? 1].every(Number.isInteger)) return 'it takes whole numbers';
  return undefined;
}
