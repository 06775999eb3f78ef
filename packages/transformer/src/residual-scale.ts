/** What attention and MLP add to the residual stream, by the depth of the stack. */
import { z } from 'zod';

export const residualScaleOption = z
  .enum(['none', 'inverse-sqrt', 'inverse'])
  .default('none')
  .describe(
    'What attention and MLP add to the residual stream, for L layers: as it is, times 1/sqrt(L), or times 1/L',
  );

interface Scaled {
  readonly layers: number;
  readonly residualScale: z.output<typeof residualScaleOption>;
}

/**
 * Of tied layers the branches of all L add up coherently: the stream grows like L of them, and not like the sqrt(L) of
 * independent ones that the initialization reckons with. 1/L undoes that, 1/sqrt(L) half of it (arXiv 2606.18524,
 * 2607.13491).
 */
export function residualScale({ layers, residualScale: rule }: Scaled): number {
  if (rule === 'none') return 1;
  return rule === 'inverse' ? 1 / layers : 1 / Math.sqrt(layers);
}
