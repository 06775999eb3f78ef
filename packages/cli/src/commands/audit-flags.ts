import type { RunFlags } from '../config/flags.js';
import type { ExperimentFlags } from './context.js';

/** Flags of `ligature audit`. */
export type AuditFlags = RunFlags &
  ExperimentFlags & {
    readonly list?: boolean;
    /** Sweeps over the layers, of `random-ratio`. */
    readonly sweeps?: string;
  };
