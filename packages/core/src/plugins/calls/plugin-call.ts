/** Which call into which plug-in, and how it failed. */
import type { PluginKind } from '../../contracts/plugin.js';
import { isEngineError } from '../../engine-error.js';
import { ContractError, type ErrorParts } from '../../errors.js';
import { isOurs, thrownText } from '../../thrown.js';
import { kindName } from '../kinds.js';

export interface PluginCall {
  /** Name of the plug-in. */
  readonly plugin: string;
  /** Kind and name of its entry; left out where the plug-in itself is called. */
  readonly kind?: PluginKind;
  readonly entry?: string;
  /** `snapshot`, or in words what is no method: `the handler "mine" of step.completed`. */
  readonly call: string;
}

/** Whose calls they are. */
export interface Owner {
  readonly plugin: string;
  readonly kind: PluginKind;
  readonly entry: string;
}

/**
 * How a call into a plug-in failed: it threw, did not answer in time, waits for what nothing can bring, ended the process,
 * made nothing that is of use, or something that it had begun failed when nobody waited for it any more.
 */
export type PluginFault = 'threw' | 'late' | 'stuck' | 'exited' | 'made-nothing' | 'failed-later';

/** A call into a plug-in failed. Its code is `plugin-` and the fault; what was thrown is the `cause`. */
export class PluginError extends ContractError {
  constructor(
    readonly call: PluginCall,
    readonly fault: PluginFault,
    parts: Omit<ErrorParts, 'asked'>,
    options?: { cause?: unknown },
  ) {
    super(`plugin-${fault}`, { asked: `Call ${callText(call)}`, ...parts }, options);
  }
}

/** `snapshot of the controller "greedy" of the plug-in "mine"`. */
export const callText = ({ plugin, kind, entry, call }: PluginCall): string =>
  `${call} of ${kind ? `the ${kindName(kind)} "${entry}" of ` : ''}the plug-in "${plugin}"`;

/**
 * What a call threw, with the name of the call. Errors that say for themselves what was asked (ours, and those of an
 * engine that was at work in the call) stay what they are.
 */
export function namedFailure(call: PluginCall, thrown: unknown): unknown {
  if (isOurs(thrown) || isSafelyEngineError(thrown)) return thrown;
  return new PluginError(
    call,
    'threw',
    { found: `it threw ${thrownText(thrown)}`, todo: 'Mend the plug-in; --verbose shows the stack' },
    { cause: thrown },
  );
}

function isSafelyEngineError(thrown: unknown): boolean {
  try {
    return isEngineError(thrown);
  } catch {
    return false;
  }
}

export function tooLate(call: PluginCall, seconds: number): PluginError {
  return new PluginError(call, 'late', {
    found: `it gave no answer within ${seconds} s`,
    todo: 'Mend the plug-in, or raise tying.timeoutSeconds',
  });
}

/** Nothing that could settle its promise is left in the process. */
export function stuck(call: PluginCall): PluginError {
  return new PluginError(call, 'stuck', {
    found:
      'it waits for something that can never come: its promise is open, and the process has nothing left to do',
    todo: 'Mend the plug-in: every promise must be settled',
  });
}
