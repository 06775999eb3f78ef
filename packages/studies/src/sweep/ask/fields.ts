/** Which fields a sweep varies: from the names that people write to paths, values and headings. */
import { InputError, unknownName, type RunConfig, type StudyTools } from '@ligature/core';
import type { SweepDimension, SweepField } from '../types.js';
import { sweepDimensionText } from '../value-text.js';
import { dimensionOf, type Written } from './dimension.js';
import { fieldType, namesOf } from './field-type.js';

/** Fields that say how trials are run, and not what they are. */
const NOT_VARIED: readonly string[] = [
  ...['seed', 'compare', 'sweep', 'plan', 'plugins', 'out', 'recorders', 'eventLog'],
];

/**
 * @param vary fields and values as the configuration writes them
 * @throws InputError (`sweep-empty`, `sweep-field-fixed`, `sweep-field-twice`, and those of paths and values)
 */
export function fieldsOf(
  vary: Readonly<Record<string, Written>>,
  config: RunConfig,
  { host, read }: Pick<StudyTools, 'host' | 'read'>,
): SweepField[] {
  const paths = Object.entries(vary).map(([key, written]) => ({ key, written, path: pathOf(key, read) }));
  if (paths.length === 0) {
    throw new InputError('sweep-empty', {
      asked: 'Sweep over fields of the configuration',
      found: 'none is given',
      todo: 'Give some with --vary, such as --vary tying.window=5,10,20, or as sweep.vary in the file',
    });
  }
  const joined = paths.map(({ path }) => path.join('.'));
  const twice = joined.find((path, index) => joined.indexOf(path) !== index);
  if (twice !== undefined) {
    throw new InputError('sweep-field-twice', {
      asked: `Vary ${paths.map(({ key }) => key).join(', ')}`,
      found: `${twice} is among them twice`,
      todo: 'Name each field once',
    });
  }
  const variedNames = new Map<string, readonly unknown[]>();
  // Choices first: whether an option is a whole number depends on whose option it is.
  const dimensions = new Map<string, SweepDimension>();
  for (const { key, path, written } of [...paths].sort((a, b) => a.path.length - b.path.length)) {
    const [first = ''] = path;
    const names = namesOf(first, config, variedNames.get(first) ?? []);
    const dimension = dimensionOf(key, path, written, fieldType(path, names, host), read);
    if (dimension.kind === 'list' && (path.length === 1 || path[1] === 'name')) {
      variedNames.set(first, dimension.values);
    }
    dimensions.set(path.join('.'), dimension);
  }
  return joined.map((path) => {
    const dimension = dimensions.get(path) as SweepDimension;
    return { path, name: shortName(path, joined), dimension, text: sweepDimensionText(dimension) };
  });
}

/**
 * `controller.epsilon.start` is an option of the controller, `model.layers` one of the model, and `window` what the flag of
 * that name sets.
 *
 * @throws InputError (`set-invalid`, `sweep-field-fixed`)
 */
function pathOf(key: string, read: StudyTools['read']): string[] {
  const flag = read.short[key];
  const path = flag ? [...flag] : read.path(key, `--vary ${key}`);
  const [first = '', second] = path;
  if (NOT_VARIED.includes(first)) {
    throw new InputError('sweep-field-fixed', {
      asked: `Vary ${key}`,
      found: `${first} says how trials are run, not what they are`,
      todo:
        first === 'seed'
          ? 'Use --seeds to train each configuration with several seeds'
          : 'Vary another field',
    });
  }
  const option =
    read.choices.includes(first) && second !== undefined && second !== 'name' && second !== 'options';
  return option ? [first, 'options', ...path.slice(1)] : path;
}

/** The path without its section, where that tells it from the others. */
function shortName(path: string, all: readonly string[]): string {
  const written = (one: string): string => one.replace('.options.', '.');
  const parts = written(path).split('.');
  const end = parts.slice(1).join('.');
  const alone = all.filter((one) => `.${written(one)}`.endsWith(`.${end}`)).length === 1;
  return end !== '' && alone ? end : parts.join('.');
}

/** The fields of the picture. @throws InputError (`unknown-axis`) */
export function axesOf(
  asked: readonly string[] | null,
  fields: readonly SweepField[],
  read: StudyTools['read'],
): string[] {
  const several = fields.filter(({ dimension }) => dimension.kind === 'range' || dimension.values.length > 1);
  const chosen = several.length > 0 ? several : fields;
  if (asked === null) return chosen.slice(0, 2).map(({ path }) => path);
  return asked.map((axis) => {
    const key = pathOf(axis, read).join('.');
    const field = fields.find(({ path, name }) => path === key || name === axis);
    if (field) return field.path;
    throw unknownName(
      'axis',
      axis,
      fields.map(({ path }) => path),
      'vary it too',
    );
  });
}
