/** A plan's names, checked before the first trial. */
import {
  InputError,
  unknownName,
  type MetricSpec,
  type PlannedContrast,
  type RunConfig,
} from '@ligature/core';

/** What the contrasts of a study may be about. */
export interface Contrastable {
  /** What is set against each other, as the study calls it. */
  readonly names: readonly string[];
  /** What these are, for a message: `controllers of compare.controllers`. */
  readonly are: string;
  /** What the plan writes, as the study calls it. @throws InputError */
  read(text: string, place: string): string;
  /** Those of the task. */
  readonly metrics: readonly MetricSpec[];
  /** Labels of the datasets; empty where there is one. */
  readonly texts: readonly string[];
}

/**
 * A plan whose names are those of the study.
 *
 * @throws InputError (`plan-invalid`, `unknown-contrast`, `unknown-metric`, and those of `read`)
 */
export function settledPlan(
  config: RunConfig,
  { names, are, read, metrics, texts }: Contrastable,
): RunConfig {
  const { plan } = config;
  if (plan === undefined) return config;
  const named = (text: string, place: string): string => {
    const label = read(text, place);
    if (names.includes(label)) return label;
    throw unknownName('contrast', label, names, `name ${are} in ${place}`);
  };
  const settled = (one: PlannedContrast, place: string): PlannedContrast => {
    const [of, against] = [named(one.of, `${place}.of`), named(one.against, `${place}.against`)];
    if (of === against) throw invalid(place, `${of} is set against itself`, 'Name two different ones');
    const known = metrics.map(({ name }) => name);
    if (one.metric !== null && !known.includes(one.metric))
      throw unknownName('metric', one.metric, known, `see ${place}.metric`);
    if (one.dataset !== null && !texts.includes(one.dataset)) {
      if (texts.length === 0)
        throw invalid(place, 'it names a dataset, and there is one alone', `Leave out ${place}.dataset`);
      throw unknownName('contrast', one.dataset, texts, `name a dataset of compare.datasets in ${place}`);
    }
    return { ...one, of, against };
  };
  return {
    ...config,
    plan: {
      ...plan,
      primary: settled(plan.primary, 'plan.primary'),
      secondary: plan.secondary.map((one, index) => settled(one, `plan.secondary[${index}]`)),
    },
  };
}

const invalid = (place: string, found: string, todo: string): InputError =>
  new InputError('plan-invalid', { asked: `Plan the contrast ${place}`, found, todo });
