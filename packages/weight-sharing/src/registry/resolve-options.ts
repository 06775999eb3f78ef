import { describeIssues, InputError } from '@ligature/core';
import { sharingOptionsSchema, type SharingOptions } from '../sharing-options.js';
import { assertComponents } from './block-parameters.js';

/**
 * Options with every default filled in.
 *
 * @param components all components of the model
 * @throws InputError (`component-unknown`, `sharing-options-invalid`)
 */
export function resolveOptions(
  options: Partial<SharingOptions>,
  components: readonly string[],
): SharingOptions {
  const parsed = sharingOptionsSchema.safeParse(options);
  if (!parsed.success) {
    throw new InputError('sharing-options-invalid', {
      asked: 'Use these options of weight sharing',
      found: describeIssues(parsed.error),
      todo: 'See sharingOptionsSchema for the possible values',
    });
  }
  const tied = parsed.data.components ?? components;
  assertComponents(tied, components);
  if (parsed.data.profile === 'official' && components.some((one) => !tied.includes(one))) {
    throw new InputError('sharing-options-invalid', {
      asked: `Tie only ${tied.join(', ')} under the official profile`,
      found: 'the official code ties whole blocks',
      todo: 'Leave out `components`, or use the clean profile',
    });
  }
  return { ...parsed.data, components: tied };
}
