import type { LigatureEvent } from '@ligature/core';

/** What a script in the page, such as the test, may look at. */
export interface Shown {
  state: 'idle' | 'running' | 'completed' | 'stopped' | 'failed';
  /** Of the run that was started last. */
  losses: number[];
  events: LigatureEvent[];
  error?: string;
}
