import { LigatureError } from '@ligature/core';

/** Whether an error is one for people. By name too: a plug-in may have a copy of the core of its own. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof LigatureError ||
  (error instanceof Error && (error.name === 'InputError' || error.name === 'ContractError'));
