/** What a provider's process says to the command. */
import type { StepCheck } from '@ligature/run';

export type FromProvider =
  | ({ readonly kind: 'computed'; readonly version: string; readonly detail: string } & Omit<
      StepCheck,
      'deviation'
    > & { readonly deviation: number | null })
  | { readonly kind: 'refused'; readonly reason: string; readonly todo: string };
