import type { RunConfig } from './schema.js';

/** Batches of the validation split that rewards have to themselves: the same for every controller, asked for or not. */
export const batchesSetApart = ({
  probe,
  probeBatches,
}: Pick<RunConfig['tying'], 'probe' | 'probeBatches'>): number => (probe === 'set-apart' ? probeBatches : 0);
