/**
 * Specs of tfjs-core that this backend is known to fail, each with the reason. A spec that is listed and passes fails the
 * run, so that the list never claims more than it must. Nothing that training uses belongs here.
 */
export interface Exclusion {
  /** Full name of the spec, as the run prints it. */
  readonly name: string;
  readonly reason: string;
}

export const EXCLUSIONS: readonly Exclusion[] = [];
