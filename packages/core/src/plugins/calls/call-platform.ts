/**
 * What a platform does for calls into plug-ins beyond what JavaScript can by itself. In every place a call has a name, and
 * an answer that is awaited a time limit; Node (`pluginGuard` of `@ligature/core/node`) also ends code that does not return.
 */
import type { PluginCall, PluginError } from './plugin-call.js';

/** A call whose answer is being waited for. */
export interface OpenCall {
  readonly call: PluginCall;
  /** How long its answer may take; null: as long as it wants. */
  readonly seconds: number | null;
  /** Ends the wait with an error. */
  giveUp(error: PluginError): void;
}

export interface CallPlatform {
  /**
   * Does what a call does before its first `await`.
   *
   * @param seconds null: it is not timed
   * @throws PluginError (`plugin-late`) for one that does not return, and whatever the work throws
   */
  run<T>(call: PluginCall, seconds: number | null, work: () => T): T;
  /** Does what is done so often that nothing may be spent on it but to know what it was. */
  hot<T>(call: PluginCall, work: () => T): T;
  /** Does what a plug-in asks of somebody else, so that it is not taken for work of the plug-in. */
  outside<T>(work: () => T): T;
  /** Told that an answer is waited for; gives what is to be called when that is over. */
  opened(open: OpenCall): () => void;
}

export const everyPlatform: CallPlatform = {
  run: (_call, _seconds, work) => work(),
  hot: (_call, work) => work(),
  outside: (work) => work(),
  opened: () => () => undefined,
};
