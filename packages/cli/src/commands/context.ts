import type { StartedBy } from '@ligature/run';
import type { Io } from '../io.js';

/** What every command is given besides its own flags. */
export interface Context {
  readonly io: Io;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** What was typed, as manifests keep it. */
  readonly command: StartedBy;
  /** Flags that are options of the model, by the options' names: which there are depends on the model. */
  readonly modelOptions: readonly string[];
}

/** Flags that `train` and `compare` share besides those that fill the configuration. */
export interface ExperimentFlags {
  readonly config?: string;
  readonly name?: string;
  readonly printConfig?: boolean;
}
