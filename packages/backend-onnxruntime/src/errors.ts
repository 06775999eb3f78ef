/** What went wrong in the engine, whose part it was, and what to do about it. */
export type OnnxRuntimeErrorCode =
  | 'binary-missing'
  | 'provider-unavailable'
  | 'graph-refused'
  | 'run-failed'
  | 'out-of-memory'
  | 'device-lost'
  | 'not-compilable'
  | 'options-invalid';

export class OnnxRuntimeError extends Error {
  override readonly name = 'OnnxRuntimeError';

  /**
   * @param found what happened, naming the kernel or provider
   * @param todo what to do
   */
  constructor(
    readonly code: OnnxRuntimeErrorCode,
    readonly found: string,
    readonly todo: string,
    options?: ErrorOptions,
  ) {
    super(`${found}. ${todo}.`, options);
  }
}
